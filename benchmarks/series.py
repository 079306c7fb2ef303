"""Synthetic occurrence days: a person's active days, series that keep to a rule and series that do not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from graph.enrichment.base import Series, World, day_date, day_number

Rng = np.random.Generator
Days = npt.NDArray[np.int64]

START: Final = day_number(date(2016, 7, 18))


@dataclass(frozen=True, slots=True)
class Stage:
    """The days on which a synthetic person writes, from `start` to before `end`."""

    start: int
    end: int
    active: Days

    @property
    def span(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Planted:
    """A series and the truth about it: `kind` of its rule (or of its null), `period` in days, the rule's first day after today."""

    kind: str
    days: Days
    null: bool
    period: float = 0.0
    due: int | None = None


def stage(rng: Rng, *, years: float, per_year: int = 220, start: int = START) -> Stage:
    """Active days; weekends are rarer for every third person."""
    days = np.arange(start, start + int(365.25 * years))
    weight = np.where((days + 3) % 7 >= 5, rng.choice([1.0, 1.0, 0.2]), 1.0)
    count = min(int(per_year * years), int(len(days) * 0.75))
    return Stage(start, int(days[-1]) + 1, np.sort(rng.choice(days, count, replace=False, p=weight / weight.sum())))


def _where(rule: Callable[[date], bool], *, first: int, last: int) -> Days:
    return np.array([day for day in range(first, last) if rule(day_date(day))], dtype=np.int64)


def rule_days(rng: Rng, *, kind: str, first: int, last: int) -> tuple[Days, float]:
    """All days of a random rule of that kind from `first` to before `last`, and its period."""
    days = np.arange(first, last)
    weekday, nth, month_day, month = (
        int(rng.integers(7)),
        int(rng.integers(4)),
        int(rng.integers(1, 29)),
        int(rng.integers(3)),
    )
    match kind:
        case "weekly":
            return days[(days + 3) % 7 == weekday], 7
        case "weekdays":
            return days[np.isin((days + 3) % 7, rng.choice(7, 2, replace=False))], 3.5
        case "fortnightly":
            return days[int(rng.integers(14)) :: 14], 14
        case "monthly":
            return _where(lambda day: day.day == month_day, first=first, last=last), 30.44
        case "monthly_weekday":
            return _where(
                lambda day: day.weekday() == weekday and (day.day - 1) // 7 == nth, first=first, last=last
            ), 30.44
        case "quarterly":
            return _where(lambda day: day.day == month_day and day.month % 3 == month, first=first, last=last), 91.31
        case "yearly":
            when = day_date(START + int(rng.integers(365)))
            return _where(
                lambda day: (day.month, day.day) == (when.month, min(when.day, 28)), first=first, last=last
            ), 365.25
        case "renewal":
            period = float(rng.choice([10, 17, 24, 38]))
            gaps = period * np.maximum(0.3, rng.normal(1, 0.12, int((last - first) / period * 1.3) + 9))
            at = first + rng.integers(int(period)) + np.cumsum(gaps)
            return np.round(at[at < last]).astype(np.int64), period
        case _:
            return days, 1


def recurring(rng: Rng, *, kind: str, on: Stage, miss: float, noise: float, jitter: float = 0.1) -> Planted:
    """A rule recorded with misses, strays and jitter of a day. Three in ten rules start late, one in ten has stopped long ago."""
    ahead, period = rule_days(rng, kind=kind, first=on.start, last=on.end + 500)
    rule = on.active if kind == "daily" else ahead[ahead < on.end]
    due = on.end if kind == "daily" else int(ahead[len(rule)])
    if kind not in ("yearly", "quarterly") and len(rule) > 24:
        rule = rule[rng.integers(len(rule) // 3) if rng.random() < 0.3 else 0 :]
        if rng.random() < 0.1:
            rule, due = rule[: -max(12, len(rule) // 4)], -1
    seldom = kind in ("yearly", "quarterly")
    kept = rule[rng.random(len(rule)) > (miss / 2 if seldom else miss)]
    moved = kept + np.where(rng.random(len(kept)) < jitter, rng.choice([-1, 1], len(kept)), 0) * (kind != "daily")
    strays = rng.choice(on.active, min(rng.poisson(noise * len(kept)), len(on.active)), replace=False)
    days = np.unique(np.r_[moved, strays])
    return Planted(
        kind, days[(days >= on.start) & (days < on.end)], null=False, period=period, due=None if due < 0 else due
    )


def poisson(rng: Rng, *, on: Stage, n: int) -> Days:
    return np.sort(rng.choice(on.active, n, replace=False))


def bursty(rng: Rng, *, on: Stage, n: int) -> Days:
    centres = rng.choice(on.active, max(2, n // 6))
    return np.concatenate([centre + np.cumsum(rng.geometric(0.35, rng.poisson(6) + 1)) - 1 for centre in centres])


def trending(rng: Rng, *, on: Stage, n: int) -> Days:
    weight = np.linspace(0.05, 1, len(on.active)) ** 2
    return rng.choice(on.active, n, replace=False, p=weight / weight.sum())


def project(rng: Rng, *, on: Stage, n: int) -> Days:
    begin = int(rng.integers(len(on.active) - 60))
    return rng.choice(on.active[begin : begin + 60], min(n, 30), replace=False)


NULLS: Final[Mapping[str, Callable[..., Days]]] = {
    "poisson": poisson,
    "bursty": bursty,
    "trending": trending,
    "project": project,
}


def without_rule(rng: Rng, *, kind: str, on: Stage, most: int = 80) -> Planted:
    """A series that keeps to no rule: even, in bursts, ever more, or within one project of weeks. All on active days."""
    days = NULLS[kind](rng, on=on, n=int(rng.integers(5, most)))
    at = np.searchsorted(on.active, np.clip(days, on.start, on.active[-1]))
    return Planted(kind, np.unique(on.active[at]), null=True)


def world_of(planted: list[Planted], *, on: Stage, seed: int, today: int | None = None) -> World:
    """A world of these series, ids in their order; the planted days are active days too."""
    active = np.unique(np.concatenate([on.active, *(one.days for one in planted)]))
    series = {number: Series(id=number, entities=(number,), days=one.days) for number, one in enumerate(planted)}
    day = on.end - 1 if today is None else today
    return World(today=day, active_days=active, series=series, asked=frozenset(series), seed=seed)


def shuffled(rng: Rng, *, world: World) -> World:
    """The same world with its active days permuted: who met whom stays, when is lost."""
    order = rng.permutation(world.active_days)
    series = {
        one.id: Series(one.id, one.entities, np.sort(order[np.searchsorted(world.active_days, one.days)]))
        for one in world.series.values()
    }
    return World(today=world.today, active_days=world.active_days, series=series, asked=world.asked, seed=world.seed)
