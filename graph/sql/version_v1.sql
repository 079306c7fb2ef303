-- Versions. A version is whose graph it is, in which life of the database (its home), and the snapshot in which it was read: a browser
-- may ask with the version of whoever sat there before. What was read then
-- still holds while the dirty log has no row of that person which the snapshot does not see: late commits count, clocks do not, and
-- nothing depends on the size of the graph. (A maximum of ids loses what commits late.)

-- A snapshot says nothing after a restore or a return to an earlier point in time: another cluster, timeline, database or table is
-- another home. (A log file's name begins with the timeline; asking pg_control for it would read that once more.)
CREATE FUNCTION graph_home() RETURNS text LANGUAGE sql STABLE RETURN (
    SELECT to_hex(hashtextextended(
        system_identifier || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/' || 'graph_dirty_log'::regclass::oid, 0))
    FROM pg_control_system()
);

CREATE FUNCTION graph_owner(asked_user bigint) RETURNS text LANGUAGE sql STABLE RETURN to_hex(hashtextextended(graph_home(), asked_user));

-- Not for a transaction that writes: what it writes later would count as seen.
CREATE FUNCTION graph_version(asked_user bigint) RETURNS text LANGUAGE sql STABLE RETURN
    graph_owner(asked_user) || '-' || pg_current_snapshot()::text;

-- The snapshot of a version; NULL when it is none of this person's.
CREATE FUNCTION graph_snapshot(asked_user bigint, version text) RETURNS pg_snapshot LANGUAGE sql STABLE RETURN
    CASE WHEN split_part(version, '-', 1) = graph_owner(asked_user) AND pg_input_is_valid(split_part(version, '-', 2), 'pg_snapshot')
         THEN split_part(version, '-', 2)::pg_snapshot END;

-- What changed of one view of a person's graph in transactions that the snapshot does not see; of no snapshot at all, everything that is
-- logged. Rows of the future are of another life of the database (a restore), and what is forgotten is unseen by whoever may have missed
-- it: snapshots have no order, so that whole range counts. By the index alone: the planner thinks that reading the whole log soon meets
-- a row, and mostly there is none.
CREATE FUNCTION read_unseen(asked_user bigint, asked_view text, seen pg_snapshot)
    RETURNS TABLE (kind text, object_id bigint, source_id bigint, target_id bigint)
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    SELECT kind, object_id, source_id, target_id FROM graph_dirty_log
    WHERE user_id = asked_user AND view = asked_view
      AND xid >= coalesce(pg_snapshot_xmin(seen), '0')
      AND (xid < pg_snapshot_xmax(pg_current_snapshot()) OR xid = pg_current_xact_id_if_assigned())
      AND (seen IS NULL OR kind = 'forgotten' OR NOT pg_visible_in_snapshot(xid, seen))
$$;

-- What the materialized view has taken in; NULL before its first refresh in this home.
CREATE FUNCTION graph_seen_by_view() RETURNS pg_snapshot LANGUAGE sql STABLE RETURN (
    SELECT snapshot::pg_snapshot FROM (SELECT home, snapshot FROM graph_refreshes ORDER BY id DESC LIMIT 1) r WHERE r.home = graph_home()
);

-- The first of some versions that still holds for a person and a view; NULL when none does. Ordered, so that the index is read and not
-- the whole log, and without SET clauses, which would cost more than the rest: this is what a 304 is made of.
CREATE FUNCTION graph_find_current(asked_user bigint, asked_view text, versions text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    version text;
    seen pg_snapshot;
BEGIN
    FOREACH version IN ARRAY versions LOOP
        seen := graph_snapshot(asked_user, version);
        CONTINUE WHEN seen IS NULL;
        PERFORM FROM graph_dirty_log
        WHERE user_id = asked_user AND view = asked_view
          AND xid >= pg_snapshot_xmin(seen)
          AND (xid < pg_snapshot_xmax(pg_current_snapshot()) OR xid = pg_current_xact_id_if_assigned())
          AND (kind = 'forgotten' OR NOT pg_visible_in_snapshot(xid, seen))
        ORDER BY user_id, view, xid LIMIT 1;
        IF NOT FOUND THEN
            RETURN version;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- The refresh notes what it saw. It reads and notes one snapshot, so a change that commits meanwhile stays with the overlay.
-- SECURITY DEFINER: only the owner may refresh, the application only asks for it.
CREATE OR REPLACE FUNCTION refresh_enriched_relationships(concurrent boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    begun timestamptz := clock_timestamp();
    refresh bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'repeatable read' THEN
        RAISE EXCEPTION 'refresh needs REPEATABLE READ: another snapshot for the note would lose changes';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtext('view_enriched_relationships')) THEN
        RETURN NULL;
    END IF;
    IF concurrent THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY view_enriched_relationships;
    ELSE
        REFRESH MATERIALIZED VIEW view_enriched_relationships;
    END IF;
    INSERT INTO graph_refreshes (started_at, finished_at, rows, snapshot, home)
    SELECT begun, clock_timestamp(), count(*), pg_current_snapshot()::text, graph_home() FROM view_enriched_relationships
    RETURNING id INTO refresh;
    RETURN refresh;
END
$$;
