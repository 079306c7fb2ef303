-- The ties of the pairs (%(a)s, %(b)s), a < b, with their ends and the newest memories that name both together (as in ties_v1.sql).
WITH pairs AS (
    SELECT * FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS p(a, b)
), teller AS (
    SELECT id FROM graph_entities WHERE user_id = %(user)s AND teller
), spots AS MATERIALIZED (
    SELECT m.memory_id, l.canonical_id, m.start, m.field = 'author' AND l.canonical_id IN (SELECT id FROM teller) AS told
    FROM normalized_entities l JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
    WHERE l.user_id = %(user)s AND l.canonical_id IN (SELECT a FROM pairs UNION SELECT b FROM pairs)
), together AS (
    SELECT DISTINCT p.a, p.b, y.id, y.occurred_at
    FROM pairs p
    JOIN spots sa ON sa.canonical_id = p.a
    JOIN spots sb ON sb.canonical_id = p.b AND sb.memory_id = sa.memory_id
    JOIN memories_memory y ON y.user_id = %(user)s AND y.id = sa.memory_id
    WHERE (y.size <= %(whole)s OR sa.start IS NULL OR sb.start IS NULL OR abs(sa.start - sb.start) <= %(near)s)
      AND NOT ((sa.told OR sb.told) AND y.participants = '[]')
), newest AS (
    SELECT *, row_number() OVER (PARTITION BY a, b ORDER BY occurred_at DESC, id DESC) AS place FROM together
), cited AS MATERIALIZED (
    SELECT n.a, n.b, json_agg(json_build_object(
        'id', y.id, 'title', coalesce(nullif(y.title, ''), left(y.content, 60)), 'day', y.occurred_on) ORDER BY n.place) AS evidence
    FROM newest n JOIN memories_memory y ON y.user_id = %(user)s AND y.id = n.id
    WHERE n.place <= %(most)s
    GROUP BY n.a, n.b
)
SELECT t.id, t.a_id, a.name, a.kind, t.b_id, b.name, b.kind, t.memories, t.weight, t.first, t.last, t.layers, coalesce(c.evidence, '[]')
FROM pairs p
JOIN entity_ties t ON t.user_id = %(user)s AND t.a_id = p.a AND t.b_id = p.b
JOIN graph_entities a ON a.user_id = %(user)s AND a.id = t.a_id
JOIN graph_entities b ON b.user_id = %(user)s AND b.id = t.b_id
LEFT JOIN cited c ON c.a = p.a AND c.b = p.b
