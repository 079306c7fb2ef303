"""What a load met, in figures and as a table for a person."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.local.load_watch import Held

IDLE_SECONDS = 5.0  # no transaction may idle for longer


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was asked (seconds since the load began), how long it took until the last byte, and what came.

    `status` is 0 where no answer came; then `problem` is the class of the error.
    """

    route: str
    at: float
    seconds: float
    status: int
    problem: str = ""

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 400

    @property
    def name(self) -> str:
        """The status, or why there was none."""
        return str(self.status) if self.status else self.problem


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one route or of all; times in milliseconds, 0 where nothing was asked."""

    route: str
    requests: int
    errors: Counter[str]
    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load from its begin to its end. `stored` are the ids of the memories that were answered with 201."""

    people: int
    seconds: float
    answers: list[Answer] = field(repr=False)
    stored: list[int] = field(repr=False)
    held: Held
    reconnects: int = 0  # a kept connection was closed by the server, and a new one got the answer

    @property
    def requests(self) -> int:
        return len(self.answers)

    @property
    def errors(self) -> Counter[str]:
        """How many failed, by status or by the class of the error."""
        return Counter(answer.name for answer in self.answers if answer.failed)

    def of(self, route: str) -> Figures:
        """One route's figures."""
        return measure(route, answers=[answer for answer in self.answers if answer.route == route])

    def routes(self) -> list[Figures]:
        """Every route's figures by name, those of all together last."""
        names = sorted({answer.route for answer in self.answers})
        return [*map(self.of, names), measure("all", answers=self.answers)]

    def find_faults(self, *, budgets: Mapping[str, int], together: int) -> list[str]:
        """What was not as it has to be, in sentences; `budgets` are connections by application, `together` those of all."""
        faults = [f"{sum(self.errors.values())} of {self.requests} requests failed: {count(self.errors)}."] * bool(
            self.errors
        )
        if not self.requests:
            faults.append("Nothing was asked.")
        if 0 < self.held.missed >= self.held.looks:
            faults.append(
                f"Connections were seen {self.held.looks} times and not {self.held.missed} times: nothing is known of them."
            )
        for application, budget in budgets.items():
            if self.held.connections[application] > budget:
                faults.append(
                    f"{application} held {self.held.connections[application]} connections, its budget is {budget}."
                )
        if self.held.together > together:
            faults.append(f"All together held {self.held.together} connections, the budget is {together}.")
        if self.held.idle_in_transaction > IDLE_SECONDS:
            faults.append(f"A transaction of {self.held.idler} idled for {self.held.idle_in_transaction:.1f} s.")
        return faults


def measure(route: str, *, answers: Sequence[Answer]) -> Figures:
    times = sorted(answer.seconds * 1000 for answer in answers)
    return Figures(
        route=route,
        requests=len(times),
        errors=Counter(answer.name for answer in answers if answer.failed),
        p50=percentile(times, share=0.5),
        p95=percentile(times, share=0.95),
        p99=percentile(times, share=0.99),
        most=times[-1] if times else 0.0,
    )


def percentile(times: Sequence[float], *, share: float) -> float:
    """The nearest rank of sorted `times` (Hyndman and Fan 1996, definition 1); 0 where there are none."""
    return times[max(0, math.ceil(share * len(times)) - 1)] if times else 0.0


def count(errors: Mapping[str, int]) -> str:
    """`12 x 503, 1 x TimeoutError`."""
    return ", ".join(f"{number} x {name}" for name, number in sorted(errors.items()))


def write_table(report: LoadReport, *, budgets: Mapping[str, int], together: int) -> Iterator[str]:
    """The lines of a table: routes, then connections."""
    yield f"{report.people} people, {report.seconds:.0f} s, {report.requests / max(report.seconds, 0.001):.0f} requests a second"
    yield f"{'route':<16}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}  errors"
    for line in report.routes():
        times = "".join(f"{time:>9.0f}" for time in (line.p50, line.p95, line.p99, line.most))
        yield f"{line.route:<16}{line.requests:>9}{times}  {count(line.errors) or '0'}"
    if report.reconnects:
        yield f"{report.reconnects} kept connections were closed by the server; each request went again on a new one."
    held = report.held
    if not held.looks:
        yield "Connections of the database were not looked at."
        return
    yield f"{'connections':<24}{'most':>6}{'budget':>8}"
    for application, most in sorted(held.connections.items()):
        yield f"{application or '(no name)':<24}{most:>6}{budgets.get(application, ''):>8}"
    yield f"{'all together':<24}{held.together:>6}{together:>8}"
    yield f"longest idle in transaction: {held.idle_in_transaction:.1f} s {held.idler}".rstrip()
