"""Layer 6 measured: are the probabilities of being named again, and of a new link, better than the mean rate and true to their word?

A synthetic person of five years has 60 series: renewals, bursts, recurrences, fading and seasonal ones and plain rates, seen on the
days on which they wrote at all. The model is fitted on what was known after four years; every 30 days of the fifth year its
probabilities are compared with what came. The new links come from a person's circles, in which friends of friends meet.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.links import BINS, bin_sums, count_links
from benchmarks.measures import Counts, Formula, Measure, share
from graph.enrichment.base import Days, Series, World
from graph.enrichment.hazard import (
    HORIZONS,
    Floats,
    fit_hazard,
    fit_logistic,
    lessons,
    look_back,
    occurs,
    probabilities,
    steady_probabilities,
)  # fmt: skip

YEARS, SERIES, STEP = 5, 60, 30
FIRST_DAY = 18_000
LAST_DAY = FIRST_DAY + 365 * YEARS
SPLIT = FIRST_DAY + 365 * (YEARS - 1)
PRIOR_SEEDS = range(10_000, 10_100)


def _skill(horizon: int) -> Formula:
    """One less the ratio of the Brier scores: 0 is no better than the mean rate, 1 is foresight."""
    return lambda counts: 1 - counts[f"h{horizon}_brier"] / max(counts[f"h{horizon}_rate_brier"], 1e-9)


def _error(prefix: str) -> Formula:
    """Expected calibration error: the mean distance of promised and seen, over ten bins of what was promised."""

    def value(counts: Counts) -> float:
        total = sum(counts.get(f"{prefix}_bin{n}_n", 0.0) for n in range(BINS))
        gaps = (
            abs(counts.get(f"{prefix}_bin{n}_hit", 0.0) - counts.get(f"{prefix}_bin{n}_p", 0.0)) for n in range(BINS)
        )
        return sum(gaps) / max(total, 1.0)

    return value


MEASURES = (
    Measure("prediction", "skill over the mean rate, 30 days", _skill(30), 0.15, naive=lambda counts: 0.0),
    Measure("prediction", "calibration error, 30 days", _error("h30"), 0.025, at_least=False, naive=_error("h30_rate")),
    Measure("prediction", "skill over the mean rate, 7 days", _skill(7), None, naive=lambda counts: 0.0),
    Measure("prediction", "calibration error, 7 days", _error("h7"), None, at_least=False, naive=_error("h7_rate")),
    Measure("prediction", "skill over the mean rate, 90 days", _skill(90), None, naive=lambda counts: 0.0),
    Measure("prediction", "calibration error, 90 days", _error("h90"), None, at_least=False, naive=_error("h90_rate")),
    Measure("prediction", "new links, area under the curve", share("link_wins", "link_pairs"), 0.78, naive=share("link_naive_wins", "link_pairs")),
    Measure("prediction", "new links, calibration error", _error("link"), 0.02, at_least=False),
)  # fmt: skip


def count(seed: int) -> dict[str, float]:
    """Sums of one person: squared errors and bins by horizon, of the model and of the mean rate."""
    series = make(seed)
    started = time.process_time()
    model = fit_hazard(_known(series, today=SPLIT))
    counts = {"users": 1.0}
    for horizon in HORIZONS:
        past = look_back(series, looks=np.arange(SPLIT, LAST_DAY - horizon + 1, STEP))
        hits = occurs(past, series, horizon=horizon)
        counts |= _sums(f"h{horizon}", chances=probabilities(model, past, horizon=horizon), hits=hits)
        counts |= _sums(f"h{horizon}_rate", chances=steady_probabilities(past, horizon=horizon), hits=hits)
    seconds, links = time.process_time() - started, count_links(seed)
    return counts | links | {"seconds": seconds + links["seconds"]}


def _sums(prefix: str, *, chances: Floats, hits: Floats) -> dict[str, float]:
    """The squared error, and the bins that the calibration error is taken from."""
    return {f"{prefix}_brier": float(((chances - hits) ** 2).sum())} | bin_sums(prefix, chances=chances, came=hits)


def _known(series: Sequence[Days], *, today: int) -> World:
    past = {n: Series(n, (n,), days[days <= today]) for n, days in enumerate(series)}
    return World(today=today, active_days=np.arange(FIRST_DAY, today + 1), series=past)


def make(seed: int) -> list[Days]:
    """The series of a synthetic person."""
    rng = np.random.default_rng([seed, 6])
    active = np.flatnonzero(rng.random(365 * YEARS) < rng.uniform(0.4, 0.95))
    kinds = (_renewal, _bursty, _recurring, _fading, _seasonal, _steady)
    raw = [kinds[n % len(kinds)](rng) for n in range(SERIES)]
    return [FIRST_DAY + np.intersect1d(days, active).astype(np.int64) for days in raw]


def _renewal(rng: np.random.Generator) -> Days:
    """Gaps of much the same length."""
    mean = float(np.exp(rng.uniform(np.log(4), np.log(60))))
    gaps = rng.gamma(4, mean / 4, size=int(365 * YEARS / mean * 2) + 5)
    return _within(rng.uniform(0, 300) + np.cumsum(gaps))


def _bursty(rng: np.random.Generator) -> Days:
    """Weeks of often, months of never."""
    starts = rng.uniform(0, 365 * YEARS, size=rng.integers(2, 9))
    bursts = [start + rng.uniform(0, rng.uniform(10, 90), size=rng.integers(3, 20)) for start in starts]
    return _within(np.concatenate(bursts))


def _recurring(rng: np.random.Generator) -> Days:
    """A rule of 7, 14, 28 or 365 days, a fifth missed, some noise; half of the rules end or begin within the years."""
    period = int(rng.choice([7, 14, 28, 365]))
    slots = np.arange(rng.integers(0, period), 365 * YEARS, period)
    begin, end = np.sort(rng.uniform(0, 365 * YEARS, 2)) if rng.random() < 0.5 else (0, 365 * YEARS)
    kept = slots[(rng.random(slots.size) > 0.2) & (slots >= begin) & (slots <= end)]
    noise = rng.uniform(0, 365 * YEARS, size=rng.poisson(0.2 * kept.size + 1))
    return _within(np.concatenate([kept, noise]))


def _fading(rng: np.random.Generator) -> Days:
    """Often at first, then less and less."""
    start, scale = rng.uniform(0, 365 * (YEARS - 1)), rng.uniform(60, 500)
    return _within(start + rng.exponential(scale, size=rng.integers(5, 60)))


def _seasonal(rng: np.random.Generator) -> Days:
    """Two months of the year."""
    middle, years = rng.uniform(0, 365), np.arange(-1, YEARS + 1)
    return _within(np.concatenate([middle + 365 * year + rng.normal(0, 20, size=rng.integers(2, 9)) for year in years]))


def _steady(rng: np.random.Generator) -> Days:
    """A plain rate from one day on."""
    start, number = rng.uniform(0, 365 * 3), rng.integers(5, 80)
    return _within(rng.uniform(start, 365 * YEARS, size=number))


def _within(days: np.ndarray) -> Days:
    return np.unique(days[(days >= 0) & (days < 365 * YEARS)].astype(np.int64))


def fit_prior(seeds: Sequence[int] = PRIOR_SEEDS) -> Mapping[int, tuple[float, ...]]:
    """The coefficients that graph.enrichment.hazard starts from: one fit over many synthetic persons, rounded."""
    parts = [lessons(make(seed), today=LAST_DAY) for seed in seeds]
    fitted = {}
    for horizon in HORIZONS:
        features, labels = (np.concatenate([part[horizon][n] for part in parts]) for n in (0, 1))
        nothing = [0.0] * features.shape[1]
        row = fit_logistic(features, labels, weights=np.ones(labels.size), prior=nothing)
        fitted[horizon] = tuple(round(value, 3) for value in row)
    return fitted
