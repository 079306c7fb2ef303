"""Related: the occurrence days of entities and ties, marked dirty for the layers that read them.

A topic's days are those of the memories that name it or hold its words. Series of ties are written with the ties themselves
(graph/sql/ties_v1.sql), which know the days.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection

LEAST_DAYS = 3  # no test of a layer can speak of fewer occurrences

RENEW = """
WITH named AS (
    SELECT l.canonical_id AS entity, m.occurred_on
    FROM normalized_entities l JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
    WHERE l.user_id = %(user)s AND l.canonical_id = ANY(%(entities)s)
    UNION
    SELECT l.canonical_id, m.occurred_on
    FROM normalized_entities l JOIN graph_sightings m ON m.user_id = l.user_id AND m.entity_id = l.id
    WHERE l.user_id = %(user)s AND l.canonical_id = ANY(%(entities)s)
), heard AS (
    SELECT entity, count(*) AS days, min(occurred_on) AS first, max(occurred_on) AS last,
           array_agg(occurred_on - date '1970-01-01' ORDER BY occurred_on) AS occurrences
    FROM named GROUP BY entity HAVING count(*) >= %(least)s
), silent AS (
    DELETE FROM graph_series s
    WHERE s.user_id = %(user)s AND s.entity_a_id = ANY(%(entities)s) AND s.entity_b_id IS NULL
      AND NOT EXISTS (SELECT FROM heard h WHERE h.entity = s.entity_a_id)
)
INSERT INTO graph_series AS s (user_id, entity_a_id, entity_b_id, days, first, last, occurrences, dirty_at)
SELECT %(user)s, entity, NULL, days, first, last, occurrences, now() FROM heard ORDER BY entity
ON CONFLICT (user_id, entity_a_id, entity_b_id) DO UPDATE
SET days = excluded.days, first = excluded.first, last = excluded.last, occurrences = excluded.occurrences, dirty_at = now()
WHERE s.occurrences IS DISTINCT FROM excluded.occurrences
"""


def renew_series(*, user_id: int, entity_ids: Collection[int]) -> None:
    """Bring the series of these entities up to date; only those whose days are other ones become dirty."""
    if not entity_ids:
        return
    parameters: dict[str, Any] = {"user": user_id, "entities": list(entity_ids), "least": LEAST_DAYS}
    with connection.cursor() as cursor:
        cursor.execute(RENEW, parameters)
