"""Asked for: what a person does with a connection or a run, over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import selectors
from integrations.api.errors import NangoView
from integrations.api.serializers import (
    ConnectionSerializer,
    DecisionSerializer,
    RunSerializer,
    SessionRequestSerializer,
    SessionSerializer,
)
from integrations.api.views import show_connection, show_run
from integrations.models import PROVIDER_NAMES, Connection
from integrations.services.connect import disconnect, open_session
from integrations.services.decisions import ask_undo, decide_run, pause_connection, start_sync
from memories.api.views import require_object

ERASE = {"keep": False, "erase": True}


class SessionView(NangoView):
    """A session at Nango, in whose page the person gives access: `{"provider"}` connects an account, `{"connection"}` renews one."""

    @extend_schema(request=SessionRequestSerializer, responses={201: SessionSerializer})
    def post(self, request: Request) -> Response:
        body = require_object(request.data)
        connection = self.find_connection(body) if "connection" in body else None
        provider = connection.provider if connection else read_provider(body)
        session = open_session(user=self.person, provider=provider, connection=connection)
        return Response(SessionSerializer(session).data, status=status.HTTP_201_CREATED)

    def find_connection(self, body: dict[str, Any]) -> Connection:
        """The person's connection that a body names; 404 for anybody else's."""
        pk = body["connection"]
        if not isinstance(pk, int) or isinstance(pk, bool):
            raise ValidationError({"connection": ["must be the id of a connection"]})
        return selectors.get_connection(user=self.person, pk=pk)


class ConnectionView(NangoView):
    """One account at a provider: read it, disconnect it."""

    @extend_schema(responses=ConnectionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(show_connection(user=self.person, pk=pk))

    @extend_schema(
        parameters=[OpenApiParameter("memories", OpenApiTypes.STR, enum=tuple(ERASE), description="'keep' if missing")],
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        connection = selectors.get_connection(user=self.person, pk=pk)
        answer = request.query_params.get("memories", "keep")
        if answer not in ERASE:
            raise ValidationError({"memories": ["must be 'keep' or 'erase'"]})
        disconnect(connection=connection, erase=ERASE[answer])
        return Response(status=status.HTTP_204_NO_CONTENT)


class SyncView(NangoView):
    """Sync now: the go-ahead for a new connection, and how a paused one goes on."""

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        run = start_sync(connection=selectors.get_connection(user=self.person, pk=pk))
        return Response(show_run(user=self.person, pk=run.pk), status=status.HTTP_202_ACCEPTED)


class PauseView(NangoView):
    """No more syncs until the person asks for one."""

    @extend_schema(request=None, responses=ConnectionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        pause_connection(connection=selectors.get_connection(user=self.person, pk=pk))
        return Response(show_connection(user=self.person, pk=pk))


class DecisionView(NangoView):
    """The answer to a held run: `accept` lets it go on, otherwise it stops and the memories it would delete stay."""

    @extend_schema(request=DecisionSerializer, responses=RunSerializer)
    def post(self, request: Request, pk: int) -> Response:
        run = selectors.get_run(user=self.person, pk=pk)
        decide_run(run=run, accept=read_answer(request.data))
        return Response(show_run(user=self.person, pk=pk))


class UndoView(NangoView):
    """Undo a run: what it touched, and nobody touched since, becomes what it was before."""

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        ask_undo(run=selectors.get_run(user=self.person, pk=pk))
        return Response(show_run(user=self.person, pk=pk), status=status.HTTP_202_ACCEPTED)


def read_provider(body: dict[str, Any]) -> str:
    """The slug of the provider to connect; raises ValidationError unless we know it."""
    slug = body.get("provider")
    known = dict(PROVIDER_NAMES)
    if not isinstance(slug, str) or slug not in known:
        raise ValidationError({"provider": [f"must be one of {', '.join(known)}"]})
    return slug


def read_answer(body: Any) -> bool:
    """The `accept` of a body; raises ValidationError unless it is true or false itself."""
    answer = body.get("accept") if isinstance(body, dict) else None
    if not isinstance(answer, bool):
        raise ValidationError({"accept": ["must be true or false"]})
    return answer
