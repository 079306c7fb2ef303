-- Reading a person's graph, a function a view: one statement for the caller. Most reads end at the version or at the kept body, and
-- only what is reached is planned: planning the joins of the live view costs more than answering "nothing has changed" (12 ms against
-- 2 ms, measured). A generic plan, which PostgreSQL takes after five calls, made composing ten times slower, and before the first
-- ANALYZE nested loops made it thirty times slower, so both are off in here (measured on 4,400 ties).
-- Each gives the version, the body (NULL when the caller knows that version already) and the age of the view in seconds.

-- The person's version: their last refresh, and how much the dirty log has grown since. A count and a maximum of an append-only log
-- see every commit, late ones too; nothing here depends on the size of the graph.
CREATE FUNCTION graph_version(asked_user bigint, asked_shape text) RETURNS text
    LANGUAGE sql STABLE
    RETURN (
        SELECT coalesce((SELECT refresh_id FROM graph_epochs WHERE user_id = asked_user), 0)
               || '.' || count(*) || '.' || coalesce(max(id), 0) || asked_shape
        FROM graph_dirty_log WHERE user_id = asked_user
    );

-- The graph of entities and ties as one JSON text, made here: no object per edge is ever built in Python.
CREATE FUNCTION read_graph_of_entities(
    asked_user bigint, asked_shape text, asked_known text[], asked_limit bigint, asked_min_importance float, asked_focus bigint,
    asked_as_of date, OUT tag text, OUT body text, OUT age float
)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
#variable_conflict use_column
BEGIN
    tag := graph_version(asked_user, asked_shape);
    age := (SELECT extract(epoch FROM now() - started_at) FROM graph_refreshes ORDER BY id DESC LIMIT 1);
    IF tag = ANY(asked_known) THEN
        RETURN;
    END IF;
    body := (SELECT k.body FROM graph_bodies k WHERE k.user_id = asked_user AND k.view = 'entities' AND k.tag = read_graph_of_entities.tag);
    IF body IS NOT NULL THEN
        RETURN;
    END IF;
    body := (
        WITH nodes AS MATERIALIZED (
            SELECT id, kind, name, memories, importance, community, x, y, first_seen, last_seen,
                   count(*) OVER () AS asked
            FROM graph_entities
            WHERE user_id = asked_user AND NOT hidden AND (memories >= 3 OR (memories >= 1 AND kind <> 'topic'))
              AND importance::real >= asked_min_importance::real
              AND (asked_as_of::date IS NULL OR first_seen <= asked_as_of)
              AND (asked_focus::bigint IS NULL OR id = asked_focus OR id IN (
                  SELECT b_id FROM entity_ties WHERE user_id = asked_user AND a_id = asked_focus
                  UNION ALL SELECT a_id FROM entity_ties WHERE user_id = asked_user AND b_id = asked_focus))
            ORDER BY importance DESC, id
            LIMIT asked_limit
        ), edges AS (
            SELECT t.id, t.a_id, t.b_id, t.weight, t.layers
            FROM entity_ties t JOIN nodes a ON a.id = t.a_id JOIN nodes b ON b.id = t.b_id
            WHERE t.user_id = asked_user AND (asked_as_of::date IS NULL OR t.first <= asked_as_of)
        ), node_columns AS (
            SELECT count(*) = coalesce(max(asked), 0) AS complete, '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"kind":[' || coalesce(string_agg('"' || kind || '"', ','), '')
                || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                || '],"memories":[' || coalesce(string_agg(memories::text, ','), '')
                || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
                || '],"community":[' || coalesce(string_agg(community::text, ','), '')
                || '],"x":[' || coalesce(string_agg(coalesce(x, 0)::real::text, ','), '')
                || '],"y":[' || coalesce(string_agg(coalesce(y, 0)::real::text, ','), '')
                || '],"first_seen":[' || coalesce(string_agg('"' || first_seen || '"', ','), '')
                || '],"last_seen":[' || coalesce(string_agg('"' || last_seen || '"', ','), '') || ']}' AS body
            FROM nodes
        ), edge_columns AS (
            SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"source":[' || coalesce(string_agg(a_id::text, ','), '')
                || '],"target":[' || coalesce(string_agg(b_id::text, ','), '')
                || '],"type":[' || rtrim(repeat('"tie",', count(*)::int), ',')
                || '],"weight":[' || coalesce(string_agg(weight::real::text, ','), '')
                || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}' AS body
            FROM edges
        )
            SELECT '{"nodes":' || n.body || ',"edges":' || (SELECT body FROM edge_columns) || ',"version":"' || tag
                || '","complete":' || n.complete::text || '}'
            FROM node_columns n
    );
END
$$;

