-- As sightings_v1.sql, of all memories of the person, by the index of search.
WITH topics AS MATERIALIZED (
    SELECT l.id, life_unaccent(l.key) AS key, phraseto_tsquery('english', life_unaccent(l.key)) AS words
    FROM normalized_entities l JOIN graph_entities e ON e.user_id = l.user_id AND e.id = l.canonical_id
    WHERE l.user_id = %(user)s AND l.kind = 'topic' AND e.kind = 'topic' AND NOT e.hidden AND e.memories >= %(least)s
      AND l.key <> ALL(%(noticed)s)
), texts AS MATERIALIZED (
    SELECT id, replace(lower(life_unaccent(title || ' ' || content)), '’', '''') AS letters FROM memories_memory WHERE user_id = %(user)s
), found AS MATERIALIZED (
    SELECT m.id, m.occurred_on, t.id AS topic, t.key FROM topics t
    JOIN memories_memory m ON m.user_id = %(user)s AND memory_words(m.title, m.content) @@ t.words
)
INSERT INTO graph_sightings (user_id, memory_id, entity_id, occurred_on)
SELECT %(user)s, f.id, f.topic, f.occurred_on FROM found f JOIN texts x ON x.id = f.id AND strpos(x.letters, f.key) > 0 ORDER BY f.id, f.topic
