-- What changed of a person's graph since a version: nodes and edges as they are now, ids of those that are gone, and the version that
-- this leads to. The cost follows the change. No version: the asked one is too old or not ours, and the graph has to be read whole.

-- The delta of who asks again while nothing changed, which is most of the time; planning the other costs more.
CREATE FUNCTION make_empty_changes(version text) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    '{"nodes":{"id":[],"kind":[],"label":[],"memories":[],"importance":[],"community":[],"x":[],"y":[],"first_seen":[],"last_seen":[]},'
    || '"edges":{"id":[],"source":[],"target":[],"type":[],"weight":[],"layers":[]},"removed":{"nodes":[],"edges":[],"ends":[]},'
    || '"relayout":false,"version":"' || version || '"}';

CREATE FUNCTION read_changes_of_entities(asked_user bigint, asked_since text, OUT version text, OUT body text)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    since pg_snapshot := graph_snapshot(asked_user, asked_since);
    nodes bigint[];
    flipped bigint[];
    ties bigint[];
    relayout boolean;
    lost boolean;
BEGIN
    IF since IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT object_id) FILTER (WHERE kind IN ('node', 'shown')), array_agg(DISTINCT object_id) FILTER (WHERE kind = 'shown'),
           array_agg(DISTINCT object_id) FILTER (WHERE kind = 'tie'), coalesce(bool_or(kind = 'layout'), false), coalesce(bool_or(kind IN ('truncate', 'forgotten')), false)
    INTO nodes, flipped, ties, relayout, lost
    FROM read_unseen(asked_user, 'entities', since);
    IF lost THEN
        RETURN;
    END IF;
    IF nodes IS NULL AND ties IS NULL AND NOT relayout THEN
        version := asked_since;
        body := make_empty_changes(version);
        RETURN;
    END IF;
    version := graph_version(asked_user);
    body := (
        WITH current_nodes AS MATERIALIZED (
            SELECT id, kind, name, memories, importance, community, x, y, first_seen, last_seen FROM graph_entities
            WHERE user_id = asked_user AND shown AND (relayout OR id = ANY(nodes))
            ORDER BY importance DESC, id
        ), touched AS MATERIALIZED (
            SELECT t.id, t.a_id, t.b_id, t.weight, t.layers, a.shown AND b.shown AS shown
            FROM entity_ties t
            JOIN graph_entities a ON a.user_id = t.user_id AND a.id = t.a_id
            JOIN graph_entities b ON b.user_id = t.user_id AND b.id = t.b_id
            WHERE t.user_id = asked_user AND t.id IN (
                SELECT unnest(ties)
                UNION SELECT id FROM entity_ties WHERE user_id = asked_user AND a_id = ANY(flipped)
                UNION SELECT id FROM entity_ties WHERE user_id = asked_user AND b_id = ANY(flipped))
        ), gone AS MATERIALIZED (
            SELECT id, a_id, b_id FROM touched WHERE NOT shown
            UNION ALL
            SELECT object_id, max(source_id), max(target_id) FROM read_unseen(asked_user, 'entities', since)
            WHERE kind = 'tie'
              AND NOT EXISTS (SELECT FROM entity_ties t WHERE t.user_id = asked_user AND t.id = object_id)
            GROUP BY object_id
        )
        SELECT '{"nodes":' || (
                SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"kind":[' || coalesce(string_agg('"' || kind || '"', ','), '')
                    || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                    || '],"memories":[' || coalesce(string_agg(memories::text, ','), '')
                    || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
                    || '],"community":[' || coalesce(string_agg(community::text, ','), '')
                    || '],"x":[' || coalesce(string_agg(coalesce(x, 0)::real::text, ','), '')
                    || '],"y":[' || coalesce(string_agg(coalesce(y, 0)::real::text, ','), '')
                    || '],"first_seen":[' || coalesce(string_agg('"' || first_seen || '"', ','), '')
                    || '],"last_seen":[' || coalesce(string_agg('"' || last_seen || '"', ','), '') || ']}'
                FROM current_nodes
            ) || ',"edges":' || (
                SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"source":[' || coalesce(string_agg(a_id::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(b_id::text, ','), '')
                    || '],"type":[' || rtrim(repeat('"tie",', count(*)::int), ',')
                    || '],"weight":[' || coalesce(string_agg(weight::real::text, ','), '')
                    || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}'
                FROM touched WHERE shown
            ) || ',"removed":{"nodes":[' || coalesce((
                SELECT string_agg(f::text, ',') FROM unnest(flipped) AS f
                WHERE NOT EXISTS (SELECT FROM graph_entities WHERE user_id = asked_user AND id = f AND shown)
            ), '') || '],"edges":[' || coalesce((SELECT string_agg(id::text, ',') FROM gone), '')
            || '],"ends":[' || coalesce((SELECT string_agg('[' || a_id || ',' || b_id || ']', ',') FROM gone), '')
            || ']},"relayout":' || relayout::text || ',"version":"' || version || '"}'
    );
END
$$;

CREATE FUNCTION read_changes_of_memories(asked_user bigint, asked_since text, OUT version text, OUT body text)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    since pg_snapshot := graph_snapshot(asked_user, asked_since);
    nodes bigint[];
    edges bigint[];
    relayout boolean;
    lost boolean;
BEGIN
    IF since IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT object_id) FILTER (WHERE kind = 'memory'), array_agg(DISTINCT object_id) FILTER (WHERE kind = 'relationship'),
           coalesce(bool_or(kind = 'layout'), false), coalesce(bool_or(kind IN ('truncate', 'forgotten')), false)
    INTO nodes, edges, relayout, lost
    FROM read_unseen(asked_user, 'memories', since);
    IF lost THEN
        RETURN;
    END IF;
    IF nodes IS NULL AND edges IS NULL AND NOT relayout THEN
        version := asked_since;
        body := make_empty_changes(version);
        RETURN;
    END IF;
    version := graph_version(asked_user);
    body := (
        WITH current_nodes AS MATERIALIZED (
            SELECT * FROM read_memory_nodes(asked_user, CASE WHEN NOT relayout THEN coalesce(nodes, '{}') END) ORDER BY importance DESC, id
        ), current_edges AS MATERIALIZED (
            SELECT * FROM read_live_edges(asked_user, coalesce(edges, '{}'))
        ), gone AS MATERIALIZED (
            SELECT object_id, max(source_id) AS source_id, max(target_id) AS target_id FROM read_unseen(asked_user, 'memories', since)
            WHERE kind = 'relationship' AND object_id NOT IN (SELECT id FROM current_edges)
            GROUP BY object_id
        )
        SELECT '{"nodes":' || (
                SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"kind":[' || coalesce(string_agg(to_json(source)::text, ','), '')
                    || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                    || '],"memories":[' || rtrim(repeat('1,', count(*)::int), ',')
                    || '],"importance":[' || coalesce(string_agg(importance::real::text, ','), '')
                    || '],"community":[' || coalesce(string_agg(community::text, ','), '')
                    || '],"x":[' || coalesce(string_agg(x::real::text, ','), '')
                    || '],"y":[' || coalesce(string_agg(y::real::text, ','), '')
                    || '],"first_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '')
                    || '],"last_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '') || ']}'
                FROM current_nodes
            ) || ',"edges":' || (
                SELECT '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"source":[' || coalesce(string_agg(source_event_id::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(target_event_id::text, ','), '')
                    || '],"type":[' || coalesce(string_agg('"' || relationship_type || '"', ','), '')
                    || '],"weight":[' || coalesce(string_agg(confidence_score::real::text, ','), '')
                    || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}'
                FROM current_edges
            ) || ',"removed":{"nodes":[' || coalesce((
                SELECT string_agg(n::text, ',') FROM unnest(nodes) AS n
                WHERE NOT EXISTS (SELECT FROM memories_memory WHERE user_id = asked_user AND id = n)
            ), '') || '],"edges":[' || coalesce((SELECT string_agg(object_id::text, ',') FROM gone), '')
            || '],"ends":[' || coalesce((SELECT string_agg(json_build_array(source_id, target_id)::text, ',') FROM gone), '')
            || ']},"relayout":' || relayout::text || ',"version":"' || version || '"}'
    );
END
$$;
