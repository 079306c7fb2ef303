-- The dirty log: one row per changed edge or node. Append-only: a flag and ON CONFLICT lose what commits during a refresh, and a counter
-- per person makes writers wait for each other. Read by the overlay of the view, by versions and by the changes feed, each for one view of
-- the graph.

CREATE FUNCTION log_dirty_relationships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id, source_id, target_id)
        SELECT user_id, 'memories', 'relationship', id, source_event_id, target_event_id FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id, source_id, target_id)
        SELECT user_id, 'memories', 'relationship', id, source_event_id, target_event_id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_dirty_findings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'memories', 'relationship', relationship_id FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'memories', 'relationship', relationship_id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

-- A row that many relationships chose (its column is the trigger's argument) makes all of them dirty.
CREATE FUNCTION log_dirty_choosers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT r.user_id, ''memories'', ''relationship'', r.id'
        ' FROM relationship_instances r JOIN new_rows n ON n.user_id = r.user_id AND n.id = r.%I', TG_ARGV[0]);
    RETURN NULL;
END
$$;

-- Ties are counted anew more often than they change.
CREATE FUNCTION log_dirty_ties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id, source_id, target_id) SELECT user_id, 'entities', 'tie', id, a_id, b_id FROM old_rows;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id, source_id, target_id) SELECT user_id, 'entities', 'tie', id, a_id, b_id FROM new_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id, source_id, target_id)
        SELECT n.user_id, 'entities', 'tie', n.id, n.a_id, n.b_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.weight, n.layers, n.first) IS DISTINCT FROM (o.weight, o.layers, o.first);
    END IF;
    RETURN NULL;
END
$$;

-- An entity that begins or ceases to be shown brings or takes its ties. A new layout moves all at once and is one row a person.
CREATE FUNCTION log_dirty_entities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'entities', 'shown', id FROM old_rows WHERE shown;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'entities', 'shown', id FROM new_rows WHERE shown;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id)
        SELECT n.user_id, 'entities', CASE WHEN n.shown = o.shown THEN 'node' ELSE 'shown' END, n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.shown <> o.shown OR (n.shown AND (
            (n.name, n.kind, n.memories, n.first_seen, n.last_seen) IS DISTINCT FROM (o.name, o.kind, o.memories, o.first_seen, o.last_seen)
            OR (o.x IS NULL AND n.x IS NOT NULL)));
        INSERT INTO graph_dirty_log (user_id, view, kind)
        SELECT DISTINCT n.user_id, 'entities', 'layout' FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.shown AND o.shown AND o.x IS NOT NULL
          AND (n.importance, n.community, n.x, n.y) IS DISTINCT FROM (o.importance, o.community, o.x, o.y);
    END IF;
    RETURN NULL;
END
$$;

-- A memory that gets its first place only moves itself.
CREATE FUNCTION log_dirty_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'memories', 'memory', memory_id FROM new_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind)
        SELECT DISTINCT n.user_id, 'memories', 'layout' FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.importance, n.community, n.x, n.y) IS DISTINCT FROM (o.importance, o.community, o.x, o.y);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_dirty_memories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'memories', 'memory', id FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, view, kind, object_id) SELECT user_id, 'memories', 'memory', id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

-- Memories pass through many updates on their journey; only what the graph shows of them counts.
CREATE FUNCTION log_dirty_memory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO graph_dirty_log (user_id, view, kind, object_id) VALUES (NEW.user_id, 'memories', 'memory', NEW.id);
    RETURN NULL;
END
$$;

-- TRUNCATE passes by the row triggers, so of nobody is known what changed.
CREATE FUNCTION log_dirty_everybody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO graph_dirty_log (user_id, view, kind) SELECT id, view, 'truncate' FROM memories_user, unnest(ARRAY['entities', 'memories']) AS view;
    RETURN NULL;
END
$$;

CREATE TRIGGER dirty_update AFTER UPDATE OF title, content, source, occurred_on ON memories_memory FOR EACH ROW
    WHEN ((OLD.title, OLD.content, OLD.source, OLD.occurred_on) IS DISTINCT FROM (NEW.title, NEW.content, NEW.source, NEW.occurred_on))
    EXECUTE FUNCTION log_dirty_memory();

DO $$
DECLARE
    entry text[];
    op text;
    named text;
BEGIN
    -- table, function, argument, operations
    FOREACH entry SLICE 1 IN ARRAY ARRAY[
        ['relationship_instances', 'log_dirty_relationships', '', 'INSERT UPDATE DELETE'],
        ['causal_relationships', 'log_dirty_findings', '', 'INSERT UPDATE DELETE'],
        ['root_cause_analyses', 'log_dirty_findings', '', 'INSERT UPDATE DELETE'],
        ['duplicate_transactions', 'log_dirty_findings', '', 'INSERT UPDATE DELETE'],
        ['temporal_patterns', 'log_dirty_choosers', 'temporal_pattern_id', 'UPDATE'],
        ['seasonal_patterns', 'log_dirty_choosers', 'seasonal_pattern_id', 'UPDATE'],
        ['relationship_patterns', 'log_dirty_choosers', 'pattern_id', 'UPDATE'],
        ['cross_platform_relationships', 'log_dirty_choosers', 'cross_platform_id', 'UPDATE'],
        ['predicted_relationships', 'log_dirty_choosers', 'predicted_relationship_id', 'UPDATE'],
        ['graph_entities', 'log_dirty_entities', '', 'INSERT UPDATE DELETE'],
        ['entity_ties', 'log_dirty_ties', '', 'INSERT UPDATE DELETE'],
        ['graph_memory_places', 'log_dirty_places', '', 'INSERT UPDATE'],
        ['memories_memory', 'log_dirty_memories', '', 'INSERT DELETE']
    ] LOOP
        FOREACH op IN ARRAY string_to_array(entry[4], ' ') LOOP
            named := CASE op
                WHEN 'DELETE' THEN 'OLD TABLE AS old_rows'
                WHEN 'INSERT' THEN 'NEW TABLE AS new_rows'
                ELSE 'OLD TABLE AS old_rows NEW TABLE AS new_rows'
            END;
            EXECUTE format(
                'CREATE TRIGGER dirty_%s AFTER %s ON %I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %I(%L)',
                lower(op), op, entry[1], named, entry[2], entry[3]);
        END LOOP;
        EXECUTE format(
            'CREATE TRIGGER dirty_truncate AFTER TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION log_dirty_everybody()',
            entry[1]);
    END LOOP;
END
$$;

-- Old rows go once a day; the index is what readers ask.
ALTER TABLE graph_dirty_log SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
);

ALTER TABLE graph_bodies ALTER COLUMN packed SET STORAGE EXTERNAL;
ALTER TABLE graph_memory_places ADD CONSTRAINT graph_memory_places_memory_id_of_user FOREIGN KEY (user_id, memory_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
