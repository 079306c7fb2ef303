"""A life in a real database: servers and a database of the bench's own, a person in it, and a clock for both ends of the wire."""

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from config.local.home import ROOT, Home, join_home, leave_home

HOME = ROOT / ".lifegraph" / "bench"
DATABASE = "lifegraph_bench"
PATIENCE = 20


@contextmanager
def open_home() -> Iterator[None]:
    """Set Django up on the servers of `.lifegraph/bench`, or on those that DATABASE_URL and REDIS_URL name, in a database of our own.

    Raises HomeError when a server cannot be had.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.local"
    os.environ["LIFEGRAPH_HOME"] = str(HOME)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    HOME.parent.mkdir(mode=0o700, exist_ok=True)
    home = join_home()
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        if os.environ.get(name):
            os.environ[name] = _renamed(os.environ[name], database=DATABASE)
    try:
        with _one_at_a_time(home):
            django.setup()
            yield
    finally:
        leave_home(home)


@contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    lock = home.lock("bench")
    if not lock.take_alone():
        sys.exit("Another bench is under way.")
    try:
        yield
    finally:
        lock.close()


@contextmanager
def fresh_database() -> Iterator[None]:
    """An empty, migrated database, dropped afterwards."""
    from django.core.management import call_command
    from django.db import connection

    drop_database()
    with connect_owner(database="postgres") as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connection.close()
        drop_database()


def drop_database() -> None:
    """Drop it; while the server vacuums it by itself the owner may not, so a few times if need be."""
    for patience in range(PATIENCE):
        try:
            with connect_owner(database="postgres") as server:
                server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            return
        except psycopg.errors.InsufficientPrivilege:
            if patience == PATIENCE - 1:
                raise
            time.sleep(0.5)


def connect_owner(*, database: str = DATABASE) -> psycopg.Connection:
    """A connection as the owner of the tables."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    return psycopg.connect(_renamed(url, database=database), autocommit=True)


def _renamed(url: str, *, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of this process and of the database's server process that works for it (None: not on this machine)."""

    python: float
    database: float | None

    @property
    def total(self) -> float:
        return self.python + (self.database or 0.0)


def clock(work: Callable[[], object]) -> Spent:
    """What a piece of work costs on both ends. Nothing runs in parallel, so that all of it is seen."""
    from django.db import connection

    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    pid = connection.connection.info.backend_pid
    database, python = read_cpu(pid), time.process_time()
    work()
    python = time.process_time() - python
    after = read_cpu(pid)
    return Spent(python=python, database=None if database is None or after is None else after - database)


def read_cpu(pid: int) -> float | None:
    """CPU seconds of a server process of this machine, from /proc; None where that cannot be told."""
    process = Path("/proc") / str(pid)
    try:
        if not (process / "comm").read_text().startswith("postgres"):
            return None
        return int((process / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return None


def read_peak() -> float:
    """The most memory this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_000_000 if sys.platform == "darwin" else 1_000)
