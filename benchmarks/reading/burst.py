"""Two hundred people at once, slow readers among the quick ones, and how many answers a second there are."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.reading.client import Request, send_at_once
from benchmarks.reading.database import limited_connections, watched_connections
from benchmarks.reading.figures import Figure
from benchmarks.reading.latency import DRAWING, MEMORIES, ONE, SAME, SLICE, WHOLE, Reader
from benchmarks.reading.universe import Universe
from benchmarks.reading.web import log_in, serve

CROWD = 200
PATIENCE = 900.0  # seconds
WARM = 3
SLOW_READERS, SLOW_RATE, PIECE = 24, 60_000, 6_000  # bytes a second, bytes at a time
QUICK = 100


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst: seconds until the last answer was there, how many had no good one, connections of the web at their most."""

    seconds: float
    errors: int
    connections: int


def burst(port: int, *, requests: Sequence[Request]) -> Burst:
    with watched_connections() as peak:
        flights = send_at_once(port, requests=requests, patience=PATIENCE)
    last = max(PATIENCE if flight.seconds is None else flight.seconds for flight in flights)
    return Burst(last, sum(flight.status != 200 for flight in flights), peak.connections)


def measure_bursts(universe: Universe) -> list[Figure]:
    """Of 200 people of the usual size, each with a graph of their own: the seed's way once, then this product's."""
    readers = [Reader(cookie) for cookie in log_in([person.user_id for person in universe.usual][:CROWD]).values()]
    with limited_connections():
        with serve() as port:
            before = burst(port, requests=[reader.ask("bench/before/") for reader in readers])
        cold = {path: _burst_cold(path, readers=readers) for path in (WHOLE, DRAWING)}
        with serve() as port:
            warm = {path: _burst_warm(port, path=path, readers=readers) for path in (WHOLE, DRAWING, MEMORIES, SLICE)}
    every = [*cold.values(), *(one for bursts in warm.values() for one in bursts)]
    return [
        Figure(f"{len(readers)} at once, before: the last has it after", [before.seconds], "s"),
        Figure("errors, before", [before.errors]),
        *(Figure(f"{path}, fresh processes", [one.seconds], "s") for path, one in cold.items()),
        *(Figure(path, [one.seconds for one in bursts], "s") for path, bursts in warm.items()),
        Figure("before / whole graph, fresh processes", [before.seconds / cold[WHOLE].seconds], "×"),
        Figure("before / whole graph", [before.seconds / one.seconds for one in warm[WHOLE]], "×", 400, at_least=True),
        Figure("before / first slice", [before.seconds / one.seconds for one in warm[SLICE]], "×"),
        Figure("errors", [max(one.errors for one in every)], "", 0),
        Figure("connections of the web at their most", [max(one.connections for one in every)], "", 8),
    ]


def _burst_cold(path: str, *, readers: Sequence[Reader]) -> Burst:
    with serve() as port:
        return burst(port, requests=[reader.ask(path) for reader in readers])


def _burst_warm(port: int, *, path: str, readers: Sequence[Reader]) -> list[Burst]:
    """Once without a clock for each of the two processes to have met everybody, more or less."""
    requests = [reader.ask(path) for reader in readers]
    for _ in range(WARM):
        burst(port, requests=requests)
    return [burst(port, requests=requests) for _ in range(WARM)]


def measure_slow_readers(port: int, *, quick: Reader, slow: Reader) -> list[Figure]:
    """How much later the last of 100 quick requests is answered while 24 read the largest body at 60 kB/s."""
    requests = [quick.ask(WHOLE)] * QUICK
    alone = [burst(port, requests=requests).seconds for _ in range(WARM)]
    with slow_readers(port, request=slow.ask(MEMORIES, encoding="")):
        among = burst(port, requests=requests)
    return [
        Figure(f"{QUICK} at once, the last after", alone, "s"),
        Figure(f"the same among {SLOW_READERS} slow readers", [among.seconds], "s"),
        Figure("delay by slow readers", [among.seconds - median(alone)], "s", 1),
        Figure("errors among slow readers", [among.errors], "", 0),
    ]


@contextmanager
def slow_readers(port: int, *, request: Request) -> Iterator[None]:
    """They have all begun to read when the block begins, and none is done."""
    wires = [_connect_slowly(port) for _ in range(SLOW_READERS)]
    over = threading.Event()
    for wire in wires:
        wire.sendall(request.encode())
    for wire in wires:
        wire.recv(PIECE)
    drip = threading.Thread(target=_drip, args=(wires, over))
    drip.start()
    try:
        yield
    finally:
        over.set()
        drip.join()
        for wire in wires:
            wire.close()


def _connect_slowly(port: int) -> socket.socket:
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    wire.settimeout(120)
    wire.connect(("127.0.0.1", port))
    return wire


def _drip(wires: Sequence[socket.socket], over: threading.Event) -> None:
    while not over.wait(PIECE / SLOW_RATE):
        for wire in wires:
            wire.recv(PIECE)


def measure_throughput(port: int, *, paths: Mapping[str, Request]) -> list[Figure]:
    """Answers a second to a few connections that each ask again at once, in turns."""
    seen: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(WARM):
        for name, request in paths.items():
            seen[name].append(count_answers(port, request=request))
    pairs = zip(seen[SAME], seen[ONE], strict=True)
    return [
        *(Figure(f"{name}, answers a second", values) for name, values in seen.items()),
        Figure("304 / one, answers a second", [same / one for same, one in pairs], "×", 0.7, at_least=True),
    ]


def count_answers(port: int, *, request: Request, connections: int = 4, seconds: float = 2.0) -> float:
    """Answers a second."""
    begun = time.perf_counter()
    counts: list[int] = []
    threads = [
        threading.Thread(target=_ask_on, args=(port, request, begun + seconds, counts)) for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def _ask_on(port: int, request: Request, until: float, counts: list[int]) -> None:
    asked, data = 0, request.encode()
    with socket.create_connection(("127.0.0.1", port)) as wire:
        while time.perf_counter() < until:
            wire.sendall(data)
            wire.recv(65_536)
            asked += 1
    counts.append(asked)
