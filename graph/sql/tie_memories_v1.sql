-- The memories that name a and b together, newest first, each with the words around the place.
WITH spots AS (
    SELECT m.memory_id, l.canonical_id, m.start, m."end", m.field, y.size
    FROM normalized_entities l
    JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
    JOIN memories_memory y ON y.user_id = m.user_id AND y.id = m.memory_id
    WHERE l.user_id = %(user)s AND l.canonical_id IN (%(a)s, %(b)s)
      AND NOT (m.field = 'author' AND y.participants = '[]' AND l.canonical_id = (SELECT id FROM graph_entities WHERE user_id = %(user)s AND teller))
), together AS (
    SELECT DISTINCT ON (a.memory_id) a.memory_id, least(a.start, b.start) AS start
    FROM spots a JOIN spots b ON b.memory_id = a.memory_id AND a.canonical_id = %(a)s AND b.canonical_id = %(b)s
    WHERE a.size <= %(whole)s OR a.start IS NULL OR b.start IS NULL OR abs(a.start - b.start) <= %(near)s
    ORDER BY a.memory_id, abs(a.start - b.start) NULLS LAST, least(a.start, b.start)
)
SELECT y.id, y.external_id, y.title, substr(y.content, greatest(coalesce(t.start, 0) - 80, 1), 400), y.occurred_on, y.source
FROM together t JOIN memories_memory y ON y.user_id = %(user)s AND y.id = t.memory_id
ORDER BY y.occurred_at DESC, y.id DESC
LIMIT %(limit)s
