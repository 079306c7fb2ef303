-- Count the pairs (%(a)s, %(b)s) anew over all memories of the person, and write what differs; their series count days.
WITH pairs AS (
    SELECT * FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS p(a, b)
), spots AS MATERIALIZED (
    SELECT DISTINCT m.memory_id, l.canonical_id, m.start, m.occurred_on, y.size
    FROM normalized_entities l
    JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
    JOIN memories_memory y ON y.user_id = m.user_id AND y.id = m.memory_id
    WHERE l.user_id = %(user)s AND l.canonical_id IN (SELECT a FROM pairs UNION SELECT b FROM pairs)
      AND NOT (m.field = 'author' AND y.participants = '[]' AND l.canonical_id = %(teller)s)
), together AS MATERIALIZED (
    SELECT DISTINCT sa.canonical_id AS a, sb.canonical_id AS b, sa.memory_id, sa.occurred_on
    FROM spots sa
    JOIN spots sb ON sb.memory_id = sa.memory_id AND sa.canonical_id < sb.canonical_id
    JOIN pairs p ON p.a = sa.canonical_id AND p.b = sb.canonical_id
    WHERE sa.size <= %(whole)s OR sa.start IS NULL OR sb.start IS NULL OR abs(sa.start - sb.start) <= %(near)s
), crowd AS (
    SELECT m.memory_id, count(DISTINCT l.canonical_id) AS entities
    FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    WHERE m.user_id = %(user)s AND m.memory_id IN (SELECT memory_id FROM together)
    GROUP BY m.memory_id
), counted AS (
    SELECT t.a, t.b, count(*) AS memories, sum(1.0 / (c.entities - 1) ORDER BY t.memory_id) AS weight, min(t.occurred_on) AS first, max(t.occurred_on) AS last,
           array_agg(DISTINCT t.occurred_on - date '1970-01-01' ORDER BY t.occurred_on - date '1970-01-01') AS occurrences
    FROM together t JOIN crowd c USING (memory_id)
    GROUP BY t.a, t.b
), gone AS (
    DELETE FROM entity_ties e USING pairs p
    WHERE e.user_id = %(user)s AND e.a_id = p.a AND e.b_id = p.b
      AND NOT EXISTS (SELECT FROM counted c WHERE c.a = p.a AND c.b = p.b)
), silent AS (
    DELETE FROM graph_series s USING pairs p
    WHERE s.user_id = %(user)s AND s.entity_a_id = p.a AND s.entity_b_id = p.b AND s.days > 0
      AND NOT EXISTS (SELECT FROM counted c WHERE c.a = p.a AND c.b = p.b AND cardinality(c.occurrences) >= %(least)s)
), heard AS (
    INSERT INTO graph_series AS s (user_id, entity_a_id, entity_b_id, days, first, last, occurrences, dirty_at)
    SELECT %(user)s, a, b, cardinality(occurrences), first, last, occurrences, now() FROM counted
    WHERE cardinality(occurrences) >= %(least)s ORDER BY a, b
    ON CONFLICT (user_id, entity_a_id, entity_b_id) DO UPDATE
    SET days = excluded.days, first = excluded.first, last = excluded.last, occurrences = excluded.occurrences, dirty_at = now()
    WHERE s.occurrences IS DISTINCT FROM excluded.occurrences
)
INSERT INTO entity_ties AS e (user_id, a_id, b_id, memories, weight, first, last, layers)
SELECT %(user)s, a, b, memories, weight, first, last, 0 FROM counted ORDER BY a, b
ON CONFLICT (user_id, a_id, b_id) DO UPDATE
SET memories = excluded.memories, weight = excluded.weight, first = excluded.first, last = excluded.last
WHERE (e.memories, e.first, e.last) IS DISTINCT FROM (excluded.memories, excluded.first, excluded.last)
   OR abs(e.weight - excluded.weight) > 1e-9
