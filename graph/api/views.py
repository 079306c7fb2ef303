"""Served: the graph over REST."""

import re
import time
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from graph import selectors
from graph.api.entities import find_entity
from graph.api.serializers import EnrichedRelationshipSerializer, EntitySerializer
from graph.enrichment import LAYER_NAMES
from graph.flags import serves_precomputed_graph
from graph.models import KINDS
from graph.selectors import GraphQuestion
from graph.serve import serve_graph
from graph.services.describe import describe_series, describe_suspicions
from graph.services.explain import OF_SERIES, explain_relationship, explain_tie
from memories.api.base import PersonView
from memories.api.views import read_number
from memories.compression import choose_encoding, compress_body
from memories.selectors import read_day

QUESTION = [
    OpenApiParameter("view", OpenApiTypes.STR, enum=["entities", "memories"]),
    OpenApiParameter("limit", OpenApiTypes.INT, description="the most important so many nodes; all if missing"),
    OpenApiParameter("edges", OpenApiTypes.INT, description="the strongest so many edges; all if missing"),
    OpenApiParameter("min_importance", OpenApiTypes.FLOAT, description="0 to 1"),
    OpenApiParameter("focus", OpenApiTypes.INT, description="a node's id: it and its neighbours"),
    OpenApiParameter("as_of", OpenApiTypes.DATE, description="what was there on that day"),
    OpenApiParameter(
        "as",
        OpenApiTypes.STR,
        enum=["columns", "drawing"],
        description="drawing: what a picture needs, numbers rounded; edges name the rows of their nodes and have no ids",
    ),
]
MOST_KNOWN = 8
VERSION = re.compile("[0-9a-f]{1,16}-[0-9:,]{3,}")


