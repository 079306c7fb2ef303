"""Everything that pages and endpoints of this app read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, reduce
from itertools import combinations
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from graph.enrichment.scoring import summarise
from graph.models import (
    EnrichedRelationship,
    Entity,
    PredictedRelationship,
    PredictionScore,
    Relationship,
    SeasonalPattern,
    Series,
    Suspicion,
    TemporalPattern,
    Tie,
)
from memories.selectors import list_recent_with_entities

GRAPH = "SELECT * FROM read_graph(%s, %s, %s, %s, %s)"  # graph/sql/read_v2.sql
CHANGES = {  # a function each, in graph/sql/changes_v1.sql
    "entities": "SELECT * FROM read_changes_of_entities(%(user)s, %(since)s)",
    "memories": "SELECT * FROM read_changes_of_memories(%(user)s, %(since)s)",
}
TOP_ENTITIES = 6
EXPECTED_DAYS = 30
HIDDEN = Q(entity_a__hidden=True) | Q(entity_b__hidden=True)


@dataclass(frozen=True, slots=True)
class GraphQuestion:
    """What `graph/` was asked. `limit` (nodes), `edges` and `focus` None mean all; `drawing` asks for the page's compact form."""

    view: str = "entities"
    limit: int | None = None
    edges: int | None = None
    min_importance: float = 0.0
    focus: int | None = None
    as_of: date | None = None
    drawing: bool = False

    @property
    def shape(self) -> str:
        """One word for the question, by which its answer is kept."""
        return f"{self.view} {say_asked(self)}"


@lru_cache(maxsize=1024)
def say_asked(question: GraphQuestion) -> str:
    """What of a question is not as usual, as JSON: a parameter of the statement."""
    names = ("limit", "edges", "min_importance", "focus", "as_of", "drawing")
    given = {name: getattr(question, name) for name in names}
    return json.dumps({name: value for name, value in given.items() if value}, default=str)


FIRST_SLICE = GraphQuestion(limit=150, edges=300, drawing=True)  # what the page paints first: 4 to 6 kB
KEPT = (GraphQuestion(), GraphQuestion(drawing=True), FIRST_SLICE, GraphQuestion(view="memories"))


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """`packed` (JSON in a zstd frame) was kept, `body` (JSON) was made; neither: `version` is the one of `known` that still holds.

    `age` is the view's, in seconds; None before its first refresh.
    """

    version: str
    packed: bytes | None
    body: str | None
    age: float | None


def read_graph(*, user_id: int, question: GraphQuestion, known: Sequence[str] = ()) -> GraphAnswer:
    """The person's graph by one statement; nothing is read of it when one of the known versions still holds."""
    with connection.cursor() as cursor:
        cursor.execute(GRAPH, [question.view, user_id, question.shape, " ".join(known), say_asked(question)])
        version, packed, body, age = cursor.fetchone()
    return GraphAnswer(
        version=version,
        packed=None if packed is None else bytes(packed),
        body=body,
        age=None if age is None else float(age),
    )


