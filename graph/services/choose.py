"""Enriched: which finding speaks for each relationship, and which layers have something to say of each tie."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from django.db import connection
from scipy.sparse import coo_array, csr_array

from graph.enrichment.base import LAYER_NAMES, Event
from graph.enrichment.pattern import Subject, TemplateIndex
from graph.models import RelationshipPattern
from graph.services.facts import fetch
from graph.sql import read_sql

Fits = Mapping[int, Collection[Subject]]  # by memory the patterns it fits: (kind, definition)

# Layers whose bit a tie takes from its own series; the others it takes from its relationships.
OF_SERIES = ("temporal", "seasonal", "prediction")
TOUCHING = """
SELECT id FROM relationship_instances
WHERE user_id = %(user)s AND (source_entity_ids && %(entities)s::bigint[] OR target_entity_ids && %(entities)s::bigint[])
"""
AT_MEMORIES = """
SELECT id FROM relationship_instances
WHERE user_id = %(user)s AND (source_event_id = ANY(%(memories)s) OR target_event_id = ANY(%(memories)s))
"""
CHANGED = """
SELECT DISTINCT e.entity
FROM relationship_instances r
JOIN graph_statistics p ON p.user_id = r.user_id
CROSS JOIN LATERAL unnest(r.source_entity_ids || r.target_entity_ids) AS e(entity)
WHERE r.user_id = %(user)s AND r.updated_at > p.passed_at
"""
ENDS = """
SELECT id, source_event_id, target_event_id, pattern_id FROM relationship_instances
WHERE user_id = %(user)s AND (%(relationships)s::bigint[] IS NULL OR id = ANY(%(relationships)s)) ORDER BY id
"""
SET_PATTERNS = """
UPDATE relationship_instances r SET pattern_id = c.chosen
FROM unnest(%(ids)s::bigint[], %(chosen)s::bigint[]) AS c(id, chosen) WHERE r.user_id = %(user)s AND r.id = c.id
"""
SET_CLUSTERS = """
WITH clusters AS (
    SELECT id, unnest(memory_ids) AS memory FROM cross_platform_relationships WHERE user_id = %(user)s AND status = 'computed'
)
UPDATE relationship_instances r SET cross_platform_id = f.cluster
FROM (
    SELECT i.id, min(x.id) AS cluster FROM relationship_instances i
    LEFT JOIN clusters x ON x.memory = i.source_event_id
        AND EXISTS (SELECT FROM clusters y WHERE y.id = x.id AND y.memory = i.target_event_id)
    WHERE i.user_id = %(user)s AND (i.cross_platform_id IS NOT NULL OR x.id IS NOT NULL)
      AND (%(relationships)s::bigint[] IS NULL OR i.id = ANY(%(relationships)s))
    GROUP BY i.id
) f
WHERE r.user_id = %(user)s AND r.id = f.id AND r.cross_platform_id IS DISTINCT FROM f.cluster
"""
SPEAKING = """
SELECT source_entity_ids, target_entity_ids, layers FROM live_enriched_relationships
WHERE user_id = %(user)s AND layers <> 0
  AND (%(entities)s::bigint[] IS NULL OR source_entity_ids && %(entities)s::bigint[] AND target_entity_ids && %(entities)s::bigint[])
"""
TIES = """
SELECT t.id, t.a_id, t.b_id, t.layers,
       2 * (r.status IS NOT DISTINCT FROM 'computed')::int + 4 * (e.status IS NOT DISTINCT FROM 'computed')::int
       + 32 * EXISTS (SELECT FROM predicted_relationships p WHERE p.user_id = t.user_id AND p.series_id = s.id AND p.prediction_confidence IS NOT NULL)::int
FROM entity_ties t
LEFT JOIN graph_series s ON s.user_id = t.user_id AND s.entity_a_id = t.a_id AND s.entity_b_id = t.b_id
LEFT JOIN temporal_patterns r ON r.user_id = s.user_id AND r.series_id = s.id
LEFT JOIN seasonal_patterns e ON e.user_id = s.user_id AND e.series_id = s.id
WHERE t.user_id = %(user)s AND (%(entities)s::bigint[] IS NULL OR t.a_id = ANY(%(entities)s::bigint[]) AND t.b_id = ANY(%(entities)s::bigint[]))
ORDER BY t.id
"""
SET_LAYERS = """
UPDATE entity_ties t SET layers = n.layers FROM unnest(%(ids)s::bigint[], %(layers)s::int[]) AS n(id, layers)
WHERE t.user_id = %(user)s AND t.id = n.id
"""


def list_relationships_naming(user_id: int, *, entity_ids: Collection[int]) -> list[int]:
    """Relationships of which either memory names any of these."""
    return [pk for (pk,) in fetch(TOUCHING, user=user_id, entities=list(entity_ids))]


def list_relationships_at(user_id: int, *, memory_ids: Collection[int]) -> list[int]:
    """Relationships of these memories."""
    return [pk for (pk,) in fetch(AT_MEMORIES, user=user_id, memories=list(memory_ids))]


def list_entities_of_news(user_id: int) -> set[int]:
    """Entities of relationships that were written since the last pass."""
    return {pk for (pk,) in fetch(CHANGED, user=user_id)}


def choose_series(user_id: int, *, relationship_ids: list[int] | None) -> None:
    """Layers 2, 3 and 6 of these relationships (None: of all)."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("choose_v1.sql"), {"user": user_id, "relationships": relationship_ids})


