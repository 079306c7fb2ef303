-- The delta log (layer 8), in the transaction of every change and whoever makes it: services, raw SQL, cascades. Numbers and ids, never text.
-- The cause is what the writer said with set_config('lifegraph.cause', …, true).

ALTER TABLE event_delta_logs ADD CONSTRAINT event_delta_logs_user_id_cascades FOREIGN KEY (user_id)
    REFERENCES memories_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

-- Of a row only what is logged; a value that is NULL is not there.
CREATE FUNCTION pick_numbers(whole jsonb, names text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(name, whole -> name) FILTER (WHERE whole -> name <> 'null'), '{}') FROM unnest(names) AS name
$$;

-- A relationship names its last delta, so the number of that delta is drawn before the row is written.
CREATE FUNCTION number_delta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.delta_log_id := nextval(pg_get_serial_sequence('event_delta_logs', 'id'));
    RETURN NEW;
END
$$;
CREATE TRIGGER delta_number_insert BEFORE INSERT ON relationship_instances FOR EACH ROW EXECUTE FUNCTION number_delta();
CREATE TRIGGER delta_number_update BEFORE UPDATE ON relationship_instances FOR EACH ROW
    WHEN ((OLD.confidence_score, OLD.temporal_pattern_id, OLD.seasonal_pattern_id, OLD.pattern_id, OLD.cross_platform_id, OLD.predicted_relationship_id)
        IS DISTINCT FROM
        (NEW.confidence_score, NEW.temporal_pattern_id, NEW.seasonal_pattern_id, NEW.pattern_id, NEW.cross_platform_id, NEW.predicted_relationship_id))
    EXECUTE FUNCTION number_delta();

CREATE FUNCTION delta_cause() RETURNS text LANGUAGE sql STABLE
    RETURN coalesce(nullif(current_setting('lifegraph.cause', true), ''), 'direct');

CREATE FUNCTION relationship_numbers(r relationship_instances) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'confidence_score', r.confidence_score, 'source_event_id', r.source_event_id, 'target_event_id', r.target_event_id,
        'temporal_pattern_id', r.temporal_pattern_id, 'seasonal_pattern_id', r.seasonal_pattern_id, 'pattern_id', r.pattern_id,
        'cross_platform_id', r.cross_platform_id, 'predicted_relationship_id', r.predicted_relationship_id))
$$;

CREATE FUNCTION log_relationship_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO event_delta_logs (id, user_id, relationship_id, layer, change_type, after, cause)
        SELECT n.delta_log_id, n.user_id, n.id, 'base', 'created', relationship_numbers(n), delta_cause() FROM new_rows n
        ON CONFLICT (id) DO NOTHING; -- code from before these triggers logs for itself
    ELSIF TG_OP = 'UPDATE' THEN -- a new number says that one of the logged columns changed
        INSERT INTO event_delta_logs (id, user_id, relationship_id, layer, change_type, before, after, cause)
        SELECT n.delta_log_id, n.user_id, n.id, 'base', 'modified', relationship_numbers(o), relationship_numbers(n), delta_cause()
        FROM old_rows o JOIN new_rows n ON n.user_id = o.user_id AND n.id = o.id
        WHERE o.delta_log_id IS DISTINCT FROM n.delta_log_id AND relationship_numbers(o) <> relationship_numbers(n)
        ON CONFLICT (id) DO NOTHING;
    ELSE
        INSERT INTO event_delta_logs (user_id, relationship_id, layer, change_type, before, cause)
        SELECT o.user_id, o.id, 'base', 'deleted', relationship_numbers(o), delta_cause() FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;

