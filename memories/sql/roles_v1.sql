-- The application's role may use what the owner makes, now and later; it owns nothing.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lifegraph_app') AND current_user <> 'lifegraph_app' THEN
        GRANT USAGE ON SCHEMA public TO lifegraph_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO lifegraph_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO lifegraph_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lifegraph_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO lifegraph_app;
    END IF;
END
$$;
CREATE EXTENSION IF NOT EXISTS unaccent;