def read_changes(*, user_id: int, view: str, since: str) -> tuple[str, str] | None:
    """The version that is reached and the delta as JSON, by one statement; None where `since` is too old or not ours."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES[view], {"user": user_id, "since": since})
        version, body = cursor.fetchone()
    return None if version is None else (version, body)


def read_small_graph(*, user_id: int) -> dict[str, Any]:
    """The latest 50 memories that have entities, drawn from what is stored with them: one query, nothing extracted."""
    nodes: dict[Any, dict[str, Any]] = {}
    ties: dict[tuple[Any, Any], int] = {}
    for _, day, entities in list_recent_with_entities(user_id=user_id):
        named = {}
        for mention in entities:
            named[mention["entity_id"] or f"{mention['kind']}:{mention['key']}"] = mention
        for identity, mention in named.items():
            node = nodes.setdefault(identity, {"mention": mention, "memories": 0, "first": day, "last": day})
            node["memories"] += 1
            node["first"], node["last"] = min(node["first"], day), max(node["last"], day)
        for pair in combinations(sorted(named, key=str), 2):
            ties[pair] = ties.get(pair, 0) + 1
    return make_columns(nodes=nodes, ties=ties)


def make_columns(*, nodes: Mapping[Any, dict[str, Any]], ties: Mapping[tuple[Any, Any], int]) -> dict[str, Any]:
    """The columns of the contract for a small graph."""
    most = max((node["memories"] for node in nodes.values()), default=1)
    rows = list(nodes.values())
    return {
        "nodes": {
            "id": list(nodes),
            "kind": [node["mention"]["kind"] for node in rows],
            "label": [node["mention"]["text"] for node in rows],
            "memories": [node["memories"] for node in rows],
            "importance": [round(node["memories"] / most, 4) for node in rows],
            "community": [0] * len(rows),
            "x": [round(((i * 0.618034) % 1) * 2 - 1, 4) for i in range(len(rows))],
            "y": [round(((i * 0.414214) % 1) * 2 - 1, 4) for i in range(len(rows))],
            "first_seen": [node["first"] for node in rows],
            "last_seen": [node["last"] for node in rows],
        },
        "edges": {
            "id": list(range(1, len(ties) + 1)),
            "source": [a for a, _ in ties],
            "target": [b for _, b in ties],
            "type": ["tie"] * len(ties),
            "weight": list(ties.values()),
            "layers": [0] * len(ties),
        },
        "version": "small",
        "complete": False,
    }


def find_tie(*, user_id: int, pk: int) -> Tie | None:
    """A tie of this person with its two entities."""
    rows = Tie.objects.filter(user_id=user_id, pk=pk).select_related("a", "b")
    return rows.first()


def find_tie_between(*, user_id: int, one: int, other: int) -> Tie | None:
    """The tie of two entities of this person, in whatever order."""
    rows = Tie.objects.filter(user_id=user_id, a_id=min(one, other), b_id=max(one, other)).select_related("a", "b")
    return rows.first()


def find_relationship(*, user_id: int, pk: int) -> Relationship | None:
    """A relationship of this person with its two memories."""
    rows = Relationship.objects.filter(user_id=user_id, pk=pk).select_related("source_event", "target_event")
    return rows.first()


def list_series(*, user_id: int, entity: int | None = None, layer: str = "") -> Any:
    """Series of which a layer (2, 3, 6, or any of them) says something; of one entity, alone or with others."""
    said = {
        "temporal": Exists(
            TemporalPattern.objects.filter(user_id=user_id, series_id=OuterRef("pk"), status="computed")
        ),
        "seasonal": Exists(
            SeasonalPattern.objects.filter(user_id=user_id, series_id=OuterRef("pk"), status="computed")
        ),
        "prediction": Exists(
            PredictedRelationship.objects.filter(user_id=user_id, series_id=OuterRef("pk"), status="computed")
        ),
    }
    rows: Any = Series.objects.filter(said[layer] if layer else reduce(or_, said.values()), user_id=user_id)
    rows = rows.exclude(pk__in=Series.objects.filter(user_id=user_id).filter(HIDDEN).values("pk"))
    if entity is not None:
        rows = rows.filter(Q(entity_a_id=entity) | Q(entity_b_id=entity))
    return rows.order_by("-days", "id")


def list_suspicions(*, user_id: int) -> Any:
    """What a person should look at."""
    return Suspicion.objects.filter(user_id=user_id)


def list_relationships(*, user_id: int, relationship_type: str = "", layer: int | None = None) -> Any:
    """Rows of the view, all columns; `layer` is 1 to 9."""
    live = Relationship.objects.filter(user_id=user_id, pk=OuterRef("pk"))
    rows: Any = EnrichedRelationship.objects.filter(Exists(live), user_id=user_id)
    if relationship_type:
        rows = rows.filter(relationship_type=relationship_type)
    if layer is not None:
        rows = rows.extra(where=["layers & %s <> 0"], params=[1 << (layer - 1)])
    return rows.order_by("id")


def list_entities(*, user_id: int, words: str = "", kind: str = "") -> Any:
    """Shown entities by name and kind."""
    rows: Any = Entity.objects.shown().filter(user_id=user_id)
    if words:
        rows = rows.filter(name__icontains=words)
    return rows.filter(kind=kind) if kind else rows


def list_names(*, user_id: int, entity_id: int) -> list[dict[str, Any]]:
    """The leaves of an entity as its memories spell them most often, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.kind, mode() WITHIN GROUP (ORDER BY m.text), count(DISTINCT m.memory_id) FROM normalized_entities l"
            " JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id"
            " WHERE l.user_id = %s AND l.canonical_id = %s GROUP BY l.id ORDER BY 4 DESC, l.id",
            [user_id, entity_id],
        )
        rows = cursor.fetchall()
    return [{"id": pk, "kind": kind, "name": name, "memories": memories} for pk, kind, name, memories in rows]


def read_dashboard(*, user: Any, today: date) -> dict[str, Any]:
    """This app's part of the dashboard."""
    shown: Any = Entity.objects.shown().filter(user_id=user.pk)
    counts = dict(shown.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    ranked = shown.order_by("-importance", "pk").values("id", "name", "memories")
    top = {kind: list(ranked.filter(kind=kind)[:TOP_ENTITIES]) for kind in counts}
    return {
        "entities": counts,
        "top": top,
        "expected": list_expected(user_id=user.pk, today=today),
        "prediction_record": read_prediction_record(user_id=user.pk),
        "suspicions": list_suspicions(user_id=user.pk).count(),
    }


def list_expected(*, user_id: int, today: date) -> list[dict[str, Any]]:
    """What is expected in the next weeks by its calendar rule, the next first."""
    rows = PredictedRelationship.objects.filter(
        user_id=user_id, kind="next", status="computed", series__entity_b_id__isnull=True,
        series__entity_a__hidden=False, expected_on__range=(today, today + timedelta(days=EXPECTED_DAYS)),
    )  # fmt: skip
    names = (
        "series__entity_a_id",
        "series__entity_a__name",
        "expected_on",
        "prediction_confidence",
        "prediction_reason",
    )
    found = rows.order_by("expected_on", "-prediction_confidence", "pk").values_list(*names)[:TOP_ENTITIES]
    return [
        {"entity": {"id": pk, "name": name}, "expected_on": day, "confidence": confidence, "why": reason}
        for pk, name, day, confidence, reason in found
    ]


def read_prediction_record(*, user_id: int) -> dict[str, Any] | None:
    """How the person's predictions that came due turned out; None before the first."""
    rows = PredictionScore.objects.filter(user_id=user_id, outcome__isnull=False).order_by("pk")
    record = summarise(
        (confidence, outcome == "hit") for confidence, outcome in rows.values_list("confidence", "outcome")
    )
    if not record.number:
        return None
    return {"due": record.number, "hits": record.hits, "promised": record.promised, "why": str(record)}
