"""Everything that pages and endpoints of this app read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef

from graph.models import EnrichedRelationship, Entity, Relationship, Tie
from graph.nearness import NEAR_CHARACTERS, WHOLE_CHARACTERS
from graph.sql import read_sql
from memories.selectors import list_recent_with_entities

EVERYTHING = 2**31 - 1
STATEMENTS = {  # a function each, in graph/sql/read_v1.sql
    "entities": "SELECT * FROM read_graph_of_entities("
    "%(user)s, %(shape)s, %(known)s::text[], %(limit)s, %(min_importance)s, %(focus)s::bigint, %(as_of)s::date)",
    "memories": "SELECT * FROM read_graph_of_memories("
    "%(user)s, %(shape)s, %(known)s::text[], %(limit)s, %(min_importance)s, %(focus)s::bigint, %(as_of)s::date)",
}
TOP_ENTITIES = 6


@dataclass(frozen=True, slots=True)
class GraphQuestion:
    """What `graph/` was asked. `limit` and `focus` None mean all."""

    view: str = "entities"
    limit: int | None = None
    min_importance: float = 0.0
    focus: int | None = None
    as_of: date | None = None

    @property
    def shape(self) -> str:
        """Part of the version that tells two questions apart."""
        parts = (self.view[0], self.limit, self.min_importance or None, self.focus, self.as_of)
        return "." + "_".join("" if part is None else str(part) for part in parts).rstrip("_")


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """`body` is JSON text, None when the client already has this version; `age` is the view's, in seconds."""

    version: str
    body: str | None
    age: float | None


def read_graph(*, user_id: int, question: GraphQuestion, known: Sequence[str] = ()) -> GraphAnswer:
    """The person's graph by one statement; only its version is worked out when the client already knows that."""
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENTS[question.view],
            {
                "user": user_id,
                "shape": question.shape,
                "known": list(known),
                "limit": question.limit or EVERYTHING,
                "min_importance": question.min_importance,
                "focus": question.focus,
                "as_of": question.as_of,
            },
        )
        version, body, age = cursor.fetchone()
    return GraphAnswer(version=version, body=body, age=None if age is None else float(age))


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


def read_stats(*, user_id: int) -> dict[str, Any]:
    """Counts, density, communities of both views of the graph."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("stats_v1.sql"), {"user": user_id})
        nodes, ties, kinds, communities, memories, relationships, types = cursor.fetchone()
    return {
        "entities": nodes,
        "ties": ties,
        "kinds": kinds or {},
        "density": round(2 * ties / (nodes * (nodes - 1)), 6) if nodes > 1 else None,
        "communities": communities,
        "memories": memories,
        "relationships": relationships,
        "types": types or {},
    }


def find_tie(*, user_id: int, pk: int) -> Tie | None:
    """A tie of this person with its two entities."""
    rows = Tie.objects.filter(user_id=user_id, pk=pk).select_related("a", "b")
    return rows.first()


def list_tie_memories(*, user_id: int, a: int, b: int, limit: int = 50) -> list[dict[str, Any]]:
    """The memories that name both entities together, newest first."""
    parameters = {"user": user_id, "a": a, "b": b, "limit": limit, "whole": WHOLE_CHARACTERS, "near": NEAR_CHARACTERS}
    with connection.cursor() as cursor:
        cursor.execute(read_sql("tie_memories_v1.sql"), parameters)
        return [_cite(row) for row in cursor.fetchall()]


def find_relationship(*, user_id: int, pk: int) -> Relationship | None:
    """A relationship of this person with its two memories."""
    rows = Relationship.objects.filter(user_id=user_id, pk=pk).select_related("source_event", "target_event")
    return rows.first()


def list_relationships_of_tie(*, user_id: int, a: int, b: int) -> list[int]:
    """Relationships whose memories each name a or b and together both."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM relationship_instances WHERE user_id = %(user)s"
            " AND source_entity_ids && %(pair)s::bigint[] AND target_entity_ids && %(pair)s::bigint[]"
            " AND source_entity_ids || target_entity_ids @> %(pair)s::bigint[] ORDER BY confidence_score DESC, id LIMIT 500",
            {"user": user_id, "pair": [a, b]},
        )
        return [pk for (pk,) in cursor.fetchall()]


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


def list_neighbours(*, user_id: int, entity_id: int, limit: int) -> list[dict[str, Any]]:
    """Entities tied to one, the strongest tie first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, t.memories, t.weight, t.first, t.last, e.id, e.name, e.kind FROM ("
            " SELECT *, b_id AS other FROM entity_ties WHERE user_id = %(user)s AND a_id = %(entity)s"
            " UNION ALL SELECT *, a_id FROM entity_ties WHERE user_id = %(user)s AND b_id = %(entity)s) t"
            " JOIN graph_entities e ON e.user_id = %(user)s AND e.id = t.other AND NOT e.hidden"
            " ORDER BY t.weight DESC, t.id LIMIT %(limit)s",
            {"user": user_id, "entity": entity_id, "limit": limit},
        )
        rows = cursor.fetchall()
    return [
        {
            "tie": tie,
            "memories": memories,
            "weight": round(weight, 4),
            "first": first,
            "last": last,
            "entity": {"id": pk, "name": name, "kind": kind},
        }
        for tie, memories, weight, first, last, pk, name, kind in rows
    ]


def read_dashboard(*, user: Any, today: date) -> dict[str, Any]:
    """This app's part of the dashboard."""
    shown: Any = Entity.objects.shown().filter(user_id=user.pk)
    counts = dict(shown.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    ranked = shown.order_by("-importance", "pk").values("id", "name", "memories")
    top = {kind: list(ranked.filter(kind=kind)[:TOP_ENTITIES]) for kind in counts}
    return {"entities": counts, "top": top}


def cite_memories(memories: Iterable[Any]) -> list[dict[str, Any]]:
    """Memories as evidence."""
    return [_cite((m.pk, m.external_id, m.title, m.content[:400], m.occurred_on, m.source)) for m in memories]


def _cite(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("id", "external_id", "title", "snippet", "occurred_on", "source")
    return dict(zip(names, row, strict=True))
