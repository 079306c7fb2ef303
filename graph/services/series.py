"""Related: the occurrence days of entities and ties, marked dirty for the layers that read them."""

from collections.abc import Collection
from typing import Any

from django.db import connection

LEAST_DAYS = 3  # no test of a layer can speak of fewer occurrences

ENTITIES = """
INSERT INTO graph_series AS s (user_id, entity_a_id, entity_b_id, days, first, last, dirty_at)
SELECT %(user)s, l.canonical_id, NULL, count(DISTINCT m.occurred_on), min(m.occurred_on), max(m.occurred_on), now()
FROM normalized_entities l JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
WHERE l.user_id = %(user)s AND l.canonical_id = ANY(%(entities)s)
GROUP BY l.canonical_id HAVING count(DISTINCT m.occurred_on) >= %(least)s
ON CONFLICT (user_id, entity_a_id, entity_b_id) DO UPDATE
SET days = excluded.days, first = excluded.first, last = excluded.last, dirty_at = now()
"""
TIES = """
INSERT INTO graph_series AS s (user_id, entity_a_id, entity_b_id, days, first, last, dirty_at)
SELECT %(user)s, t.a_id, t.b_id, t.memories, t.first, t.last, now()
FROM entity_ties t
WHERE t.user_id = %(user)s AND t.memories >= %(least)s AND (t.a_id = ANY(%(entities)s) OR t.b_id = ANY(%(entities)s))
ON CONFLICT (user_id, entity_a_id, entity_b_id) DO UPDATE
SET days = excluded.days, first = excluded.first, last = excluded.last, dirty_at = now()
WHERE (s.days, s.first, s.last) IS DISTINCT FROM (excluded.days, excluded.first, excluded.last)
"""
SILENT = """
DELETE FROM graph_series s
WHERE s.user_id = %(user)s AND (s.entity_a_id = ANY(%(entities)s) OR s.entity_b_id = ANY(%(entities)s))
  AND CASE WHEN s.entity_b_id IS NULL
      THEN NOT EXISTS (SELECT FROM graph_entities e
          WHERE e.user_id = s.user_id AND e.id = s.entity_a_id AND e.memories >= %(least)s)
      ELSE NOT EXISTS (SELECT FROM entity_ties t
          WHERE t.user_id = s.user_id AND t.a_id = s.entity_a_id AND t.b_id = s.entity_b_id AND t.memories >= %(least)s)
      END
"""


def renew_series(*, user_id: int, entity_ids: Collection[int]) -> None:
    """Bring the series of these entities and of their ties up to date."""
    if not entity_ids:
        return
    parameters: dict[str, Any] = {"user": user_id, "entities": list(entity_ids), "least": LEAST_DAYS}
    with connection.cursor() as cursor:
        for statement in (SILENT, ENTITIES, TIES):
            cursor.execute(statement, parameters)
