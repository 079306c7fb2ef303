"""Synthetic occurrence days: a person's active days, series that keep to a rule and series that do not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from graph.enrichment.base import Series, World, day_number

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


PERIODS: Final[Mapping[str, float]] = {
    "weekly": 7, "weekdays": 3.5, "fortnightly": 14, "monthly": 30.44, "monthly_weekday": 30.44, "quarterly": 91.31, "yearly": 365.25,
}  # fmt: skip


def rule_days(rng: Rng, *, kind: str, first: int, last: int) -> tuple[Days, float]:
    """All days of a random rule of that kind from `first` to before `last`, and its period."""
    if kind == "renewal":
        return _renewal_days(rng, first=first, last=last)
    days = np.arange(first, last)
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    month_day = days - months.astype("datetime64[D]").astype(np.int64) + 1
    month, weekday = months.astype(np.int64) % 12, (days + 3) % 7
    a_weekday, nth, a_day, third, other = rng.integers([7, 4, 28, 3, 6])
    on_rule = {
        "weekly": weekday == a_weekday,
        "weekdays": np.isin(weekday, [a_weekday, (a_weekday + 1 + other) % 7]),
        "fortnightly": (days - first) % 14 == a_weekday + 7 * (third > 0),
        "monthly": month_day == a_day + 1,
        "monthly_weekday": (weekday == a_weekday) & ((month_day - 1) // 7 == nth),
        "quarterly": (month_day == a_day + 1) & (month % 3 == third),
        "yearly": (month_day == a_day + 1) & (month == third + 3 * nth),
    }
    return days[on_rule[kind]], PERIODS[kind]


def _renewal_days(rng: Rng, *, first: int, last: int) -> tuple[Days, float]:
    period = float(rng.choice([10, 17, 24, 38]))
    gaps = period * np.maximum(0.3, rng.normal(1, 0.12, int((last - first) / period * 1.3) + 9))
    at = first + rng.integers(int(period)) + np.cumsum(gaps)
    return np.round(at[at < last]).astype(np.int64), period


def recurring(rng: Rng, *, kind: str, on: Stage, miss: float, noise: float, jitter: float = 0.1) -> Planted:
    """A rule recorded with misses, strays and jitter of a day. Three in ten rules start late, one in ten has stopped long ago."""
    if kind == "daily":
        rule, period, due = on.active, 1.0, on.end
    else:
        ahead, period = rule_days(rng, kind=kind, first=on.start, last=on.end + 500)
        rule = ahead[ahead < on.end]
        due = int(ahead[len(rule)])
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
