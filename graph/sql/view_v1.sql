-- One row per live relationship and never more: every join is on a unique (user_id, id) or (user_id, relationship_id).
CREATE VIEW live_enriched_relationships AS
SELECT
    r.id,
    r.user_id,
    r.source_event_id,
    r.target_event_id,
    r.relationship_type,
    r.confidence_score,
    r.detection_method,
    r.reasoning,
    r.created_at,
    r.updated_at,
    c.causal_score,
    c.causal_strength,
    c.causal_direction,
    c.causal_basis,
    r.temporal_pattern_id,
    t.recurrence_score,
    t.recurrence_frequency,
    t.last_occurrence,
    t.next_predicted_occurrence,
    r.seasonal_pattern_id,
    s.seasonal_strength,
    s.seasonal_months,
    r.pattern_id,
    p.pattern_name,
    p.pattern_confidence,
    r.cross_platform_id,
    x.platform_sources,
    r.predicted_relationship_id,
    f.prediction_confidence,
    f.prediction_reason,
    k.id AS root_cause_id,
    k.root_cause_analysis,
    r.delta_log_id,
    d.change_type,
    u.id AS duplicate_transaction_id,
    u.is_duplicate,
    u.duplicate_confidence,
    r.source_entity_ids,
    r.target_entity_ids,
    (
        (c.causal_score IS NOT NULL)::int
        + 2 * (t.recurrence_score IS NOT NULL)::int
        + 4 * (s.seasonal_strength IS NOT NULL)::int
        + 8 * (p.pattern_confidence IS NOT NULL)::int
        + 16 * (x.platform_sources IS NOT NULL)::int
        + 32 * (f.prediction_confidence IS NOT NULL)::int
        + 64 * (k.root_cause_analysis IS NOT NULL)::int
        + 128 * (d.change_type IS NOT NULL)::int
        + 256 * (u.is_duplicate IS NOT NULL)::int
    )::smallint AS layers
FROM relationship_instances r
LEFT JOIN causal_relationships c ON c.user_id = r.user_id AND c.relationship_id = r.id
LEFT JOIN temporal_patterns t ON t.user_id = r.user_id AND t.id = r.temporal_pattern_id
LEFT JOIN seasonal_patterns s ON s.user_id = r.user_id AND s.id = r.seasonal_pattern_id
LEFT JOIN relationship_patterns p ON p.user_id = r.user_id AND p.id = r.pattern_id
LEFT JOIN cross_platform_relationships x ON x.user_id = r.user_id AND x.id = r.cross_platform_id
LEFT JOIN predicted_relationships f ON f.user_id = r.user_id AND f.id = r.predicted_relationship_id
LEFT JOIN root_cause_analyses k ON k.user_id = r.user_id AND k.relationship_id = r.id
LEFT JOIN event_delta_logs d ON d.user_id = r.user_id AND d.id = r.delta_log_id
LEFT JOIN duplicate_transactions u ON u.user_id = r.user_id AND u.relationship_id = r.id;

-- Ordered by person, so that one person's rows lie together on disk.
CREATE MATERIALIZED VIEW view_enriched_relationships AS
SELECT * FROM live_enriched_relationships ORDER BY user_id, id;

CREATE UNIQUE INDEX view_enriched_relationships_id ON view_enriched_relationships (id);
CREATE INDEX view_enriched_relationships_user ON view_enriched_relationships (user_id, id);

-- Bodies are compressed on their way to the client, not in the table.
ALTER TABLE graph_bodies ALTER COLUMN body SET STORAGE EXTERNAL;

-- Refresh and empty the dirty log of exactly what the refresh saw. Both read one snapshot, so a change that commits meanwhile
-- stays in the log. SECURITY DEFINER: only the owner may refresh, the application only asks for it.
CREATE FUNCTION refresh_enriched_relationships(concurrent boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    begun timestamptz := clock_timestamp();
    refresh bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'repeatable read' THEN
        RAISE EXCEPTION 'refresh needs REPEATABLE READ: another snapshot for the log would lose changes';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtext('view_enriched_relationships')) THEN
        RETURN NULL;
    END IF;
    IF concurrent THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY view_enriched_relationships;
    ELSE
        REFRESH MATERIALIZED VIEW view_enriched_relationships;
    END IF;
    INSERT INTO graph_refreshes (started_at, finished_at, rows)
    SELECT begun, clock_timestamp(), count(*) FROM view_enriched_relationships
    RETURNING id INTO refresh;
    WITH gone AS (
        DELETE FROM graph_dirty_log RETURNING user_id
    )
    INSERT INTO graph_epochs (user_id, refresh_id)
    SELECT DISTINCT gone.user_id, refresh FROM gone JOIN memories_user person ON person.id = gone.user_id
    ON CONFLICT (user_id) DO UPDATE SET refresh_id = excluded.refresh_id;
    RETURN refresh;
END
$$;
