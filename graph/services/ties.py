"""Related: entities that a memory names together become ties (graph.nearness says what "together" is)."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from graph.models import Entity, Series
from graph.nearness import NEAR_CHARACTERS, TELLER_NOTES, WHOLE_CHARACTERS
from graph.services.series import LEAST_DAYS, renew_series
from graph.sql import read_sql

TIED = """
WITH named AS (
    SELECT DISTINCT m.memory_id, l.canonical_id
    FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    WHERE m.user_id = %(user)s AND m.memory_id = ANY(%(memories)s)
)
SELECT DISTINCT t.a_id, t.b_id
FROM named a
JOIN named b ON b.memory_id = a.memory_id AND a.canonical_id < b.canonical_id
JOIN entity_ties t ON t.user_id = %(user)s AND t.a_id = a.canonical_id AND t.b_id = b.canonical_id
"""

Pair = tuple[int, int]


TELLER = """
SELECT l.canonical_id FROM entity_matches m
JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
JOIN memories_memory y ON y.user_id = m.user_id AND y.id = m.memory_id
WHERE m.user_id = %(user)s AND m.field = 'author' AND y.participants = '[]'
GROUP BY l.canonical_id
HAVING count(DISTINCT m.memory_id) >= %(least)s AND 2 * count(DISTINCT m.memory_id) > (
    SELECT count(*) FROM memories_memory WHERE user_id = %(user)s AND author <> '' AND participants = '[]')
"""


def find_teller(*, user_id: int) -> int | None:
    """The entity that wrote more than half of the person's signed notes, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(TELLER, {"user": user_id, "least": TELLER_NOTES})
        row = cursor.fetchone()
    return row[0] if row else None


def mark_teller(*, user_id: int) -> set[int]:
    """Note who tells now; returns the entities whose ties are other ones because of it."""
    now = find_teller(user_id=user_id)
    rows = Entity.objects.filter(user_id=user_id)
    before = rows.filter(teller=True).values_list("pk", flat=True).first()
    if now == before:
        return set()
    rows.filter(pk=before).update(teller=False)
    rows.filter(pk=now).update(teller=True)
    return {pk for pk in (before, now) if pk is not None}


def read_pairs(*, user_id: int, memory_ids: Collection[int]) -> set[Pair]:
    """Pairs (a < b) of canonical entities that these memories name together now."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("pairs_v1.sql"), bound(user_id=user_id) | {"memories": list(memory_ids)})
        return set(cursor.fetchall())


def bound(*, user_id: int) -> dict[str, Any]:
    """The parameters of togetherness."""
    teller = Entity.objects.filter(user_id=user_id, teller=True).values_list("pk", flat=True).first()
    return {"user": user_id, "whole": WHOLE_CHARACTERS, "near": NEAR_CHARACTERS, "teller": teller or 0}


def read_tied_pairs(*, user_id: int, memory_ids: Collection[int]) -> set[Pair]:
    """Pairs of the ties between what these memories named when they were last related.

    Nearness is not asked: their texts may have grown since, and what was one thought then would be far apart now.
    """
    with connection.cursor() as cursor:
        cursor.execute(TIED, {"user": user_id, "memories": list(memory_ids)})
        return set(cursor.fetchall())


def count_ties(*, user_id: int, pairs: Collection[Pair]) -> None:
    """Bring the ties of these pairs and their series up to date: written, changed or gone."""
    if not pairs:
        return
    ordered = sorted(pairs)
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("ties_v1.sql"),
            bound(user_id=user_id) | {"a": [a for a, _ in ordered], "b": [b for _, b in ordered], "least": LEAST_DAYS},
        )


def recount_series(*, user_id: int) -> None:
    """Count the days of series that were written before days were kept with them."""
    rows = Series.objects.filter(user_id=user_id, occurrences__isnull=True, days__gt=0)
    ends = set(rows.values_list("entity_a_id", "entity_b_id"))
    renew_series(user_id=user_id, entity_ids=[a for a, b in ends if b is None])
    count_ties(user_id=user_id, pairs={(a, b) for a, b in ends if b is not None})


def place_newcomers(*, user_id: int) -> None:
    """Give entities that no layout has seen yet a place beside their neighbours, else somewhere on the rim."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("newcomers_v1.sql"), {"user": user_id})