-- Arguments: the layer, and the columns that are logged. A finding of one relationship changes that relationship: its deltas are
-- `modified` whether the finding came, changed or went, and `before` and `after` tell which.
CREATE FUNCTION log_finding_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    names text[] := string_to_array(TG_ARGV[1], ' ');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO event_delta_logs (user_id, relationship_id, row_id, layer, change_type, after, cause)
        SELECT n.user_id, (to_jsonb(n) ->> 'relationship_id')::bigint, n.id, TG_ARGV[0],
               CASE WHEN to_jsonb(n) ? 'relationship_id' THEN 'modified' ELSE 'created' END, pick_numbers(to_jsonb(n), names), delta_cause()
        FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO event_delta_logs (user_id, relationship_id, row_id, layer, change_type, before, after, cause)
        SELECT c.user_id, c.relationship_id, c.id, TG_ARGV[0], 'modified', c.before, c.after, delta_cause()
        FROM (
            SELECT n.user_id, n.id, (to_jsonb(n) ->> 'relationship_id')::bigint AS relationship_id,
                   pick_numbers(to_jsonb(o), names) AS before, pick_numbers(to_jsonb(n), names) AS after
            FROM old_rows o JOIN new_rows n USING (user_id, id)
        ) c WHERE c.before <> c.after;
    ELSE
        INSERT INTO event_delta_logs (user_id, relationship_id, row_id, layer, change_type, before, cause)
        SELECT o.user_id, (to_jsonb(o) ->> 'relationship_id')::bigint, o.id, TG_ARGV[0],
               CASE WHEN to_jsonb(o) ? 'relationship_id' THEN 'modified' ELSE 'deleted' END, pick_numbers(to_jsonb(o), names), delta_cause()
        FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;

-- A finding that came, changed or went is a change of its relationship, which names the last of them.
CREATE FUNCTION name_last_delta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE relationship_id IS NOT NULL AND layer <> 'base') THEN
        RETURN NULL; -- statements without rows have triggers too, and this one would never end
    END IF;
    UPDATE relationship_instances r SET delta_log_id = l.id
    FROM (SELECT user_id, relationship_id, max(id) AS id FROM new_rows WHERE relationship_id IS NOT NULL AND layer <> 'base' GROUP BY 1, 2) l
    WHERE r.user_id = l.user_id AND r.id = l.relationship_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER delta_named AFTER INSERT ON event_delta_logs REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION name_last_delta();

DO $$
DECLARE
    entry text[];
    op text;
    tables text;
BEGIN
    -- table, layer (none: the relationship itself), columns
    FOREACH entry SLICE 1 IN ARRAY ARRAY[
        ['relationship_instances', '', ''],
        ['causal_relationships', 'causal', 'causal_score causal_strength causal_direction causal_basis'],
        ['temporal_patterns', 'temporal', 'recurrence_score recurrence_frequency last_occurrence next_predicted_occurrence confidence'],
        ['seasonal_patterns', 'seasonal', 'seasonal_strength seasonal_months'],
        ['relationship_patterns', 'pattern', 'pattern_confidence'],
        ['cross_platform_relationships', 'cross_platform', 'memory_ids confidence'],
        ['root_cause_analyses', 'root_cause', 'chain confidence'],
        ['duplicate_transactions', 'duplicate', 'is_duplicate duplicate_confidence']
    ] LOOP
        FOREACH op IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
            tables := CASE op WHEN 'INSERT' THEN 'NEW TABLE AS new_rows' WHEN 'DELETE' THEN 'OLD TABLE AS old_rows'
                ELSE 'OLD TABLE AS old_rows NEW TABLE AS new_rows' END;
            EXECUTE format('CREATE TRIGGER deltas_%s AFTER %s ON %I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %s',
                lower(op), op, entry[1], tables,
                CASE entry[2] WHEN '' THEN 'log_relationship_deltas()' ELSE format('log_finding_deltas(%L, %L)', entry[2], entry[3]) END);
        END LOOP;
    END LOOP;
END
$$;

-- What was there before the triggers: relationships and findings as they stand become the beginning of their log.
UPDATE event_delta_logs d SET after = relationship_numbers(r) FROM relationship_instances r WHERE d.user_id = r.user_id AND d.id = r.delta_log_id;
INSERT INTO event_delta_logs (user_id, relationship_id, row_id, layer, change_type, after, cause)
SELECT user_id, relationship_id, id, 'causal', 'modified',
       pick_numbers(to_jsonb(c), string_to_array('causal_score causal_strength causal_direction causal_basis', ' ')), 'migration'
FROM causal_relationships c ORDER BY id;
INSERT INTO event_delta_logs (user_id, relationship_id, row_id, layer, change_type, after, cause)
SELECT user_id, relationship_id, id, 'duplicate', 'modified',
       pick_numbers(to_jsonb(u), string_to_array('is_duplicate duplicate_confidence', ' ')), 'migration'
FROM duplicate_transactions u ORDER BY id;
