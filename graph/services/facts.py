"""Enriched: the plain facts that detection and layers are given, read in few statements and without a text where none is needed."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from graph.detection.base import Telling
from graph.enrichment.base import Edge, Entity, Event, Series, World, day_number
from graph.models import Relationship
from memories.models import User

# The days on which the person recorded anything: what every layer's null is drawn from.
ACTIVE = "SELECT DISTINCT occurred_on - date '1970-01-01' FROM memories_memory WHERE user_id = %(user)s ORDER BY 1"
# Whoever tells is in everything and says nothing; what the person hid is none of the layers' business.
ENTITIES = (
    "SELECT id, kind, name FROM graph_entities WHERE user_id = %(user)s AND NOT hidden AND NOT teller ORDER BY id"
)
SERIES = """
SELECT s.id, s.entity_a_id, s.entity_b_id, s.occurrences, s.dirty_at IS NOT NULL
FROM graph_series s
JOIN graph_entities a ON a.user_id = s.user_id AND a.id = s.entity_a_id AND NOT a.hidden AND NOT a.teller
LEFT JOIN graph_entities b ON b.user_id = s.user_id AND b.id = s.entity_b_id
WHERE s.user_id = %(user)s AND s.days > 0 AND s.occurrences IS NOT NULL AND (s.entity_b_id IS NULL OR NOT b.hidden AND NOT b.teller)
ORDER BY s.id
"""
EVENTS = """
WITH named AS (
    SELECT memory_id, entity_id FROM entity_matches
    WHERE user_id = %(user)s AND (%(memories)s::bigint[] IS NULL OR memory_id = ANY(%(memories)s))
    UNION
    SELECT s.memory_id, s.entity_id FROM graph_sightings s
    WHERE s.user_id = %(user)s AND (%(memories)s::bigint[] IS NULL OR s.memory_id = ANY(%(memories)s))
      AND s.entity_id = ANY(ARRAY(SELECT id FROM normalized_entities WHERE user_id = %(user)s AND canonical_id = ANY(%(sighted)s::bigint[])))
), whom AS (
    SELECT n.memory_id, array_agg(DISTINCT f.canonical_id ORDER BY f.canonical_id) AS entities
    FROM named n
    JOIN normalized_entities f ON f.user_id = %(user)s AND f.id = n.entity_id
    JOIN graph_entities g ON g.user_id = %(user)s AND g.id = f.canonical_id AND NOT g.hidden AND NOT g.teller
    GROUP BY n.memory_id
)
SELECT m.id, m.occurred_on - date '1970-01-01',
       CASE WHEN m.occurred_precision = 'time' THEN extract(hour FROM l.at)::int * 60 + extract(minute FROM l.at)::int END,
       m.source, coalesce(w.entities, '{}')
FROM memories_memory m
CROSS JOIN LATERAL (SELECT m.occurred_at AT TIME ZONE %(zone)s AS at) l
LEFT JOIN whom w ON w.memory_id = m.id
WHERE m.user_id = %(user)s AND (%(memories)s::bigint[] IS NULL OR m.id = ANY(%(memories)s))
ORDER BY m.id
"""
HOLDING = """
SELECT e.memory_id FROM normalized_entities f JOIN entity_matches e ON e.user_id = f.user_id AND e.entity_id = f.id
WHERE f.user_id = %(user)s AND f.canonical_id = ANY(%(entities)s)
UNION
SELECT s.memory_id FROM normalized_entities f JOIN graph_sightings s ON s.user_id = f.user_id AND s.entity_id = f.id
WHERE f.user_id = %(user)s AND f.canonical_id = ANY(%(entities)s)
"""
TEXTS = "SELECT id, title, content, author, participants FROM memories_memory WHERE user_id = %(user)s AND id = ANY(%(memories)s)"
SPANS = """
SELECT e.memory_id, e.start, e."end", f.canonical_id
FROM entity_matches e JOIN normalized_entities f ON f.user_id = e.user_id AND f.id = e.entity_id
WHERE e.user_id = %(user)s AND e.memory_id = ANY(%(memories)s) AND e.start IS NOT NULL
ORDER BY e.memory_id, e.start, e."end", f.canonical_id
"""
INFORMATION = """
WITH corpus AS MATERIALIZED (SELECT greatest(count(*), 2)::float AS memories FROM memories_memory WHERE user_id = %(user)s)
SELECT e.id, greatest(ln(c.memories / e.memories), 0)
FROM graph_entities e CROSS JOIN corpus c
WHERE e.user_id = %(user)s AND NOT e.hidden AND NOT e.teller AND e.memories > 0
"""


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def read_today(user: User) -> int:
    """The day number of the person's today."""
    return day_number(user.local_today(timezone.now()))


