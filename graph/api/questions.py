"""Served: questions of the graph's shape over REST: paths, neighbours, stats."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from graph.api.views import read_id
from graph.questions import End, find_ends, read_stats
from graph.services.paths import explain_paths
from memories.api.base import PersonView
from memories.api.views import read_number

MOST_PATHS = 5


class PathView(PersonView):
    """How two entities are connected: the best ways over ties, strong ones first, each step explained; by three queries."""

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.INT, required=True, description="an entity's id"),
            OpenApiParameter("to", OpenApiTypes.INT, required=True, description="another's"),
            OpenApiParameter("k", OpenApiTypes.INT, description="so many ways, 1 to 5; 3 if missing"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        most = read_number(request.query_params.get("k", "3"), field="k", most=MOST_PATHS)
        source, target = self.find_ends(request)
        return Response(explain_paths(user_id=self.person.pk, source=source, target=target, most=most))

    def find_ends(self, request: Request) -> tuple[End, End]:
        """The two entities that are asked about; raises Http404 and ValidationError naming the field."""
        asked = [_read_end(request, field=field) for field in ("from", "to")]
        source, target = find_ends(user_id=self.person.pk, asked=asked)
        if source is None or target is None:
            raise Http404
        if source.id == target.id:
            raise ValidationError({"to": [f"{target.name} is at both ends."]})
        return source, target


def _read_end(request: Request, *, field: str) -> int:
    text = request.query_params.get(field)
    if not text:
        raise ValidationError({field: ["Give the id of an entity."]})
    return read_id(text, field=field)


class StatsView(PersonView):
    """Counts, density, components and communities of both views, by one query."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(read_stats(user_id=self.person.pk))
