-- The graph of memories and relationships: the view, overlaid with what changed since its refresh (never a join of the view with
-- the log: the planner would execute the whole live view). x is time, from the first memory (-1) to the last (1).
WITH version AS (
    {version}
), dirty AS MATERIALIZED (
    SELECT object_id FROM graph_dirty_log WHERE user_id = %(user)s AND kind = 'relationship'
    UNION -- after a TRUNCATE nobody knows which rows it was about, so all are dirty
    SELECT id FROM view_enriched_relationships
    WHERE user_id = %(user)s AND EXISTS (SELECT FROM graph_dirty_log WHERE user_id = %(user)s AND kind = 'truncate')
    UNION
    SELECT id FROM relationship_instances
    WHERE user_id = %(user)s AND EXISTS (SELECT FROM graph_dirty_log WHERE user_id = %(user)s AND kind = 'truncate')
), edges AS MATERIALIZED (
    SELECT id, source_event_id, target_event_id, relationship_type, confidence_score, layers
    FROM view_enriched_relationships
    WHERE user_id = %(user)s AND id NOT IN (SELECT object_id FROM dirty)
    UNION ALL
    SELECT id, source_event_id, target_event_id, relationship_type, confidence_score, layers
    FROM live_enriched_relationships
    WHERE user_id = %(user)s AND id = ANY(ARRAY(SELECT object_id FROM dirty))
), degrees AS (
    SELECT id, count(*) AS degree FROM (
        SELECT source_event_id AS id FROM edges UNION ALL SELECT target_event_id FROM edges
    ) ends GROUP BY id
), span AS (
    SELECT min(occurred_on) AS first, greatest(max(occurred_on) - min(occurred_on), 1) AS days
    FROM memories_memory WHERE user_id = %(user)s
), scored AS (
    SELECT m.id, m.source, coalesce(nullif(m.title, ''), left(m.content, 60)) AS name, m.occurred_on,
           sqrt(coalesce(d.degree, 0)::float / greatest((SELECT max(degree) FROM degrees), 1)) AS importance,
           2.0 * (m.occurred_on - s.first) / s.days - 1 AS x,
           (hashint8(m.id) %% 1000) / 1000.0 AS y
    FROM memories_memory m CROSS JOIN span s LEFT JOIN degrees d ON d.id = m.id
    WHERE m.user_id = %(user)s AND (%(as_of)s::date IS NULL OR m.occurred_on <= %(as_of)s)
), nodes AS MATERIALIZED (
    SELECT *, count(*) OVER () AS asked FROM scored
    WHERE importance::real >= %(min_importance)s::real
      AND (%(focus)s::bigint IS NULL OR id = %(focus)s OR id IN (
          SELECT target_event_id FROM edges WHERE source_event_id = %(focus)s
          UNION ALL SELECT source_event_id FROM edges WHERE target_event_id = %(focus)s))
    ORDER BY importance DESC, id
    LIMIT %(limit)s
), shown AS (
    SELECT e.* FROM edges e JOIN nodes a ON a.id = e.source_event_id JOIN nodes b ON b.id = e.target_event_id
), node_columns AS (
    SELECT count(*) = coalesce(max(asked), 0) AS complete, '{{"id":[' || coalesce(string_agg(id::text, ','), '')
        || '],"kind":[' || coalesce(string_agg(to_json(source)::text, ','), '')
        || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
        || '],"memories":[' || rtrim(repeat('1,', count(*)::int), ',')
        || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
        || '],"community":[' || rtrim(repeat('0,', count(*)::int), ',')
        || '],"x":[' || coalesce(string_agg(x::real::text, ','), '')
        || '],"y":[' || coalesce(string_agg(y::real::text, ','), '')
        || '],"first_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '')
        || '],"last_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '') || ']}}' AS body
    FROM nodes
), edge_columns AS (
    SELECT '{{"id":[' || coalesce(string_agg(id::text, ','), '')
        || '],"source":[' || coalesce(string_agg(source_event_id::text, ','), '')
        || '],"target":[' || coalesce(string_agg(target_event_id::text, ','), '')
        || '],"type":[' || coalesce(string_agg('"' || relationship_type || '"', ','), '')
        || '],"weight":[' || coalesce(string_agg(confidence_score::real::text, ','), '')
        || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}}' AS body
    FROM shown
)
SELECT v.tag,
       CASE WHEN v.tag = ANY(%(known)s) THEN NULL ELSE coalesce((
           SELECT body FROM graph_bodies WHERE user_id = %(user)s AND view = 'memories' AND tag = v.tag
       ), (
           SELECT '{{"nodes":' || n.body || ',"edges":' || (SELECT body FROM edge_columns) || ',"version":"' || v.tag
               || '","complete":' || n.complete::text || '}}'
           FROM node_columns n
       )) END AS body,
       (SELECT extract(epoch FROM now() - started_at) FROM graph_refreshes ORDER BY id DESC LIMIT 1) AS age
FROM version v
