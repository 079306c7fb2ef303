"""How quickly a first sync runs beside the same calls made bare, one after the other, and what a long one holds in memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils import timezone

from benchmarks.syncs.accounts import PROVIDERS, make_items
from benchmarks.syncs.play import connect, play_sync
from config.local.providers.client import StandIn
from integrations.errors import ItemRefused
from integrations.models import Connection
from integrations.nango import open_client
from integrations.providers import PROVIDERS as KNOWN
from integrations.providers.base import Entry, Fetch, ReadContext, Reply, Request
from integrations.services import sync
from memories.models import User

ROUNDS = 3
ITEMS, MANY = 2_000, 20_000
LATENCY = 0.04  # seconds a call, as over the internet
PACE_BAR, MEMORY_BAR = 0.8, 1.15


@dataclass(frozen=True, slots=True)
class Pace:
    """Items a second of the stand-in asked bare and of the product, by round, in the same minute."""

    provider: str
    latency: float
    bare: tuple[float, ...]
    product: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(ours / theirs for ours, theirs in zip(self.product, self.bare, strict=True))


def measure_paces(stand_in: StandIn) -> list[Pace]:
    """Every provider at full speed, and Gmail with the latency of the internet."""
    full = [measure_pace(stand_in, provider, count=ITEMS, latency=0.0) for provider in PROVIDERS]
    return [*full, measure_pace(stand_in, "gmail", count=ITEMS // 10, latency=LATENCY)]


def measure_pace(stand_in: StandIn, provider: str, *, count: int, latency: float) -> Pace:
    bare: list[float] = []
    product: list[float] = []
    for _ in range(ROUNDS):
        user = make_person()
        stand_in.reset()
        connection, _ids = connect(stand_in, provider, user=user, items=make_items(provider, count=count))
        calls = record_calls(connection)
        slow = [{"kind": "slow", "every": 1, "seconds": latency}] if latency else []
        stand_in.plan(connection.nango_id, slow)
        bare.append(count / clock(lambda calls=calls, connection=connection: repeat_calls(calls, connection)))
        product.append(count / clock(lambda connection=connection: play_sync(connection)))
        user.delete()
    return Pace(provider=provider, latency=latency, bare=tuple(bare), product=tuple(product))


def record_calls(connection: Connection) -> list[Request]:
    """The calls that a first sync of this connection makes, in their order."""
    calls: list[Request] = []
    fetch = open_client().fetcher(provider=connection.provider, nango_id=connection.nango_id)

    def record(request: Request) -> Reply:
        calls.append(request)
        return fetch(request)

    walk(connection, record)
    return calls


def walk(connection: Connection, fetch: Fetch) -> None:
    """A first sync without storing anything."""
    provider = KNOWN[connection.provider]
    context = ReadContext(account="ana", time_zone=connection.user.zone, now=timezone.now())
    cursor = provider.begin(fetch=fetch)
    seen: set[str] = set()
    while True:
        page = provider.read_page(cursor, fetch=fetch)
        for entry in page.changes:
            if isinstance(entry, Entry) and entry.remote_id not in seen:
                seen.add(entry.remote_id)
                provider.read_item(entry, fetch=fetch, context=context)
        cursor = page.cursor
        if page.done:
            return


def repeat_calls(calls: list[Request], connection: Connection) -> None:
    """The same calls, one after the other on a kept connection, whose answers nobody reads."""
    fetch = open_client().fetcher(provider=connection.provider, nango_id=connection.nango_id)
    for request in calls:
        try:
            fetch(request)
        except ItemRefused:
            continue


def measure_memory(stand_in: StandIn) -> tuple[int, int]:
    """Bytes this process holds after a tenth of a long first sync, and after all of it."""
    stand_in.reset()
    user = make_person()
    connection, _ids = connect(stand_in, "gmail", user=user, items=make_items("gmail", count=MANY))
    held: list[int] = []
    close = sync.close_page

    def watch(*args: Any, **kwargs: Any) -> None:
        close(*args, **kwargs)
        held.append(read_resident())

    sync.close_page = watch
    try:
        play_sync(connection)
    finally:
        sync.close_page = close
    user.delete()
    return max(held[: len(held) // 10]), max(held)


def read_resident() -> int:
    """Bytes of memory this process holds now (proc(5))."""
    with open("/proc/self/status") as status:  # noqa: PTH123 -- no path of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def make_person() -> User:
    person: User = User.objects.create(username=f"sync-{time.monotonic_ns()}", time_zone="Europe/Lisbon")
    return person


def clock(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
