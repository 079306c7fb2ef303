"""Counted: requests and tasks, in whichever process they are. With PROMETHEUS_MULTIPROC_DIR all processes of a machine count in that
folder and /metrics of any of them tells the sum; without it a process tells its own.

A file belongs to a *place*: the application's name and a number that no other living process has. Whoever follows a process that died
or was recycled takes its place and counts on in its file, so that files do not pile up and counters do not fall.
"""

import fcntl
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import prometheus_client
import prometheus_client.multiprocess
from prometheus_client import CollectorRegistry, Counter, Histogram

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
PLACES = 1000
FILE_BYTES = 256 * 1024
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class Place:
    """Where this process counts; a child that was forked takes a place of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid = 0
        self._name = ""
        self._lock = -1

    def name(self) -> str:
        """Return the place, like `lifegraph-web-1`; it is asked at every count."""
        if self._pid != os.getpid():
            self._leave()
            self._name = self._take()
            self._pid = os.getpid()
        return self._name

    def _take(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        application = os.environ.get("DB_APPLICATION_NAME", "lifegraph")
        for number in range(1, PLACES):
            name = f"{application}-{number}"
            self._lock = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with suppress(BlockingIOError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _claim_space(self.folder / f"counter_{name}.db", self.folder / f"histogram_{name}.db")
                return name
            os.close(self._lock)
        return f"{application}-pid-{os.getpid()}"

    def _leave(self) -> None:
        """Close what was inherited: the lock stays with the parent, which has it open still."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _claim_space(*files: Path) -> None:
    """Have the files' bytes on the disk from the start: a write into a mapped file on a full disk would kill the process."""
    if not hasattr(os, "posix_fallocate"):  # macOS
        return
    for path in files:
        with suppress(OSError), path.open("a+b") as file:
            os.posix_fallocate(file.fileno(), 0, FILE_BYTES)


LIBRARY: Any = prometheus_client  # some of its functions have no types
LIBRARY.values.ValueClass = (
    LIBRARY.values.MultiProcessValue(process_identifier=Place(Path(FOLDER)).name)
    if FOLDER
    else LIBRARY.values.MutexValue
)
LIBRARY.disable_created_metrics()
COUNTED = CollectorRegistry()

REQUESTS = Counter(
    "lifegraph_http_requests_total",
    "Requests by pattern of the URL ('none': no such page, or a static file).",
    ["route", "method", "status"],
    registry=COUNTED,
)
REQUEST_SECONDS = Histogram(
    "lifegraph_http_duration_seconds",
    "From a whole request to its answer, the wait for a seat included.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=COUNTED,
)
SEAT_SECONDS = Counter(
    "lifegraph_seat_wait_seconds_total",
    "What requests waited for a seat, together: its rate is how many wait at a time.",
    registry=COUNTED,
)
TASK_SECONDS = Histogram(
    "lifegraph_task_duration_seconds",
    "Runs of tasks.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600),
    registry=COUNTED,
)
TASK_RETRIES = Counter("lifegraph_task_retries_total", "Runs that will be tried again.", ["task"], registry=COUNTED)
TASK_FAILURES = Counter("lifegraph_task_failures_total", "Runs that raised an error.", ["task"], registry=COUNTED)


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer; a method that HTTP does not know is 'other'."""
    requests, duration = _find_series(route, method if method in METHODS else "other", status)
    requests.inc()
    duration.observe(seconds)


@lru_cache(maxsize=4096)
def _find_series(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, method, status), REQUEST_SECONDS.labels(route)


def open_counts() -> CollectorRegistry:
    """Return a registry of what all processes have counted, or this one where there is no folder."""
    if not FOLDER:
        return COUNTED
    registry = CollectorRegistry()
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    LIBRARY.multiprocess.MultiProcessCollector(registry, path=FOLDER)
    return registry
