-- Counts of what `graph/?view=entities` and `graph/?view=memories` show.
WITH nodes AS (
    SELECT id, kind, community FROM graph_entities
    WHERE user_id = %(user)s AND NOT hidden AND (memories >= 3 OR (memories >= 1 AND kind <> 'topic'))
), ties AS (
    SELECT count(*) AS n FROM entity_ties t JOIN nodes a ON a.id = t.a_id JOIN nodes b ON b.id = t.b_id WHERE t.user_id = %(user)s
)
SELECT (SELECT count(*) FROM nodes), (SELECT n FROM ties),
       (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM nodes GROUP BY kind) k),
       (SELECT count(DISTINCT community) FROM nodes),
       (SELECT count(*) FROM memories_memory WHERE user_id = %(user)s),
       (SELECT count(*) FROM relationship_instances WHERE user_id = %(user)s),
       (SELECT json_object_agg(relationship_type, n) FROM (
           SELECT relationship_type, count(*) AS n FROM relationship_instances WHERE user_id = %(user)s GROUP BY 1) r)
