"""Somebody who looks at the server's sessions all the while."""

import os
import threading
from collections import Counter
from types import TracebackType
from typing import Self

import psycopg

LOOK_SECONDS = 0.2
SESSIONS = """
SELECT application_name, state LIKE 'idle in transaction%%', coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)
FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()
"""


class Watch:
    """While it is open: `peak` connections by application, `most` together, and the `longest` that a transaction idled, in seconds."""

    def __init__(self) -> None:
        self.peak: Counter[str] = Counter()
        self.most = 0
        self.longest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            try:
                with psycopg.connect(os.environ["DATABASE_URL"], application_name="watch", autocommit=True) as server:
                    while not self._over.wait(LOOK_SECONDS):
                        self._note(server.execute(SESSIONS).fetchall())
            except psycopg.Error:  # it was killed, or is not there yet
                self._over.wait(LOOK_SECONDS)

    def _note(self, rows: list[tuple[str, bool, float]]) -> None:
        self.peak |= Counter(name for name, _, _ in rows)
        self.most = max(self.most, len(rows))
        self.longest = max([self.longest, *(float(seconds) for _, idles, seconds in rows if idles)])
