-- As sightings_v1.sql, of all memories of the person, by the index of search.
WITH topics AS MATERIALIZED (
    SELECT l.id, phraseto_tsquery('english', life_unaccent(l.key)) AS words
    FROM normalized_entities l JOIN graph_entities e ON e.user_id = l.user_id AND e.id = l.canonical_id
    WHERE l.user_id = %(user)s AND l.kind = 'topic' AND e.kind = 'topic' AND NOT e.hidden AND e.memories >= %(least)s
      AND l.key <> ALL(%(noticed)s)
)
INSERT INTO graph_sightings (user_id, memory_id, entity_id, occurred_on)
SELECT %(user)s, m.id, t.id, m.occurred_on FROM topics t
JOIN memories_memory m ON m.user_id = %(user)s AND memory_words(m.title, m.content) @@ t.words ORDER BY m.id, t.id
