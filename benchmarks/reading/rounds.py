"""Paths taken in turns: a round asks each of them, so that a slow minute of the machine is everybody's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks.reading.client import Client, Reply, Request

Ask = Callable[[], Request]


@dataclass(frozen=True, slots=True)
class Path:
    """One thing to measure: how to ask for it (whatever has to happen first is done there, and not timed), and how often a round."""

    name: str
    ask: Ask
    times: int = 10
    status: int = 200
    warm: bool = True  # once without a clock before all others


@dataclass(frozen=True, slots=True)
class Rounds:
    """Milliseconds of every path, one figure (the middle one) a round, and the last answer of each."""

    milliseconds: Mapping[str, Sequence[float]]
    last: Mapping[str, Reply]

    def ratio(self, name: str, *, to: str) -> list[float]:
        """How many times longer the one took than the other, round by round."""
        pairs = zip(self.milliseconds[name], self.milliseconds[to], strict=True)
        return [one / other for one, other in pairs]


def take_rounds(port: int, *, paths: Sequence[Path], rounds: int) -> Rounds:
    """Ask for every path in every round on one kept connection; raises RuntimeError when one answers with another status."""
    client = Client(port)
    figures: dict[str, list[float]] = {path.name: [] for path in paths}
    last: dict[str, Reply] = {}
    for path in paths:
        if path.warm:
            _take(client, path=path)
    for _ in range(rounds):
        for path in paths:
            replies = [_take(client, path=path) for _ in range(path.times)]
            figures[path.name].append(median(reply.seconds for reply in replies) * 1000)
            last[path.name] = replies[-1]
    client.close()
    return Rounds(figures, last)


def _take(client: Client, *, path: Path) -> Reply:
    reply = client.get(path.ask())
    if reply.status != path.status:
        raise RuntimeError(f"{path.name} answered {reply.status}: {reply.body[:300]!r}")
    return reply


def time_it(work: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000
