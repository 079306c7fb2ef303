"""How many connections the product may open, what the server gives it, and who has how many now."""

from dataclasses import dataclass

import environ
from django.conf import settings
from django.db import connection

LIMITS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = coalesce(nullif(%s, ''), current_user)),
    (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""  # reserved_connections came with PostgreSQL 16
COUNTS = """
SELECT coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''), count(*)
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
# `state_change` and `xact_start` of another role are hidden from ours; its sessions count as busy with nothing.
SESSIONS = """
SELECT coalesce(usename, ''), coalesce(application_name, ''),
    coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float,
    coalesce(max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE state LIKE 'idle in transaction%'), 0)::float
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
GROUP BY 1, 2 ORDER BY 1, 2
"""
BEAT = 1
ALERT_PER_CENT = (
    80  # of the budget: from here on old memories wait, the rollout does not advance, and operators are told
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the processes of one installation open together at most."""

    web_processes: int
    per_web_process: int
    workers: int
    graph_workers: int
    sync_workers: int

    @property
    def total(self) -> int:
        return self.web_processes * self.per_web_process + self.workers + self.graph_workers + self.sync_workers + BEAT

    def __str__(self) -> str:
        return (
            f"web {self.web_processes} x {self.per_web_process} + workers {self.workers} + graph {self.graph_workers} + sync {self.sync_workers}"
            f" + beat {BEAT} = {self.total}"
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of connections and what sets it."""

    connections: int
    set_by: str


@dataclass(frozen=True, slots=True)
class Count:
    """Connections to our database that are alike."""

    role: str
    application: str
    state: str
    connections: int


@dataclass(frozen=True, slots=True)
class Longest:
    """Of the connections of one role and application: seconds of the longest transaction, and of the longest idling in one; 0 = none."""

    role: str
    application: str
    transaction: float
    idle: float


def read_plan() -> Plan:
    """Return what the settings allow; the Procfile starts as many processes as they say."""
    return Plan(
        web_processes=settings.WEB_PROCESSES,
        per_web_process=settings.WEB_SEATS,
        workers=settings.WORKER_CONCURRENCY,
        graph_workers=settings.GRAPH_CONCURRENCY,
        sync_workers=settings.SYNC_CONCURRENCY,
    )


def read_limits() -> list[Limit]:
    """Return what the server sets for the application's role, the narrowest first."""
    role = environ.Env.db_url_config(settings.DATABASE_URL)["USER"] if settings.DATABASE_URL else ""
    with connection.cursor() as cursor:
        cursor.execute(LIMITS, [role])
        server, of_role, of_database = cursor.fetchone()
    limits = [
        Limit(connections=server, set_by="max_connections, less those that it keeps for superusers and others"),
        Limit(connections=of_role, set_by=f"CONNECTION LIMIT of the role {role}"),
        Limit(connections=of_database, set_by="CONNECTION LIMIT of the database"),
    ]
    return sorted((limit for limit in limits if limit.connections not in (None, -1)), key=lambda it: it.connections)


def count_connections() -> list[Count]:
    """Return who is connected to our database now, this very connection among them."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return [Count(*row) for row in cursor.fetchall()]


def read_longest() -> list[Longest]:
    """Return how long transactions have been going on and idling, by role and application."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return [Longest(*row) for row in cursor.fetchall()]


def count_used() -> int:
    """Return how many connections to our database there are beside this very one."""
    return sum(count.connections for count in count_connections()) - 1


def check_headroom() -> str:
    """Say why there is no room for work that can wait; '' where fewer connections are open than ALERT_PER_CENT of the budget."""
    used, budget = count_used(), settings.DB_CONNECTION_BUDGET
    if used * 100 < budget * ALERT_PER_CENT:
        return ""
    return f"{used} connections are open, which is {ALERT_PER_CENT} % of the budget of {budget} or more."
