-- Reading a person's graph, by one statement for the caller. Most reads end at the version or at the kept body, and only what is reached
-- is planned: planning the joins of the live view costs more than answering "nothing has changed" (12 ms against 2 ms, measured).
-- Composing is a function a view, with JSON as text and no object per edge anywhere. A generic plan, which PostgreSQL takes after five
-- calls, made it ten times slower, and before the first ANALYZE nested loops thirty times, so both are off there (on 4,400 ties).

-- A number as JSON; digits NULL: as precise as single precision is. (STABLE, as the cast to text is: else it would not be inlined.)
CREATE FUNCTION json_number(value float, digits int) RETURNS text LANGUAGE sql STABLE RETURN
    CASE WHEN digits IS NULL THEN value ELSE round(value * 10 ^ digits) / 10 ^ digits END::real::text;

CREATE FUNCTION compose_graph_of_entities(
    asked_user bigint, asked_limit bigint, asked_edges bigint, asked_min_importance float, asked_focus bigint, asked_as_of date,
    asked_drawing boolean, made text
)
    RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
#variable_conflict use_column
DECLARE
    digits int := CASE WHEN asked_drawing THEN 3 END; -- places on a screen
BEGIN
    RETURN (
        WITH nodes AS MATERIALIZED (
            SELECT id, kind, name, memories, importance, community, x, y, first_seen, last_seen,
                   (row_number() OVER (ORDER BY importance DESC, id))::int - 1 AS place,
                   CASE WHEN asked_limit IS NOT NULL THEN count(*) OVER () END AS asked
            FROM graph_entities
            WHERE user_id = asked_user AND shown
              AND importance::real >= asked_min_importance::real
              AND (asked_as_of IS NULL OR first_seen <= asked_as_of)
              AND (asked_focus IS NULL OR id = asked_focus OR id IN (
                  SELECT b_id FROM entity_ties WHERE user_id = asked_user AND a_id = asked_focus
                  UNION ALL SELECT a_id FROM entity_ties WHERE user_id = asked_user AND b_id = asked_focus))
            ORDER BY importance DESC, id
            LIMIT asked_limit
        ), edges AS MATERIALIZED (
            SELECT * FROM (
                SELECT t.id, t.a_id, t.b_id, t.weight, t.layers, least(a.place, b.place) AS source, greatest(a.place, b.place) AS target,
                       CASE WHEN asked_edges IS NOT NULL THEN count(*) OVER () END AS asked
                FROM entity_ties t JOIN nodes a ON a.id = t.a_id JOIN nodes b ON b.id = t.b_id
                WHERE t.user_id = asked_user AND (asked_as_of IS NULL OR t.first <= asked_as_of)
                ORDER BY CASE WHEN asked_edges IS NOT NULL THEN t.weight END DESC, CASE WHEN asked_edges IS NOT NULL THEN t.id END
                LIMIT asked_edges
            ) strongest ORDER BY CASE WHEN asked_drawing THEN source END, CASE WHEN asked_drawing THEN target END
        )
        SELECT '{"nodes":' || n.body || ',"edges":' || e.body || ',"version":"' || made || '","complete":'
               || (n.complete AND e.complete)::text || '}'
        FROM (
            SELECT count(*) = coalesce(max(asked), count(*)) AS complete, '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"kind":[' || coalesce('"' || string_agg(kind, '","') || '"', '')
                || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                || '],"memories":[' || coalesce(string_agg(memories::text, ','), '')
                || '],"importance":[' || coalesce(string_agg(json_number(importance, digits), ','), '')
                || '],"community":[' || coalesce(string_agg(community::text, ','), '')
                || '],"x":[' || coalesce(string_agg(json_number(coalesce(x, 0), digits), ','), '')
                || '],"y":[' || coalesce(string_agg(json_number(coalesce(y, 0), digits), ','), '')
                || CASE WHEN asked_drawing THEN '' ELSE '],"first_seen":[' || coalesce(string_agg('"' || first_seen || '"', ','), '')
                    || '],"last_seen":[' || coalesce(string_agg('"' || last_seen || '"', ','), '') END
                || ']}' AS body
            FROM nodes
        ) n, (
            SELECT count(*) = coalesce(max(asked), count(*)) AS complete, CASE WHEN asked_drawing
                THEN '{"source":[' || coalesce(string_agg(source::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(target::text, ','), '')
                ELSE '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"source":[' || coalesce(string_agg(a_id::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(b_id::text, ','), '')
                    || '],"type":[' || rtrim(repeat('"tie",', count(*)::int), ',')
                END || '],"weight":[' || coalesce(string_agg(json_number(weight, digits - 1), ','), '')
                || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}' AS body
            FROM edges
        ) e
    );
END
$$;

-- Some live relationships of a person. Few ids are looked up one by one; a loop over the live view of all would cost 50 times as much.
CREATE FUNCTION read_live_edges(asked_user bigint, asked_ids bigint[])
    RETURNS TABLE (id bigint, source_event_id bigint, target_event_id bigint, relationship_type text, confidence_score float, layers smallint)
    LANGUAGE sql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    SELECT id, source_event_id, target_event_id, relationship_type::text, confidence_score, layers
    FROM live_enriched_relationships WHERE user_id = asked_user AND id = ANY(asked_ids)
$$;

CREATE FUNCTION read_all_live_edges(asked_user bigint)
    RETURNS TABLE (id bigint, source_event_id bigint, target_event_id bigint, relationship_type text, confidence_score float, layers smallint)
    LANGUAGE sql STABLE SET enable_nestloop = off SET plan_cache_mode = force_custom_plan AS $$
    SELECT id, source_event_id, target_event_id, relationship_type::text, confidence_score, layers
    FROM live_enriched_relationships WHERE user_id = asked_user
$$;

-- Relationships of a person that the view has not taken in. NULL: nobody knows, or so many that reading all of them live is cheaper.
CREATE FUNCTION read_dirty(asked_user bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    seen pg_snapshot := graph_seen_by_view();
    dirty bigint[];
BEGIN
    IF seen IS NULL OR EXISTS (SELECT FROM read_unseen(asked_user, 'memories', seen) WHERE kind = 'truncate') THEN
        RETURN NULL;
    END IF;
    dirty := ARRAY(SELECT DISTINCT object_id FROM read_unseen(asked_user, 'memories', seen) WHERE kind = 'relationship');
    RETURN CASE WHEN cardinality(dirty) <= 1000 THEN dirty END;
END
$$;

-- The memories of a person as nodes: all, or some. One that no layout has seen yet stands in the middle, like an entity.
CREATE FUNCTION read_memory_nodes(asked_user bigint, asked_ids bigint[] DEFAULT NULL)
    RETURNS TABLE (id bigint, source text, name text, occurred_on date, importance float, community int, x float, y float)
    LANGUAGE sql STABLE AS $$
    SELECT m.id, m.source::text, coalesce(nullif(m.title, ''), left(m.content, 60)), m.occurred_on, coalesce(p.importance, 0),
           coalesce(p.community, 0), coalesce(p.x, 0), coalesce(p.y, 0)
    FROM memories_memory m LEFT JOIN graph_memory_places p ON p.user_id = m.user_id AND p.memory_id = m.id
    WHERE m.user_id = asked_user AND (asked_ids IS NULL OR m.id = ANY(asked_ids))
$$;

CREATE FUNCTION compose_graph_of_memories(
    asked_user bigint, asked_limit bigint, asked_edges bigint, asked_min_importance float, asked_focus bigint, asked_as_of date,
    asked_drawing boolean, made text
)
    RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
#variable_conflict use_column
DECLARE
    digits int := CASE WHEN asked_drawing THEN 3 END; -- places on a screen
    dirty bigint[] := read_dirty(asked_user);
    -- Then no edge can lack an end, and none needs to know the rows of its ends.
    asked_all boolean := NOT asked_drawing AND asked_limit IS NULL AND asked_edges IS NULL AND asked_min_importance = 0
        AND asked_focus IS NULL AND asked_as_of IS NULL;
BEGIN
    RETURN (
        -- The view overlaid with what it has not taken in; what is not needed of the three is not even planned. Never a join of the view
        -- with the log: the planner would execute the whole live view.
        WITH lines AS (
            SELECT id, source_event_id, target_event_id, relationship_type::text, confidence_score, layers
            FROM view_enriched_relationships WHERE user_id = asked_user AND id <> ALL(dirty)
            UNION ALL SELECT * FROM read_live_edges(asked_user, dirty) WHERE cardinality(dirty) > 0
            UNION ALL SELECT * FROM read_all_live_edges(asked_user) WHERE dirty IS NULL
        ), nodes AS MATERIALIZED (
            SELECT *, (row_number() OVER (ORDER BY importance DESC, id))::int - 1 AS place,
                   CASE WHEN asked_limit IS NOT NULL THEN count(*) OVER () END AS asked
            FROM read_memory_nodes(asked_user)
            WHERE importance::real >= asked_min_importance::real AND (asked_as_of IS NULL OR occurred_on <= asked_as_of)
              AND (asked_focus IS NULL OR id = asked_focus OR id IN (
                  SELECT target_event_id FROM relationship_instances WHERE user_id = asked_user AND source_event_id = asked_focus
                  UNION ALL
                  SELECT source_event_id FROM relationship_instances WHERE user_id = asked_user AND target_event_id = asked_focus))
            ORDER BY importance DESC, id
            LIMIT asked_limit
        ), edges AS (
            SELECT l.*, least(a.place, b.place) AS source, greatest(a.place, b.place) AS target,
                   CASE WHEN asked_edges IS NOT NULL THEN count(*) OVER () END AS asked
            FROM lines l
            LEFT JOIN nodes a ON NOT asked_all AND a.id = l.source_event_id
            LEFT JOIN nodes b ON NOT asked_all AND b.id = l.target_event_id
            WHERE asked_all OR (a.id IS NOT NULL AND b.id IS NOT NULL)
            ORDER BY CASE WHEN asked_edges IS NOT NULL THEN l.confidence_score END DESC, CASE WHEN asked_edges IS NOT NULL THEN l.id END
            LIMIT asked_edges
        )
        SELECT '{"nodes":' || n.body || ',"edges":' || e.body || ',"version":"' || made || '","complete":'
               || (n.complete AND e.complete)::text || '}'
        FROM (
            SELECT count(*) = coalesce(max(asked), count(*)) AS complete, '{"id":[' || coalesce(string_agg(id::text, ','), '')
                || '],"kind":[' || coalesce(string_agg(to_json(source)::text, ','), '')
                || '],"label":[' || coalesce(string_agg(to_json(name)::text, ','), '')
                || '],"memories":[' || rtrim(repeat('1,', count(*)::int), ',')
                || '],"importance":[' || coalesce(string_agg(json_number(importance, digits), ','), '')
                || '],"community":[' || coalesce(string_agg(community::text, ','), '')
                || '],"x":[' || coalesce(string_agg(json_number(x, digits), ','), '')
                || '],"y":[' || coalesce(string_agg(json_number(y, digits), ','), '')
                || CASE WHEN asked_drawing THEN '' ELSE '],"first_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '')
                    || '],"last_seen":[' || coalesce(string_agg('"' || occurred_on || '"', ','), '') END
                || ']}' AS body
            FROM nodes
        ) n, (
            SELECT count(*) = coalesce(max(asked), count(*)) AS complete, CASE WHEN asked_drawing
                THEN '{"source":[' || coalesce(string_agg(source::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(target::text, ','), '')
                ELSE '{"id":[' || coalesce(string_agg(id::text, ','), '')
                    || '],"source":[' || coalesce(string_agg(source_event_id::text, ','), '')
                    || '],"target":[' || coalesce(string_agg(target_event_id::text, ','), '')
                END || '],"type":[' || coalesce('"' || string_agg(relationship_type, '","') || '"', '')
                || '],"weight":[' || coalesce(string_agg(json_number(confidence_score, digits - 1), ','), '')
                || '],"layers":[' || coalesce(string_agg(layers::text, ','), '') || ']}' AS body
            FROM (SELECT * FROM edges ORDER BY CASE WHEN asked_drawing THEN source END, CASE WHEN asked_drawing THEN target END) ordered
        ) e
    );
END
$$;

-- The version, with the kept body (packed by zstd) or a new one (JSON), or neither when the caller holds that version already; and the
-- age of the view in seconds. `asked_known` are versions with blanks between them; `asked` holds limit, edges, min_importance, focus,
-- as_of and drawing where they are asked for: few parameters, because most reads need none of them.
CREATE FUNCTION read_graph(
    asked_view text, asked_user bigint, asked_shape text, asked_known text, asked jsonb,
    OUT version text, OUT packed bytea, OUT body text, OUT age float
)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    age := (SELECT extract(epoch FROM now() - started_at) FROM graph_refreshes ORDER BY id DESC LIMIT 1);
    version := graph_find_current(asked_user, asked_view, string_to_array(asked_known, ' '));
    IF version IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT k.version, k.packed INTO version, packed FROM graph_bodies k WHERE k.user_id = asked_user AND k.shape = asked_shape;
    IF graph_find_current(asked_user, asked_view, ARRAY[version]) IS NOT NULL THEN
        RETURN;
    END IF;
    version := graph_version(asked_user);
    packed := NULL;
    IF asked_view = 'entities' THEN
        body := compose_graph_of_entities(asked_user, (asked ->> 'limit')::bigint, (asked ->> 'edges')::bigint,
            coalesce((asked ->> 'min_importance')::float, 0), (asked ->> 'focus')::bigint, (asked ->> 'as_of')::date,
            asked ? 'drawing', version);
    ELSE
        body := compose_graph_of_memories(asked_user, (asked ->> 'limit')::bigint, (asked ->> 'edges')::bigint,
            coalesce((asked ->> 'min_importance')::float, 0), (asked ->> 'focus')::bigint, (asked ->> 'as_of')::date,
            asked ? 'drawing', version);
    END IF;
END
$$;