def read_world(user: User, *, everything: bool, today: int) -> World:
    """Active days, entities and series; the dirty series are asked for, or all of them."""
    rows = fetch(SERIES, user=user.pk)
    series = {
        pk: Series(id=pk, entities=(a,) if b is None else (a, b), days=np.array(days, dtype=np.int64))
        for pk, a, b, days, _ in rows
    }
    return World(
        today=today,
        active_days=np.array([day for (day,) in fetch(ACTIVE, user=user.pk)], dtype=np.int64),
        series=series,
        asked=frozenset(pk for pk, *_, dirty in rows if dirty or everything),
        entities={pk: Entity(id=pk, kind=kind, name=name) for pk, kind, name in fetch(ENTITIES, user=user.pk)},
    )


def read_events(
    user: User, *, memory_ids: Collection[int] | None = None, sighted: Collection[int] = ()
) -> dict[int, Event]:
    """Memories without their texts: all, or these. Of the entities `sighted` also those that hold no more than their words."""
    ids = None if memory_ids is None else list(memory_ids)
    rows = fetch(EVENTS, user=user.pk, zone=user.time_zone, memories=ids, sighted=list(sighted))
    return {
        pk: Event(id=pk, day=day, minute=minute, source=source, entities=tuple(entities))
        for pk, day, minute, source, entities in rows
    }


def list_memories_holding(user_id: int, *, entity_ids: Collection[int]) -> list[int]:
    """Memories that name any of these entities or hold its words."""
    return [pk for (pk,) in fetch(HOLDING, user=user_id, entities=list(entity_ids))]


def read_tellings(user: User, *, memory_ids: Collection[int]) -> dict[int, Telling]:
    """Memories with their texts."""
    if not memory_ids:
        return {}
    ids = sorted(memory_ids)
    spans: dict[int, list[tuple[int, int, int]]] = {}
    for pk, start, end, entity in fetch(SPANS, user=user.pk, memories=ids):
        spans.setdefault(pk, []).append((start, end, entity))
    events = read_events(user, memory_ids=ids)
    return {
        pk: Telling(
            id=pk,
            day=events[pk].day,
            minute=events[pk].minute,
            source=events[pk].source,
            title=title,
            content=content,
            author=author,
            entities=events[pk].entities,
            spans=tuple(spans.get(pk, ())),
            participants=tuple((who.get("name", ""), who.get("address", "")) for who in json.loads(participants)),
        )
        for pk, title, content, author, participants in fetch(TEXTS, user=user.pk, memories=ids)
        if pk in events
    }


def read_information(user_id: int) -> dict[int, float]:
    """What it tells that a memory names an entity: ln(N / memories that do), in nats."""
    return {pk: float(nats) for pk, nats in fetch(INFORMATION, user=user_id)}


def read_edges(user_id: int, *, types: Sequence[str], ids: Collection[int] | None = None) -> list[Edge]:
    """The person's relationships of these types: all, or those of these ids."""
    rows = Relationship.objects.filter(user_id=user_id, relationship_type__in=types).order_by("pk")
    rows = rows if ids is None else rows.filter(pk__in=ids)
    columns = ("pk", "source_event_id", "target_event_id", "relationship_type", "confidence_score", "evidence")
    return [
        Edge(id=pk, source=source, target=target, type=kind, confidence=confidence, evidence=evidence)
        for pk, source, target, kind, confidence, evidence in rows.values_list(*columns)
    ]


def in_portions(ids: Sequence[int], *, size: int) -> Iterator[Sequence[int]]:
    """Ids a few at a time, so that texts of a whole life are never in memory together."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
