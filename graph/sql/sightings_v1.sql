-- Which of the memories %(memories)s hold the words of the person's topics. Their words are worked out once, not once a topic. The search
-- finds by stems ("great" for "greatness"), so the letters have to stand there too.
WITH topics AS MATERIALIZED (
    SELECT l.id, life_unaccent(l.key) AS key, phraseto_tsquery('english', life_unaccent(l.key)) AS words
    FROM normalized_entities l JOIN graph_entities e ON e.user_id = l.user_id AND e.id = l.canonical_id
    WHERE l.user_id = %(user)s AND l.kind = 'topic' AND e.kind = 'topic' AND NOT e.hidden AND e.memories >= %(least)s
      AND l.key <> ALL(%(noticed)s)
), texts AS MATERIALIZED (
    SELECT id, occurred_on, memory_words(title, content) AS words,
           replace(lower(life_unaccent(title || ' ' || content)), '’', '''') AS letters
    FROM memories_memory
    WHERE user_id = %(user)s AND id = ANY(%(memories)s)
)
INSERT INTO graph_sightings (user_id, memory_id, entity_id, occurred_on)
SELECT %(user)s, m.id, t.id, m.occurred_on FROM topics t JOIN texts m ON m.words @@ t.words AND strpos(m.letters, t.key) > 0 ORDER BY m.id, t.id
