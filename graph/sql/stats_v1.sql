-- Counts of what `graph/?view=entities` and `graph/?view=memories` show now, and what their last layouts found of the whole.
WITH nodes AS MATERIALIZED (
    SELECT id, kind, community FROM graph_entities WHERE user_id = %(user)s AND shown
), lines AS MATERIALIZED (
    SELECT relationship_type, count(*) AS n FROM relationship_instances WHERE user_id = %(user)s GROUP BY relationship_type
)
SELECT (SELECT count(*) FROM nodes),
       (SELECT count(*) FROM entity_ties t JOIN nodes a ON a.id = t.a_id JOIN nodes b ON b.id = t.b_id WHERE t.user_id = %(user)s),
       (SELECT json_object_agg(kind, n ORDER BY kind) FROM (SELECT kind, count(*) AS n FROM nodes GROUP BY kind) k),
       (SELECT count(DISTINCT community) FROM nodes),
       (SELECT count(*) FROM memories_memory WHERE user_id = %(user)s),
       (SELECT coalesce(sum(n), 0)::bigint FROM lines),
       (SELECT count(*) FROM (
           SELECT FROM relationship_instances WHERE user_id = %(user)s GROUP BY source_event_id, target_event_id) pairs),
       (SELECT json_object_agg(relationship_type, n ORDER BY relationship_type) FROM lines),
       (SELECT count(DISTINCT coalesce(p.community, 0))
        FROM memories_memory m LEFT JOIN graph_memory_places p ON p.user_id = m.user_id AND p.memory_id = m.id
        WHERE m.user_id = %(user)s),
       (SELECT json_object_agg(view, json_build_object(
           'components', components, 'largest_component', largest, 'computed_at', computed_at)
        ) FROM graph_layouts WHERE user_id = %(user)s)
