"""What the database server holds while it is under load: one connection that looks twice a second."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psycopg

APPLICATION = "lifegraph-load"
LOOK_SECONDS = 0.5
LOOK = """
SELECT application_name, count(*),
    coalesce(max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE state LIKE 'idle in transaction%'), 0)::float8
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""


@dataclass(slots=True)
class Held:
    """The most that was seen: connections by application and of all together (ours too), and for how many seconds a transaction idled."""

    connections: Counter[str] = field(default_factory=Counter)
    together: int = 0
    idle_in_transaction: float = 0.0
    idler: str = ""  # the application whose transaction that was
    looks: int = 0
    missed: int = 0  # the server did not answer

    def note(self, rows: list[tuple[str, int, float]]) -> None:
        """Take in one look: (application, connections, seconds)."""
        self.looks += 1
        self.together = max(self.together, sum(count for _, count, _ in rows))
        for application, count, seconds in rows:
            self.connections[application] = max(self.connections[application], count)
            if seconds > self.idle_in_transaction:
                self.idle_in_transaction, self.idler = seconds, application


class Watch:
    """Looks in a thread of its own for the length of a block. A server that goes away is asked again until it is back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.held = Held()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        if self.url:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self.url:
            self._thread.join()

    def _look_on(self) -> None:
        while not self._over.is_set():
            try:
                with psycopg.connect(
                    self.url, autocommit=True, application_name=APPLICATION, connect_timeout=3
                ) as connection:
                    self._look(connection)
            except psycopg.Error:
                self.held.missed += 1
                self._over.wait(LOOK_SECONDS)

    def _look(self, connection: psycopg.Connection) -> None:
        while not self._over.is_set():
            self.held.note(connection.execute(LOOK).fetchall())
            self._over.wait(LOOK_SECONDS)
