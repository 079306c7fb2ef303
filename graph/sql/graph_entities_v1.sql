-- The graph of entities and ties as one JSON text, made here: no object per edge is ever built in Python.
WITH version AS (
    {version}
), nodes AS MATERIALIZED (
    SELECT id, kind, name, memories, importance, community, x, y, first_seen, last_seen,
           count(*) OVER () AS asked
    FROM graph_entities
    WHERE user_id = %(user)s AND NOT hidden AND (memories >= 3 OR (memories >= 1 AND kind <> 'topic'))
      AND importance::real >= %(min_importance)s::real
      AND (%(as_of)s::date IS NULL OR first_seen <= %(as_of)s)
      AND (%(focus)s::bigint IS NULL OR id = %(focus)s OR id IN (
          SELECT b_id FROM entity_ties WHERE user_id = %(user)s AND a_id = %(focus)s
          UNION ALL SELECT a_id FROM entity_ties WHERE user_id = %(user)s AND b_id = %(focus)s))
    ORDER BY importance DESC, id
    LIMIT %(limit)s
), edges AS (
    SELECT t.id, t.a_id, t.b_id, t.weight, t.layers
    FROM entity_ties t JOIN nodes a ON a.id = t.a_id JOIN nodes b ON b.id = t.b_id
    WHERE t.user_id = %(user)s AND (%(as_of)s::date IS NULL OR t.first <= %(as_of)s)
), node_columns AS (
    SELECT count(*) = coalesce(max(asked), 0) AS complete, '{{"id":[' || coalesce(string_agg(id::text, ','), '')
        || '],"kind":[' || coalesce(string_agg('"' || kind || '"', ','), '')
        || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
        || '],"memories":[' || coalesce(string_agg(memories::text, ','), '')
        || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
        || '],"community":[' || coalesce(string_agg(community::text, ','), '')
        || '],"x":[' || coalesce(string_agg(coalesce(x, 0)::real::text, ','), '')
        || '],"y":[' || coalesce(string_agg(coalesce(y, 0)::real::text, ','), '')
        || '],"first_seen":[' || coalesce(string_agg('"' || first_seen || '"', ','), '')
        || '],"last_seen":[' || coalesce(string_agg('"' || last_seen || '"', ','), '') || ']}}' AS body
    FROM nodes
), edge_columns AS (
    SELECT '{{"id":[' || coalesce(string_agg(id::text, ','), '')
        || '],"source":[' || coalesce(string_agg(a_id::text, ','), '')
        || '],"target":[' || coalesce(string_agg(b_id::text, ','), '')
        || '],"type":[' || rtrim(repeat('"tie",', count(*)::int), ',')
        || '],"weight":[' || coalesce(string_agg(weight::real::text, ','), '')
        || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}}' AS body
    FROM edges
)
SELECT v.tag,
       CASE WHEN v.tag = ANY(%(known)s) THEN NULL ELSE coalesce((
           SELECT body FROM graph_bodies WHERE user_id = %(user)s AND view = 'entities' AND tag = v.tag
       ), (
           SELECT '{{"nodes":' || n.body || ',"edges":' || (SELECT body FROM edge_columns) || ',"version":"' || v.tag
               || '","complete":' || n.complete::text || '}}'
           FROM node_columns n
       )) END AS body,
       (SELECT extract(epoch FROM now() - started_at) FROM graph_refreshes ORDER BY id DESC LIMIT 1) AS age
FROM version v
