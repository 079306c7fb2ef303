-- Roles and database of Life Graph, made by a superuser:
--   LIFEGRAPH_OWNER_PASSWORD=... LIFEGRAPH_APP_PASSWORD=... psql -v ON_ERROR_STOP=1 -f docs/deployment/roles.sql postgres
-- Without the two variables psql asks. Another database beside it, for a restore: psql -v database=NAME ...; roles that are there stay as
-- they are. Needs psql 14 or newer and a server of PostgreSQL 16 or newer.
\if :{?database} \else
\set database lifegraph
\endif

SELECT count(*) = 0 AS without_roles FROM pg_roles WHERE rolname IN ('lifegraph_owner', 'lifegraph_app') \gset
\if :without_roles
\getenv owner_password LIFEGRAPH_OWNER_PASSWORD
\getenv app_password LIFEGRAPH_APP_PASSWORD
\if :{?owner_password} \else
\prompt 'Password of lifegraph_owner: ' owner_password
\endif
\if :{?app_password} \else
\prompt 'Password of lifegraph_app: ' app_password
\endif

-- Owns the tables. `manage.py migrate`, pg_dump and pg_restore come as this role, and nothing else does.
CREATE ROLE lifegraph_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 3 PASSWORD :'owner_password';

-- Everything that runs comes as this one. Its limit is DB_CONNECTION_BUDGET: a plan that is wrong meets it before others suffer.
CREATE ROLE lifegraph_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 17 PASSWORD :'app_password';

-- So that /metrics, `connection_report` and the watch see the state of every connection, not only of their own.
GRANT pg_read_all_stats TO lifegraph_app;
\endif

-- C.UTF-8 sorts alike on every machine, so that indexes survive an upgrade of the operating system.
CREATE DATABASE :"database" OWNER lifegraph_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO lifegraph_app;

-- The statements are many and short: compiling them costs more than it gives.
ALTER DATABASE :"database" SET jit = off;

-- Nothing may hold a connection for ever. A refresh lifts the first for itself.
ALTER ROLE lifegraph_app IN DATABASE :"database" SET statement_timeout = '10min';
ALTER ROLE lifegraph_app IN DATABASE :"database" SET idle_in_transaction_session_timeout = '60s';

-- The one extension, unaccent, is trusted: the owner makes it with the first migration.
