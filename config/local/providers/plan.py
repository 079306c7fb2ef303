"""Stand-in: what goes wrong, when, for one connection; decided by counting calls, never by chance or by the clock.

Faults that concern pages reach an API module as `Request.bend`; it cuts its pages with `cut_page`, which plays them. A fault
`expire_cursor` calls `Account.expire_cursors()` before the call is answered; an API module asks `Account.is_expired(seq)` of the
number in a cursor and refuses it in its provider's own way. `arrive` and `depart` change the account after the answer was made.

Kinds, with the values of their own:
- the provider's, through Nango: status (status, headers, body: text or JSON), denied (its own 401), throttled (its own words; seconds),
  truncate (clean: cut in the middle, with a length that is right), empty (200 without a body), slow (seconds), expire_cursor,
  repeat_page, reorder_page, overlap_page, arrive (items), depart (ids);
- of the way between Nango and us: reset, hang (seconds);
- Nango's own: nango_limit (seconds), plan_limit, refresh_backoff, refresh_exhausted, refresh_failed, connection_unknown,
  integration_unknown, unreachable.
"""

import threading
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from config.local.providers.server import Bend, Request

BENDS: Final[Mapping[str, Bend]] = {
    "repeat_page": "repeat_page",
    "reorder_page": "reorder_page",
    "overlap_page": "overlap_page",
}
KINDS: Final = frozenset(BENDS) | {
    "status",
    "denied",
    "throttled",
    "reset",
    "truncate",
    "empty",
    "hang",
    "slow",
    "expire_cursor",
    "arrive",
    "depart",
    "refresh_backoff",
    "refresh_exhausted",
    "refresh_failed",
    "connection_unknown",
    "integration_unknown",
    "nango_limit",
    "plan_limit",
    "unreachable",
}
MAX_CALLS: Final = 200_000

T = TypeVar("T")


@dataclass(slots=True)
class Fault:
    """One fault: from the `at`-th call on (from 1), `times` times (0 = once); or at every `every`-th call (0 times = without end).

    With `match` only calls whose path holds that text count; without it, only calls to the provider (not those to
    /connections/{id}). Of two faults for one call the first in the plan wins; the other one's turn passes.
    """

    kind: str
    at: int = 1
    every: int = 0
    times: int = 0
    match: str = ""
    values: dict[str, Any] = field(default_factory=dict)  # the kind's own
    seen: int = 0
    played: int = 0

    def meets(self, path: str) -> bool:
        """Count a call and tell whether it is this fault's turn."""
        if self.match not in path or (not self.match and path.startswith("/connections/")):
            return False
        self.seen += 1
        if self.every:
            return self.seen % self.every == 0 and (not self.times or self.seen // self.every <= self.times)
        return self.at <= self.seen < self.at + max(1, self.times)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a connection: `at` is time.monotonic() when it came, `status` is 0 where no answer left."""

    n: int
    at: float
    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    status: int
    fault: str


@dataclass(slots=True)
class Plan:
    """The faults of one connection and the log of its calls."""

    faults: list[Fault] = field(default_factory=list)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MAX_CALLS))
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self, path: str) -> tuple[int, Fault | None]:
        """The number of this call and the fault it meets."""
        with self.lock:
            self.count += 1
            met = [fault for fault in self.faults if fault.meets(path)]
            if met:
                met[0].played += 1
            return self.count, met[0] if met else None

    def log(self, number: int, *, at: float, request: Request, status: int, fault: Fault | None) -> None:
        call = Call(number, at, request.method, request.path, request.params, status, fault.kind if fault else "")
        with self.lock:
            self.calls.append(call)

    def begin(self, faults: list[Fault]) -> None:
        """Take these faults in place of the others, count and log anew."""
        with self.lock:
            self.faults, self.count = faults, 0
            self.calls.clear()

    def drop_faults(self, kinds: Collection[str]) -> None:
        with self.lock:
            self.faults = [fault for fault in self.faults if fault.kind not in kinds]

    def dump(self) -> list[dict[str, Any]]:
        """The calls in the order they came, as JSON."""
        with self.lock:
            calls = sorted(self.calls, key=attrgetter("n"))
        return [asdict(call) for call in calls]


def read_faults(rows: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Faults as the control API gives them. Raises ValueError."""
    return [read_fault(row) for row in rows]


def read_fault(row: Mapping[str, Any]) -> Fault:
    values = dict(row)
    kind = str(values.pop("kind"))
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of fault; there are {', '.join(sorted(KINDS))}.")
    every, times, at = (int(values.pop(name, usual)) for name, usual in (("every", 0), ("times", 0), ("at", 1)))
    match = str(values.pop("match", ""))
    return Fault(kind=kind, at=at, every=every, times=times, match=match, values=values)


@dataclass(frozen=True, slots=True)
class PageCut(Generic[T]):
    """Rows of one page; `next` is the index at which the next page begins, None after the last one.

    With `again` the next page is this one: its token shall be another one all the same, or a reader takes it for a circle.
    """

    rows: list[T]
    next: int | None
    again: bool = False


def cut_page(rows: Sequence[T], *, start: int, size: int, bend: Bend = "") -> PageCut[T]:
    """Cut a page out of all rows, bent by a fault so that nothing is lost, but things come twice or in another order.

    repeat_page: the next page is this one again. overlap_page: the next page begins in the middle of this one.
    reorder_page: the rows of this page come in reverse.
    """
    page = list(rows[start : start + size])
    following: int | None = start + len(page)
    if bend == "repeat_page" and page:
        return PageCut(page, start, again=True)
    if bend == "overlap_page" and page:
        return PageCut(page, start + len(page) // 2, again=len(page) == 1)
    if start + len(page) >= len(rows):
        following = None
    return PageCut(page[::-1] if bend == "reorder_page" else page, following)