-- The graph of memories and relationships: the view, overlaid with what changed since its refresh (never a join of the view with
-- the log: the planner would execute the whole live view). x is time, from the first memory (-1) to the last (1).
CREATE FUNCTION read_graph_of_memories(
    asked_user bigint, asked_shape text, asked_known text[], asked_limit bigint, asked_min_importance float, asked_focus bigint,
    asked_as_of date, OUT tag text, OUT body text, OUT age float
)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
#variable_conflict use_column
BEGIN
    tag := graph_version(asked_user, asked_shape);
    age := (SELECT extract(epoch FROM now() - started_at) FROM graph_refreshes ORDER BY id DESC LIMIT 1);
    IF tag = ANY(asked_known) THEN
        RETURN;
    END IF;
    body := (SELECT k.body FROM graph_bodies k WHERE k.user_id = asked_user AND k.view = 'memories' AND k.tag = read_graph_of_memories.tag);
    IF body IS NOT NULL THEN
        RETURN;
    END IF;
    body := (
        WITH dirty AS MATERIALIZED (
            SELECT object_id FROM graph_dirty_log WHERE user_id = asked_user AND kind = 'relationship'
            UNION -- after a TRUNCATE nobody knows which rows it was about, so all are dirty
            SELECT id FROM view_enriched_relationships
            WHERE user_id = asked_user AND EXISTS (SELECT FROM graph_dirty_log WHERE user_id = asked_user AND kind = 'truncate')
            UNION
            SELECT id FROM relationship_instances
            WHERE user_id = asked_user AND EXISTS (SELECT FROM graph_dirty_log WHERE user_id = asked_user AND kind = 'truncate')
        ), edges AS MATERIALIZED (
            SELECT id, source_event_id, target_event_id, relationship_type, confidence_score, layers
            FROM view_enriched_relationships
            WHERE user_id = asked_user AND id NOT IN (SELECT object_id FROM dirty)
            UNION ALL
            SELECT id, source_event_id, target_event_id, relationship_type, confidence_score, layers
            FROM live_enriched_relationships
            WHERE user_id = asked_user AND id = ANY(ARRAY(SELECT object_id FROM dirty))
        ), degrees AS (
            SELECT id, count(*) AS degree FROM (
                SELECT source_event_id AS id FROM edges UNION ALL SELECT target_event_id FROM edges
            ) ends GROUP BY id
        ), span AS (
            SELECT min(occurred_on) AS first, greatest(max(occurred_on) - min(occurred_on), 1) AS days
            FROM memories_memory WHERE user_id = asked_user
        ), scored AS (
            SELECT m.id, m.source, coalesce(nullif(m.title, ''), left(m.content, 60)) AS name, m.occurred_on,
                   sqrt(coalesce(d.degree, 0)::float / greatest((SELECT max(degree) FROM degrees), 1)) AS importance,
                   2.0 * (m.occurred_on - s.first) / s.days - 1 AS x,
                   (hashint8(m.id) % 1000) / 1000.0 AS y
            FROM memories_memory m CROSS JOIN span s LEFT JOIN degrees d ON d.id = m.id
            WHERE m.user_id = asked_user AND (asked_as_of::date IS NULL OR m.occurred_on <= asked_as_of)
        ), nodes AS MATERIALIZED (
            SELECT *, count(*) OVER () AS asked FROM scored
            WHERE importance::real >= asked_min_importance::real
              AND (asked_focus::bigint IS NULL OR id = asked_focus OR id IN (
                  SELECT target_event_id FROM edges WHERE source_event_id = asked_focus
                  UNION ALL SELECT source_event_id FROM edges WHERE target_event_id = asked_focus))
            ORDER BY importance DESC, id
            LIMIT asked_limit
        ), shown AS (
            SELECT e.* FROM edges e JOIN nodes a ON a.id = e.source_event_id JOIN nodes b ON b.id = e.target_event_id
        ), node_columns AS (
            SELECT count(*) = coalesce(max(asked), 0) AS complete, '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"kind":[' || coalesce(string_agg(to_json(source)::text, ','), '')
                || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                || '],"memories":[' || rtrim(repeat('1,', count(*)::int), ',')
                || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
                || '],"community":[' || rtrim(repeat('0,', count(*)::int), ',')
                || '],"x":[' || coalesce(string_agg(x::real::text, ','), '')
                || '],"y":[' || coalesce(string_agg(y::real::text, ','), '')
                || '],"first_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '')
                || '],"last_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '') || ']}' AS body
            FROM nodes
        ), edge_columns AS (
            SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"source":[' || coalesce(string_agg(source_event_id::text, ','), '')
                || '],"target":[' || coalesce(string_agg(target_event_id::text, ','), '')
                || '],"type":[' || coalesce(string_agg('"' || relationship_type || '"', ','), '')
                || '],"weight":[' || coalesce(string_agg(confidence_score::real::text, ','), '')
                || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}' AS body
            FROM shown
        )
            SELECT '{"nodes":' || n.body || ',"edges":' || (SELECT body FROM edge_columns) || ',"version":"' || tag
                || '","complete":' || n.complete::text || '}'
            FROM node_columns n
    );
END
$$;