def choose_patterns(user_id: int, *, fits: Fits, relationship_ids: list[int] | None) -> None:
    """Layer 4 of these relationships: of the patterns that both memories fit, the most certain."""
    rows = {(row.kind, tuple(row.definition)): row for row in list_patterns(user_id)}
    known = {memory: {subject for subject in found if subject in rows} for memory, found in fits.items()}
    wanted: dict[int, int | None] = {}
    for pk, source, target, before in fetch(ENDS, user=user_id, relationships=relationship_ids):
        both = known.get(source, set()) & known.get(target, set())
        best = min(both, key=lambda subject: (-rows[subject].pattern_confidence, str(subject)), default=None)
        chosen = rows[best].pk if best else None
        if chosen != before:
            wanted[pk] = chosen
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(SET_PATTERNS, {"user": user_id, "ids": list(wanted), "chosen": list(wanted.values())})


def list_patterns(user_id: int) -> Any:
    """The person's patterns."""
    return RelationshipPattern.objects.filter(user_id=user_id, status="computed")


def match_patterns(events: Iterable[Event], *, patterns: Iterable[Any]) -> Fits:
    """By memory the stored patterns that it fits: templates by its items, sequences by the memories named as their evidence."""
    rows = {(row.kind, tuple(row.definition)): row for row in patterns}
    index = TemplateIndex.build(rows)
    steps: dict[int, set[Subject]] = {}
    for subject, row in rows.items():
        if subject[0] == "sequence":
            for memory in row.evidence.get("memories", []):
                steps.setdefault(memory, set()).add(subject)
    return {event.id: {*index.match(event), *steps.get(event.id, ())} for event in events}


def choose_clusters(user_id: int, *, relationship_ids: list[int] | None) -> None:
    """Layer 5 of these relationships: one whose memories tell of one event names that event's cluster."""
    with connection.cursor() as cursor:
        cursor.execute(SET_CLUSTERS, {"user": user_id, "relationships": relationship_ids})


def mark_ties(user_id: int, *, entity_ids: Collection[int] | None) -> None:
    """Bring the bit masks of the ties between these entities (None: of all ties) up to date.

    A relationship belongs to tie (a, b) when one of its memories names a and the other b; that is where each names a or b and
    together they name both. Counted for all ties at once by a product of sparse matrices.
    """
    parameters: dict[str, Any] = {"user": user_id, "entities": None if entity_ids is None else list(entity_ids)}
    ties = fetch(TIES, **parameters)
    if not ties:
        return
    place = {entity: i for i, entity in enumerate(sorted({end for _, a, b, *_ in ties for end in (a, b)}))}
    found = _add_up(fetch(SPEAKING, **parameters), place=place)
    ends = np.array([(place[a], place[b]) for _, a, b, *_ in ties])
    masks = np.array([own for *_, own in ties], dtype=np.int64)
    for bit, counts in found.items():
        together = (
            np.asarray(counts[ends[:, 0], ends[:, 1]]).ravel() + np.asarray(counts[ends[:, 1], ends[:, 0]]).ravel()
        )
        masks |= np.where(together > 0, bit, 0)
    changed = [(tie[0], int(mask)) for tie, mask in zip(ties, masks, strict=True) if tie[3] != mask]
    if changed:
        with connection.cursor() as cursor:
            ids, layers = zip(*changed, strict=True)
            cursor.execute(SET_LAYERS, {"user": user_id, "ids": list(ids), "layers": list(layers)})


def _add_up(rows: list[tuple[Any, ...]], *, place: Mapping[int, int]) -> dict[int, csr_array]:
    """By layer bit, how many relationships with that layer lead from a memory that names one to a memory that names the other."""
    size = (len(rows), len(place))
    sources = _incidence([row[0] for row in rows], place=place, shape=size)
    targets = _incidence([row[1] for row in rows], place=place, shape=size)
    masks = np.array([row[2] for row in rows], dtype=np.int64)
    found = {}
    for number, name in enumerate(LAYER_NAMES):
        speaking = np.flatnonzero(masks & (1 << number))
        if name not in OF_SERIES and speaking.size:
            found[1 << number] = csr_array(sources[speaking].T @ targets[speaking])
    return found


def _incidence(named: list[list[int]], *, place: Mapping[int, int], shape: tuple[int, int]) -> csr_array:
    cells = [(i, place[entity]) for i, entities in enumerate(named) for entity in entities if entity in place]
    rows, columns = zip(*cells, strict=True) if cells else ((), ())
    return coo_array(
        (np.ones(len(cells)), (np.array(rows, dtype=int), np.array(columns, dtype=int))), shape=shape
    ).tocsr()