class GraphView(PersonView):
    """The whole graph in columns, by one query; `If-None-Match` with its version answers 304."""

    @extend_schema(parameters=QUESTION, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> HttpResponse:
        question = read_question(request.query_params)
        if not serves_precomputed_graph(request):
            return Response(selectors.read_small_graph(user_id=self.person.pk))
        meter = QueryMeter()
        known = read_known(request)
        encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
        with connection.execute_wrapper(meter):
            served = serve_graph(user_id=self.person.pk, question=question, known=known, encoding=encoding)
        answer = answer_json(served.content, encoding=encoding)
        answer.headers["ETag"] = f'W/"{served.version}"'
        age = "never" if served.age is None else f"{served.age:.0f} s"
        answer.headers["Server-Timing"] = f'{meter.describe()}, view;desc="{age}"'
        return answer


class ChangesView(PersonView):
    """What changed since a version that `graph/` or this endpoint gave, by one query; 410 when that version is too old."""

    @extend_schema(
        parameters=[OpenApiParameter("since", required=True), OpenApiParameter("view", enum=list(selectors.CHANGES))],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> HttpResponse:
        view = read_view(request.query_params)
        since = request.query_params.get("since", "")
        if not since:
            raise ValidationError({"since": ["Give the version that you have."]})
        meter = QueryMeter()
        changes = None
        if VERSION.fullmatch(since) and serves_precomputed_graph(request):
            with connection.execute_wrapper(meter):
                changes = selectors.read_changes(user_id=self.person.pk, view=view, since=since)
        if changes is None:
            return Response({"detail": "This version is too old or unknown: read graph/ whole."}, status=410)
        encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
        answer = answer_json(compress_body(changes[1].encode(), encoding=encoding), encoding=encoding)
        answer.headers["Server-Timing"] = meter.describe()
        return answer


def answer_json(content: bytes | None, *, encoding: str) -> HttpResponse:
    """JSON that is packed already, for this client alone; None: it has the same already."""
    answer = HttpResponse(content or b"", content_type="application/json", status=304 if content is None else 200)
    if content is not None and encoding:
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Authorization, Cookie, Accept-Encoding"
    return answer


class QueryMeter:
    """Counts and times the statements of a read, for `Server-Timing`."""

    def __init__(self) -> None:
        self.queries = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's signature
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - begun

    def describe(self) -> str:
        return f'queries;desc="{self.queries}", db;dur={self.seconds * 1000:.1f}'


class WhyRelationshipView(PersonView):
    """Every layer's word on a relationship of two memories."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        relationship = selectors.find_relationship(user_id=self.person.pk, pk=pk)
        if relationship is None:
            raise Http404
        return Response(explain_relationship(relationship))


class WhyTieView(PersonView):
    """Every layer's word on the tie of two entities, and the memories that name both."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        tie = selectors.find_tie(user_id=self.person.pk, pk=pk)
        if tie is None:
            raise Http404
        return Response(explain_tie(tie))


class WhyPairView(PersonView):
    """The same of two entities by their own ids, in any order: what the page's drawing knows of a tie."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, a: int, b: int) -> Response:
        one, other = (find_entity(user_id=self.person.pk, pk=pk).pk for pk in (a, b))
        tie = selectors.find_tie_between(user_id=self.person.pk, one=one, other=other)
        if tie is None:
            raise Http404
        return Response(explain_tie(tie))


class RelationshipsView(PersonView):
    """Rows of the view, all columns."""

    @extend_schema(
        parameters=[OpenApiParameter("type"), OpenApiParameter("layer", OpenApiTypes.INT, description="1 to 9")],
        responses=EnrichedRelationshipSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        layer = request.query_params.get("layer", "")
        if layer and layer not in set("123456789"):
            raise ValidationError({"layer": [f"'{layer[:40]}' is not a layer from 1 to 9."]})
        rows = selectors.list_relationships(
            user_id=self.person.pk,
            relationship_type=request.query_params.get("type", "").replace("\x00", ""),
            layer=int(layer) if layer else None,
        )
        return self.paginate(rows, request=request, serializer=EnrichedRelationshipSerializer, ordering=("id",))


class SeriesView(PersonView):
    """What recurs, has a season or is expected, by entity or pair of entities."""

    @extend_schema(
        parameters=[
            OpenApiParameter("entity", OpenApiTypes.INT),
            OpenApiParameter("layer", OpenApiTypes.STR, enum=list(OF_SERIES)),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        layer, entity = request.query_params.get("layer", ""), request.query_params.get("entity")
        names = {str(LAYER_NAMES.index(name) + 1): name for name in OF_SERIES}
        layer = names.get(layer, layer)
        if layer and layer not in OF_SERIES:
            raise ValidationError({"layer": [f"'{layer[:40]}' is not one of {', '.join(OF_SERIES)}."]})
        pk = find_entity(user_id=self.person.pk, pk=read_id(entity, field="entity")).pk if entity else None
        rows = selectors.list_series(user_id=self.person.pk, entity=pk, layer=layer)
        return self.paginate_as(rows, request=request, shape=describe_series, ordering=("-days", "id"))


class SuspicionsView(PersonView):
    """Memories that a person should look at, each with the reason."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        rows = selectors.list_suspicions(user_id=self.person.pk)
        return self.paginate_as(rows, request=request, shape=describe_suspicions, ordering=("-id",))


class EntitiesView(PersonView):
    """The person's entities, by importance or name."""

    @extend_schema(
        parameters=[OpenApiParameter("q"), OpenApiParameter("kind"), OpenApiParameter("ordering")],
        responses=EntitySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        kind = request.query_params.get("kind", "")
        if kind and kind not in dict(KINDS):
            raise ValidationError({"kind": [f"'{kind[:40]}' is not one of {', '.join(dict(KINDS))}."]})
        words = request.query_params.get("q", "").replace("\x00", "")
        rows = selectors.list_entities(user_id=self.person.pk, words=words, kind=kind)
        ordering = read_ordering(request.query_params.get("ordering", "-importance"))
        return self.paginate(rows, request=request, serializer=EntitySerializer, ordering=ordering)


def read_question(params: Any) -> GraphQuestion:
    """What was asked; raises ValidationError naming the field."""
    limit, edges, focus, as_of = (params.get(name) for name in ("limit", "edges", "focus", "as_of"))
    return GraphQuestion(
        view=read_view(params),
        limit=read_number(limit, field="limit", most=10**6) if limit else None,
        edges=read_number(edges, field="edges", most=10**7) if edges else None,
        min_importance=read_share(params.get("min_importance", "0"), field="min_importance"),
        focus=read_id(focus, field="focus") if focus else None,
        as_of=read_day(as_of, field="as_of") if as_of else None,
        drawing=read_choice(params, field="as", choices=("columns", "drawing")) == "drawing",
    )


def read_view(params: Any) -> str:
    """`entities` (if missing) or `memories`; raises ValidationError naming the field."""
    return read_choice(params, field="view", choices=("entities", "memories"))


def read_choice(params: Any, *, field: str, choices: Sequence[str]) -> str:
    """One of the choices, the first if missing; raises ValidationError naming the field."""
    given: str = params.get(field, choices[0])
    if given not in choices:
        raise ValidationError({field: [f"'{given[:40]}' is not one of {', '.join(choices)}."]})
    return given


def read_id(text: str, *, field: str) -> int:
    """An id; raises ValidationError naming the field."""
    return read_number(text, field=field, most=2**63 - 1)


def read_share(text: str, *, field: str) -> float:
    """A number from 0 to 1; raises ValidationError naming the field."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise ValidationError({field: [f"'{text[:40]}' is not a number from 0 to 1."]})
    return share


def read_known(request: Request) -> list[str]:
    """Versions that the client holds, weak or strong; of very many the first, and none that cannot be ours."""
    etags = [etag.removeprefix("W/").strip('"') for etag in parse_etags(request.headers.get("If-None-Match", ""))]
    return [etag for etag in etags[:MOST_KNOWN] if VERSION.fullmatch(etag)]


def read_ordering(text: str) -> tuple[str, str]:
    """`importance`, `name`, `memories`, `first_seen` or `last_seen`, `-` before it for falling."""
    if text.removeprefix("-") not in ("importance", "name", "memories", "first_seen", "last_seen"):
        raise ValidationError({"ordering": [f"cannot order by '{text[:40]}'"]})
    return (text, "id")
