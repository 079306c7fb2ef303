"""Asked of the graph's shape: its edges as arrays, ends and steps of a path, neighbours, stats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from graph.analysis.network import Array
from graph.enrichment import LAYER_NAMES
from graph.nearness import NEAR_CHARACTERS, WHOLE_CHARACTERS
from graph.sql import read_sql

# Numbers come as the bytes of their columns: half the time of an array as text, and no object an edge.
EDGE = np.dtype([("source", ">i8"), ("target", ">i8"), ("weight", ">f8")])
TIES = "SELECT string_agg(int8send(a_id) || int8send(b_id) || float8send(weight), '') FROM entity_ties WHERE user_id = %(user)s"
EDGES = {
    "entities": TIES,
    "memories": "SELECT string_agg(int8send(source_event_id) || int8send(target_event_id) || float8send(confidence_score), '' ORDER BY id)"
    " FROM relationship_instances WHERE user_id = %(user)s",
}
SHOWN = f"""
SELECT (SELECT string_agg(int8send(id), '' ORDER BY id) FROM graph_entities WHERE user_id = %(user)s AND shown),
       ({TIES}),
       (SELECT id FROM graph_entities WHERE user_id = %(user)s AND teller)
"""  # noqa: S608
ENDS = """
SELECT e.id, e.name, e.kind, e.shown
FROM unnest(%(asked)s::bigint[]) WITH ORDINALITY AS asked(id, place)
LEFT JOIN normalized_entities l ON l.user_id = %(user)s AND l.id = asked.id
LEFT JOIN graph_entities o ON o.user_id = %(user)s AND o.id = asked.id
LEFT JOIN graph_entities e ON e.user_id = %(user)s AND e.id = coalesce(o.id, l.canonical_id)
ORDER BY asked.place
"""
NEIGHBOURS = """
SELECT t.id, t.memories, t.weight, t.first, t.last, t.layers, e.id, e.name, e.kind FROM (
    SELECT *, b_id AS other FROM entity_ties WHERE user_id = %(user)s AND a_id = %(entity)s
    UNION ALL
    SELECT *, a_id FROM entity_ties WHERE user_id = %(user)s AND b_id = %(entity)s) t
JOIN graph_entities e ON e.user_id = %(user)s AND e.id = t.other AND NOT e.hidden
ORDER BY t.weight DESC, t.id LIMIT %(limit)s
"""
CITED = 3


@dataclass(frozen=True, slots=True)
class End:
    """One end of a path: the entity that the id asked for stands for today."""

    id: int
    name: str
    kind: str
    shown: bool = True

    def cite(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Step:
    """A tie with its two ends and up to `CITED` of the newest memories that name both."""

    tie: int
    ends: tuple[End, End]
    memories: int
    weight: float
    first: date
    last: date
    layers: list[str]
    evidence: list[dict[str, Any]]


def read_edges(*, user_id: int, view: str) -> Array:
    """Ties with their weights or relationships with their confidence, as an array of `EDGE`."""
    with connection.cursor() as cursor:
        cursor.execute(EDGES[view], {"user": user_id})
        (packed,) = cursor.fetchone()
    return np.frombuffer(packed or b"", dtype=EDGE)


def read_shown_ties(*, user_id: int) -> tuple[Array, Array, int | None]:
    """Ids of the shown entities, rising, all ties as an array of `EDGE`, and the teller; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, {"user": user_id})
        ids, packed, teller = cursor.fetchone()
    return np.frombuffer(ids or b"", dtype=">i8").astype(np.int64), np.frombuffer(packed or b"", dtype=EDGE), teller


def find_ends(*, user_id: int, asked: Sequence[int]) -> list[End | None]:
    """For each id the person's entity of that id or, where it was merged, the one it went into; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(ENDS, {"user": user_id, "asked": list(asked)})
        return [End(*row) if row[0] is not None else None for row in cursor.fetchall()]


def read_steps(*, user_id: int, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Step]:
    """The ties of these pairs (a < b), those that are there."""
    ordered = sorted(pairs)
    parameters: dict[str, Any] = {
        "user": user_id,
        "a": [a for a, _ in ordered],
        "b": [b for _, b in ordered],
        "most": CITED,
    }
    with connection.cursor() as cursor:
        cursor.execute(read_sql("steps_v1.sql"), parameters | {"whole": WHOLE_CHARACTERS, "near": NEAR_CHARACTERS})
        steps = [_make_step(row) for row in cursor.fetchall()]
    return {(step.ends[0].id, step.ends[1].id): step for step in steps}


def _make_step(row: tuple[Any, ...]) -> Step:
    tie, *ends, memories, weight, first, last, layers, evidence = row
    return Step(
        tie=tie,
        ends=(End(*ends[:3]), End(*ends[3:])),
        memories=memories,
        weight=round(weight, 4),
        first=first,
        last=last,
        layers=name_layers(layers),
        evidence=evidence,
    )


def name_layers(mask: int) -> list[str]:
    """The names of the layers that a bit mask holds."""
    return [name for place, name in enumerate(LAYER_NAMES) if mask >> place & 1]


def list_neighbours(*, user_id: int, entity_id: int, limit: int) -> list[dict[str, Any]]:
    """Entities tied to one, the strongest tie first, with the layers that say something of the tie."""
    with connection.cursor() as cursor:
        cursor.execute(NEIGHBOURS, {"user": user_id, "entity": entity_id, "limit": limit})
        rows = cursor.fetchall()
    return [
        {
            "tie": tie,
            "memories": memories,
            "weight": round(weight, 4),
            "first": first,
            "last": last,
            "layers": name_layers(layers),
            "entity": {"id": pk, "name": name, "kind": kind},
        }
        for tie, memories, weight, first, last, layers, pk, name, kind in rows
    ]


def read_stats(*, user_id: int) -> dict[str, Any]:
    """Counts, density and communities of both views as they are drawn, components as the last layout found them; one statement.

    Density is the share of pairs of nodes that are joined, null below two nodes. A lone node is a component; `largest_component` is
    the nodes of the largest; both null before the first layout. What stands outside `views` is the view of entities.
    """
    with connection.cursor() as cursor:
        cursor.execute(read_sql("stats_v1.sql"), {"user": user_id})
        nodes, ties, kinds, groups, memories, relationships, pairs, types, bands, layouts = cursor.fetchone()
    unknown = {"components": None, "largest_component": None, "computed_at": None}
    found = {view: unknown | (layouts or {}).get(view, {}) for view in EDGES}
    density = _find_density(nodes=nodes, pairs=ties)
    of_entities = {"nodes": nodes, "edges": ties, "density": density, "communities": groups}
    of_memories = {
        "nodes": memories,
        "edges": relationships,
        "density": _find_density(nodes=memories, pairs=pairs),
        "communities": bands,
    }
    return {
        "entities": nodes,
        "ties": ties,
        "kinds": kinds or {},
        "density": density,
        "communities": groups,
        "components": found["entities"]["components"],
        "largest_component": found["entities"]["largest_component"],
        "memories": memories,
        "relationships": relationships,
        "types": types or {},
        "views": {"entities": of_entities | found["entities"], "memories": of_memories | found["memories"]},
    }


def _find_density(*, nodes: int, pairs: int) -> float | None:
    return round(2 * pairs / (nodes * (nodes - 1)), 6) if nodes > 1 else None
