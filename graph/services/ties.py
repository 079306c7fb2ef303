"""Related: entities that a memory names together become ties (graph.nearness says what "together" is)."""

from collections.abc import Collection

from django.db import connection

from graph.nearness import NEAR_CHARACTERS, WHOLE_CHARACTERS
from graph.sql import read_sql

Pair = tuple[int, int]


def read_pairs(*, user_id: int, memory_ids: Collection[int]) -> set[Pair]:
    """Pairs (a < b) of canonical entities that these memories name together now."""
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("pairs_v1.sql"),
            {"user": user_id, "memories": list(memory_ids), "whole": WHOLE_CHARACTERS, "near": NEAR_CHARACTERS},
        )
        return set(cursor.fetchall())


def count_ties(*, user_id: int, pairs: Collection[Pair]) -> None:
    """Bring the ties of these pairs up to date: written, changed or gone."""
    if not pairs:
        return
    ordered = sorted(pairs)
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("ties_v1.sql"),
            {
                "user": user_id,
                "a": [a for a, _ in ordered],
                "b": [b for _, b in ordered],
                "whole": WHOLE_CHARACTERS,
                "near": NEAR_CHARACTERS,
            },
        )


def place_newcomers(*, user_id: int) -> None:
    """Give entities that no layout has seen yet a place beside their neighbours, else somewhere on the rim."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("newcomers_v1.sql"), {"user": user_id})
