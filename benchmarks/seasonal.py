"""Layer 3 measured: seasons planted among series without one, their null twin and their shuffled twin."""

from dataclasses import dataclass
from time import process_time
from typing import Final

import numpy as np

from benchmarks.measures import Measure, share
from benchmarks.series import NULLS, START, Days, Planted, Stage, shuffled, without_rule, world_of
from graph.enrichment.base import Finding, World, adjust_p_values, control_discoveries
from graph.enrichment.seasonal import SeasonalLayer, month_of

SEASONS, NULLS_EACH = 12, 9
PERSISTENCE, NOISE = 0.8, 0.2
FEWEST = 5

MEASURES: Final = (
    Measure("seasonal", "recall, 5 years", share("found", "planted"), 0.75, naive=share("naive_found", "planted")),
    Measure("seasonal", "recall, 8 years", share("found_8", "planted_8"), 0.95, naive=share("naive_found_8", "planted_8")),
    Measure("seasonal", "false discoveries", share("false", "discovered"), 0.05, at_least=False, naive=share("naive_false", "naive_discovered")),
    Measure("seasonal", "months, Jaccard", share("jaccard", "with_months"), 0.60),
    Measure("seasonal", "discoveries in a null person", share("null_discovered", "users"), 0.1, at_least=False),
    Measure("seasonal", "discoveries in a shuffled person", share("shuffled_discovered", "users"), 0.1, at_least=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Season:
    """A planted season (or a series without one) and its true months, 1..12."""

    planted: Planted
    months: frozenset[int] = frozenset()


def seasonal_stage(rng: np.random.Generator, *, years: int) -> Stage:
    """Active days; every second person writes four times as much in summer as in winter."""
    days = np.arange(START, START + int(365.25 * years))
    of_year = (days - START + 199) % 365.25
    weight = np.clip(1.5 + rng.integers(2) * 1.5 * np.cos(2 * np.pi * (of_year - 200) / 365.25), 0.3, None)
    active = rng.choice(days, 220 * years, replace=False, p=weight / weight.sum())
    return Stage(START, int(days[-1]) + 1, np.sort(active))


def season(rng: np.random.Generator, *, on: Stage, persistence: float = PERSISTENCE, noise: float = NOISE) -> Season:
    """Some days around the same time of most years, and strays. Its months are those within 1.4 standard deviations."""
    centre, width = int(rng.integers(365)), int(rng.choice([20, 35, 50]))
    middles = on.start - 180 + centre + np.arange(0, on.span + 366, 365.25)
    parts = [middle + rng.normal(0, width / 2, rng.poisson(3) + 1) for middle in middles if rng.random() < persistence]
    days = np.concatenate(parts or [np.empty(0)]).astype(np.int64)
    days = days[(days >= on.start) & (days < on.end)]
    strays = rng.choice(on.active, rng.poisson(noise * len(days)), replace=False)
    reach = on.start - 180 + centre + np.linspace(-0.7 * width, 0.7 * width, 9).astype(np.int64)
    months = frozenset((month_of(reach) + 1).tolist())
    return Season(Planted("season", np.unique(np.r_[days, strays]), null=False), months)


def person(rng: np.random.Generator, *, years: int) -> tuple[list[Season], Stage]:
    on = seasonal_stage(rng, years=years)
    seasons = [season(rng, on=on) for _ in range(SEASONS)]
    nulls = [Season(without_rule(rng, kind=kind, on=on, most=60)) for kind in NULLS for _ in range(NULLS_EACH)]
    return [one for one in seasons if len(one.planted.days) >= FEWEST] + nulls, on


def count(seed: int) -> dict[str, float]:
    """The counts of one synthetic person, over five years and over eight."""
    rng = np.random.default_rng([3, seed])
    five, on = person(rng, years=5)
    eight, longer = person(rng, years=8)
    counts = _score(five, world=_world(five, on=on), suffix="") | {"users": 1.0}
    counts |= _score(eight, world=_world(eight, on=longer), suffix="_8")
    nulls = [one for one in five if one.planted.null]
    counts["null_discovered"] = _discoveries(_world(nulls, on=on))
    counts["shuffled_discovered"] = _discoveries(shuffled(rng, world=_world(five, on=on)))
    return counts


def _world(seasons: list[Season], *, on: Stage) -> World:
    return world_of([one.planted for one in seasons], on=on, seed=0)


def _stands(finding: Finding) -> bool:
    return finding.values["seasonal_months"] is not None


def _discoveries(world: World) -> float:
    return float(sum(map(_stands, control_discoveries(SeasonalLayer().compute(world)))))


def _score(seasons: list[Season], *, world: World, suffix: str) -> dict[str, float]:
    began = process_time()
    findings = control_discoveries(SeasonalLayer().compute(world))
    seconds = process_time() - began
    null = np.array([one.planted.null for one in seasons])
    stands = np.array([_stands(finding) for finding in findings])
    naive = np.array(adjust_p_values(rayleigh(one.planted.days) for one in seasons)) <= 0.05
    likeness = [
        _jaccard(one.months, frozenset(months))
        for one, finding in zip(seasons, findings, strict=True)
        if not one.planted.null and isinstance(months := finding.values["seasonal_months"], list)
    ]
    counts = {
        "planted": (~null).sum(), "found": (stands & ~null).sum(), "false": (stands & null).sum(), "discovered": stands.sum(),
        "naive_found": (naive & ~null).sum(), "naive_false": (naive & null).sum(), "naive_discovered": naive.sum(),
        "jaccard": sum(likeness), "with_months": len(likeness), "seconds": seconds,
    }  # fmt: skip
    return {name + suffix: float(value) for name, value in counts.items()}


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def rayleigh(days: Days) -> float:
    """The usual test for a direction on the circle of the year (Mardia and Jupp 2000), deaf to bursts and to when one writes."""
    angle = 2 * np.pi * ((days + 0.5) % 365.2425) / 365.2425
    n, length = len(days), float(np.abs(np.exp(1j * angle).sum()))
    return float(np.exp(np.sqrt(1 + 4 * n + 4 * (n * n - length * length)) - (1 + 2 * n)))
