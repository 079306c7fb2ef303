"""Served: what an explanation rests on: names of today, memories, spans, the relationships of a tie."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from graph.models import Entity, Series
from graph.nearness import NEAR_CHARACTERS, WHOLE_CHARACTERS
from graph.sql import read_sql
from memories.models import Memory


def list_tie_memories(*, user_id: int, a: int, b: int, limit: int = 50) -> list[dict[str, Any]]:
    """The memories that name both entities together, newest first."""
    parameters = {"user": user_id, "a": a, "b": b, "limit": limit, "whole": WHOLE_CHARACTERS, "near": NEAR_CHARACTERS}
    with connection.cursor() as cursor:
        cursor.execute(read_sql("tie_memories_v1.sql"), parameters)
        return [_cite(row) for row in cursor.fetchall()]


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


def read_names(*, user_id: int, entity_ids: Iterable[int]) -> dict[int, str]:
    """What these entities are called today."""
    rows = Entity.objects.filter(user_id=user_id, pk__in=set(entity_ids), hidden=False)
    return dict(rows.values_list("pk", "name"))


def list_spans(*, user_id: int, memory_ids: Sequence[int], entity_ids: Sequence[int]) -> list[dict[str, int]]:
    """Where these memories' contents name these entities: memory, start and end (characters), entity."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT m.memory_id, m.start, m."end", l.canonical_id FROM entity_matches m'
            " JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id"
            " WHERE m.user_id = %(user)s AND m.memory_id = ANY(%(memories)s) AND l.canonical_id = ANY(%(entities)s)"
            " AND m.start IS NOT NULL ORDER BY m.memory_id, m.start LIMIT 40",
            {"user": user_id, "memories": list(memory_ids), "entities": list(entity_ids)},
        )
        names = ("memory", "start", "end", "entity")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def list_series_shared(*, user_id: int, entity_ids: Sequence[int]) -> list[int]:
    """Series of these entities, and of pairs of them."""
    rows = Series.objects.filter(user_id=user_id, entity_a_id__in=entity_ids)
    return list(rows.filter(Q(entity_b_id__isnull=True) | Q(entity_b_id__in=entity_ids)).values_list("pk", flat=True))


def list_live_memories(*, user_id: int, memory_ids: Iterable[int]) -> list[int]:
    """Those of these memories that are still there, in the order given."""
    asked = list(memory_ids)
    there = set(Memory.objects.filter(user_id=user_id, pk__in=asked).values_list("pk", flat=True))
    return [pk for pk in asked if pk in there]


def list_memories_on(*, user_id: int, entity_ids: Sequence[int], days: Sequence[int]) -> list[int]:
    """Memories that name all these entities, or hold their words, on any of these days (since 1970-01-01), the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.memory_id FROM (SELECT user_id, memory_id, entity_id, occurred_on FROM entity_matches"
            " UNION ALL SELECT user_id, memory_id, entity_id, occurred_on FROM graph_sightings) m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id"
            " WHERE m.user_id = %(user)s AND l.canonical_id = ANY(%(entities)s) AND m.occurred_on - date '1970-01-01' = ANY(%(days)s)"
            " GROUP BY m.memory_id, m.occurred_on HAVING count(DISTINCT l.canonical_id) = %(size)s"
            " ORDER BY m.occurred_on DESC, m.memory_id LIMIT 20",
            {"user": user_id, "entities": list(entity_ids), "days": list(days), "size": len(entity_ids)},
        )
        return [pk for (pk,) in cursor.fetchall()]


def cite_memories(memories: Iterable[Any]) -> list[dict[str, Any]]:
    """Memories as evidence."""
    return [_cite((m.pk, m.external_id, m.title, m.content[:400], m.occurred_on, m.source)) for m in memories]


def _cite(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("id", "external_id", "title", "snippet", "occurred_on", "source")
    return dict(zip(names, row, strict=True))
