"""How a figure is taken: counts per synthetic user, a formula over their sums, and a bound by drawing users anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Counts = Mapping[str, float]
Formula = Callable[[Counts], float]
DRAWS = 500
Part = tuple[str, list[str]]  # a table for RESULTS.md, and the bars in it that do not hold


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of one layer. `target` is the bar (None: merely reported); `at_least` says whether more is better.

    `value` and `naive` are formulas over the sums of all users' counts (naive None: there is no simpler method to compare with).
    """

    layer: str
    name: str
    value: Formula
    target: float | None
    at_least: bool = True
    naive: Formula | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure taken: the figure, its one-sided 95 % bound on the good side, and the naive method's figure."""

    measure: Measure
    users: int
    value: float
    bound: float
    naive: float | None

    @property
    def holds(self) -> bool:
        """A bar holds unless the bound excludes it; a figure without a bar always does."""
        target = self.measure.target
        if target is None:
            return True
        return self.bound >= target if self.measure.at_least else self.bound <= target


def share(part: str, whole: str, *, empty: float = 0.0) -> Formula:
    """The ratio of two counts; `empty` where there is nothing to divide by."""
    return lambda counts: counts.get(part, 0.0) / counts[whole] if counts.get(whole) else empty


def f1(hits: str, found: str, true: str) -> Formula:
    """The harmonic mean of precision hits/found and recall hits/true."""
    return lambda counts: 2 * counts.get(hits, 0.0) / max(counts.get(found, 0.0) + counts.get(true, 0.0), 1e-9)


def add_up(users: Iterable[Counts]) -> dict[str, float]:
    total: dict[str, float] = {}
    for counts in users:
        for name, value in counts.items():
            total[name] = total.get(name, 0.0) + value
    return total


def take(measure: Measure, *, users: Sequence[Counts], seed: int) -> Reading:
    """The figure over all users and its bound: the 95th (5th) percentile when the users are drawn anew with replacement."""
    rng = np.random.default_rng(seed)
    names = sorted({name for counts in users for name in counts})
    table = np.array([[counts.get(name, 0.0) for name in names] for counts in users])
    drawn = [
        dict(zip(names, table[rng.integers(len(users), size=len(users))].sum(0), strict=True)) for _ in range(DRAWS)
    ]
    quantile = 0.95 if measure.at_least else 0.05
    whole = add_up(users)
    return Reading(
        measure=measure,
        users=len(users),
        value=measure.value(whole),
        bound=float(np.quantile([measure.value(counts) for counts in drawn], quantile)),
        naive=measure.naive(whole) if measure.naive else None,
    )
