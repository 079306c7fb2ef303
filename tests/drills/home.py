"""A home of the drills' own: PostgreSQL under the product's supervisor, Redis in the harness's own hands."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg

from config.local.home import ROOT, Home, HomeError, join_home, leave_home
from config.local.locks import FileLock
from config.local.postgres import Limits, limit_connections
from config.local.processes import wait_for
from config.local.providers.client import LIST_KEY, SECRET_KEY, WEBHOOK_KEY
from config.local.redis import prepare_redis
from config.local.servers import Server, find_free_port

HOME = ROOT / ".lifegraph" / "drill"
MAX_CONNECTIONS = 20  # of a small hosted plan
FOREIGN = (  # servers of somebody else are not for killing, and sizes are those below
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "DB_POOLED",
    "BACKFILL_PER_DAY",
)
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
    "LIFEGRAPH_HOME": str(HOME),
    "SECRET_KEY": "made-up-for-drills-alone-4c1f0a8b73d24e6f9b05",
    "ALLOWED_HOSTS": "127.0.0.1",
    "EXTRACTION_ENGINE": "rules",
    "METRICS_TOKEN": "made-up",
    "NANGO_SECRET_KEY": SECRET_KEY,
    "NANGO_LIST_KEY": LIST_KEY,
    "NANGO_WEBHOOK_KEY": WEBHOOK_KEY,
    "WEB_PROCESSES": "2",
    "WORKER_CONCURRENCY": "2",
    "GRAPH_CONCURRENCY": "1",
    "SYNC_CONCURRENCY": "2",
    "DB_POOL_SIZE": "4",
    "DB_CONNECTION_RESERVE": "3",
    "DB_CONNECTION_BUDGET": "17",
    "DB_APPLICATION_NAME": "lifegraph-drill",
    "LOG_LEVEL": "WARNING",
}


@dataclass(slots=True)
class Servers:
    """The servers that a drill may harm."""

    home: Home
    redis: Server
    port: int  # the web's

    @property
    def data(self) -> Path:
        return self.home.path / "postgres" / "data"

    def read_postmaster(self) -> int:
        """The process of PostgreSQL's first."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster; the supervisor starts another one on the same port."""
        os.kill(self.read_postmaster(), signal.SIGKILL)

    def signal_redis(self, number: signal.Signals) -> None:
        process = self.redis.process
        assert process is not None
        process.send_signal(number)
        if number is signal.SIGKILL:
            process.wait()

    def start_redis(self) -> None:
        """Start Redis again where it was."""
        if not self.redis.start_again():
            raise HomeError(f"Redis did not start again; see {self.redis.log}.")


@contextmanager
def open_home() -> Iterator[Servers]:
    """Start the servers, empty the database and set Django up on them. Raises HomeError when one cannot be had."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    # Nobody answers there but in drill 23.
    os.environ.update(SETTINGS, NANGO_BASE_URL=f"http://127.0.0.1:{find_free_port()}")
    home = Home(HOME)
    home.path.parent.mkdir(mode=0o700, exist_ok=True)
    home.make()
    lock = take_home(home)
    limit_connections(home, Limits(of_server=MAX_CONNECTIONS))
    servers = Servers(home=home, redis=prepare_redis(home), port=find_free_port())
    try:
        servers.redis.start()
        os.environ.update(servers.redis.urls(servers.redis.port))
        join_home()
        django.setup()
        make_database()
        yield servers
    finally:
        servers.redis.stop()
        leave_home(home)
        lock.close()


def take_home(home: Home) -> FileLock:
    lock = home.lock("drills")
    if not lock.take_alone():
        raise HomeError("Other drills are under way.")
    # What an earlier run left, killed itself, is gone ten seconds later.
    if not wait_for(lambda: not home.is_supervised(), seconds=90):
        raise HomeError(f"The servers of {home.path} are used by somebody else.")
    for log in home.log.glob("*.log"):
        log.unlink()
    return lock


def make_database(*, name: str = "lifegraph") -> None:
    """An empty, migrated database."""
    from django.core.management import call_command

    for patience in range(20):
        try:
            with connect_owner(database="postgres") as server:
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                server.execute(f"CREATE DATABASE {name}")
            break
        except psycopg.errors.InsufficientPrivilege:  # the server vacuums it by itself just now
            if patience == 19:
                raise
            time.sleep(0.5)
    call_command("migrate", verbosity=0)


def connect_owner(*, database: str = "lifegraph") -> psycopg.Connection:
    """A connection as the owner of the tables."""
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=database, autocommit=True)
