-- Pairs of canonical entities that the memories %(memories)s name together (graph/nearness.py says what "together" is).
WITH spots AS (
    SELECT DISTINCT m.memory_id, l.canonical_id, m.start, y.size
    FROM entity_matches m
    JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    JOIN memories_memory y ON y.user_id = m.user_id AND y.id = m.memory_id
    WHERE m.user_id = %(user)s AND m.memory_id = ANY(%(memories)s)
      AND NOT (m.field = 'author' AND y.participants = '[]' AND l.canonical_id = %(teller)s)
)
SELECT DISTINCT a.canonical_id, b.canonical_id
FROM spots a JOIN spots b ON b.memory_id = a.memory_id AND a.canonical_id < b.canonical_id
WHERE a.size <= %(whole)s OR a.start IS NULL OR b.start IS NULL OR abs(a.start - b.start) <= %(near)s
