-- The dirty log: append-only, one row per changed relationship, one per person and statement for nodes and ties.
-- Never a flag and never ON CONFLICT: both lose changes that commit during a refresh.

CREATE FUNCTION log_dirty_relationships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, kind, object_id) SELECT user_id, 'relationship', id FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, kind, object_id) SELECT user_id, 'relationship', id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_dirty_findings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, kind, object_id) SELECT user_id, 'relationship', relationship_id FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, kind, object_id) SELECT user_id, 'relationship', relationship_id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

-- A row that many relationships chose (its column is the trigger's argument) makes all of them dirty.
CREATE FUNCTION log_dirty_choosers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO graph_dirty_log (user_id, kind, object_id) SELECT r.user_id, ''relationship'', r.id'
        ' FROM relationship_instances r JOIN new_rows n ON n.user_id = r.user_id AND n.id = r.%I', TG_ARGV[0]);
    RETURN NULL;
END
$$;

CREATE FUNCTION log_dirty_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO graph_dirty_log (user_id, kind) SELECT DISTINCT user_id, TG_ARGV[0] FROM old_rows;
    ELSE
        INSERT INTO graph_dirty_log (user_id, kind) SELECT DISTINCT user_id, TG_ARGV[0] FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;

-- TRUNCATE passes by the row triggers, so everybody's view is out of date until the next refresh.
CREATE FUNCTION log_dirty_everybody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO graph_dirty_log (user_id, kind) SELECT id, 'truncate' FROM memories_user;
    RETURN NULL;
END
$$;

-- Memories are nodes too. They pass through many updates on their journey; only what the graph shows of them counts.
CREATE FUNCTION log_dirty_memory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO graph_dirty_log (user_id, kind, object_id) VALUES (NEW.user_id, 'memory', NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER dirty_update AFTER UPDATE OF title, content, source, occurred_on ON memories_memory FOR EACH ROW
    WHEN ((OLD.title, OLD.content, OLD.source, OLD.occurred_on) IS DISTINCT FROM (NEW.title, NEW.content, NEW.source, NEW.occurred_on))
    EXECUTE FUNCTION log_dirty_memory();
CREATE TRIGGER dirty_insert AFTER INSERT ON memories_memory REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_dirty_people('memory');
CREATE TRIGGER dirty_delete AFTER DELETE ON memories_memory REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_dirty_people('memory');

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
        ['graph_entities', 'log_dirty_people', 'node', 'INSERT UPDATE DELETE'],
        ['entity_ties', 'log_dirty_people', 'tie', 'INSERT UPDATE DELETE']
    ] LOOP
        FOREACH op IN ARRAY string_to_array(entry[4], ' ') LOOP
            named := CASE op WHEN 'DELETE' THEN 'OLD TABLE AS old_rows' ELSE 'NEW TABLE AS new_rows' END;
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

-- Thousands of rows come and go between two refreshes.
ALTER TABLE graph_dirty_log SET (
    autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 1000
);
