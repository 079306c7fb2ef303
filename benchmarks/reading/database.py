"""The bench's database from outside the product: connections of its own, a limit on them, and a look at who has how many."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.home import DATABASE, connect_owner
from benchmarks.reading.web import APPLICATION

USABLE = 17  # what is left of max_connections=20 after the three that PostgreSQL keeps for superusers
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = %s"


def connect_app(*, database: str = DATABASE) -> psycopg.Connection:
    """A connection as the role that the application has."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return psycopg.connect(urlunsplit(parts._replace(path=f"/{database}")), autocommit=True, application_name="bench")


@contextmanager
def limited_connections() -> Iterator[None]:
    """Let no more connections into the bench's database than a server of max_connections=20 would; our own are closed before.

    The server's own number cannot change while it runs, and it is the same refusal.
    """
    from django.db import connection

    connection.close()
    _set_limit(USABLE)
    try:
        yield
    finally:
        _set_limit(-1)


def _set_limit(number: int) -> None:
    with connect_owner(database="postgres") as server:
        server.execute(f"ALTER DATABASE {DATABASE} CONNECTION LIMIT {number}")


@dataclass(slots=True)
class Peak:
    """The most connections that the web processes had at any of the looks."""

    connections: int = 0
    looks: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watched_connections() -> Iterator[Peak]:
    """Look every few milliseconds, from another database, so that the look itself takes no connection of this one."""
    peak = Peak()
    watcher = threading.Thread(target=_watch, args=(peak,))
    watcher.start()
    try:
        yield peak
    finally:
        peak.over.set()
        watcher.join()


def _watch(peak: Peak) -> None:
    with connect_app(database="postgres") as wire:
        while not peak.over.is_set():
            (count,) = wire.execute(COUNT, [APPLICATION, DATABASE]).fetchone()
            peak.connections = max(peak.connections, count)
            peak.looks += 1
            time.sleep(0.02)
