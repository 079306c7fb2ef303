"""What every endpoint of the API stands on."""

from collections.abc import Callable
from typing import Any, cast

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from memories.api.authentication import TokenAuthentication
from memories.api.pagination import Cursor
from memories.api.parsers import SoundJSONParser
from memories.models import User


class Endpoint(APIView):
    """An endpoint of the API; what it answers is nobody's to keep unless it says so itself."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    parser_classes = (SoundJSONParser,)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class PersonView(Endpoint):
    """An endpoint for somebody who is logged in; everything it reads is theirs."""

    @property
    def person(self) -> User:
        return cast("User", self.request.user)

    def paginate(self, rows: Any, *, request: Request, serializer: Any, ordering: tuple[str, ...]) -> Response:
        """One page of rows by cursor."""
        return self.paginate_as(
            rows, request=request, shape=lambda page: serializer(page, many=True).data, ordering=ordering
        )

    def paginate_as(
        self, rows: Any, *, request: Request, shape: Callable[[Any], Any], ordering: tuple[str, ...]
    ) -> Response:
        """One page of rows by cursor, made to JSON together."""
        paginator = Cursor()
        paginator.ordering = ordering  # type: ignore[assignment]
        page: Any = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(shape(page))
