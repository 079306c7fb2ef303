"""Enriched: what comes again every P days or so, without a calendar: a haircut, a refill.

The test counts the days that are followed by another P days later, give or take 15 %, whatever lies between (a stray day does not
hide the two around it). By chance: the same share when every day is moved by up to half a period among the active days, which
keeps how often things happen and destroys the even gaps (interval jitter, Amarasingham et al. 2012).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from graph.enrichment.base import Days
from graph.enrichment.recurrence import LEAST_COVERAGE, LEAST_PRECISION
from graph.enrichment.windows import TESTS

FEWEST_DAYS = 8
SHORTEST, FEWEST_PERIODS = 4.0, 6.0
_NEAR, LATE = 0.15, 0.25  # of a period: for the test, for the rule
_PERIODS = 24  # tried, between the densest and the sparsest rule worth saying
_DRAWS = 99
_PROMISING = 0.01
_RECENT, _FOLDS, _LEAST_STRAYS = 40, 6, 0.1
_YEARS_OF_DRAWS = 1_000_000  # makes the days of any year fit for a seed
_TO_DEVIATION = 1.4826  # from the median absolute deviation to the standard deviation of a normal

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """Every `period` days, with a deviation of `spread` periods. `on_rule` are the days that came about a period after another.

    `hits` of `trials` days were followed in time, `expected` by chance; `slots` are the periods from the first day to the last.
    """

    period: float
    spread: float
    p: float
    hits: int
    trials: int
    expected: float
    on_rule: Days
    precision: float
    coverage: float
    slots: int

    @property
    def score(self) -> float:
        return 2 * self.precision * self.coverage / (self.precision + self.coverage)


def fit_renewal(*, days: Days, active: Days, seed: int) -> Renewal | None:
    """The renewal rule of one series, None where nothing is promising enough to be worth a test."""
    trials = len(days) - 1
    if len(days) < FEWEST_DAYS:
        return None
    period = _promising_period(days)
    if period is None:
        return None
    hits = int(_followed(days, period=period).sum())
    rng = np.random.default_rng([seed, *(days + _YEARS_OF_DRAWS).tolist()])
    drawn = _drawn_hits(days=days, period=period, active=active, rng=rng)
    by_chance = min(0.99, float(drawn.mean() + drawn.std() / np.sqrt(_DRAWS)) / trials)
    tail = float(binom.sf(hits - 1, trials, by_chance)) * _PERIODS
    as_many = int((drawn >= hits).sum())
    p = min(1.0, max(tail, (as_many + 1) / (_DRAWS + 1) if as_many else 0.0) * TESTS)
    return _describe(days=days, period=period, p=p, hits=hits, expected=by_chance * trials)


def _promising_period(days: Days) -> float | None:
    """The period at which more days are followed in time than if they came at random; None where that may well be chance."""
    span, trials = float(days[-1] - days[0]), len(days) - 1
    longest = min(span / FEWEST_PERIODS, span / trials / LEAST_PRECISION)
    shortest = max(SHORTEST, span / trials * LEAST_COVERAGE)
    if longest <= shortest:
        return None
    periods = np.geomspace(shortest, longest, _PERIODS)
    hits = _followed(days, period=periods[:, None]).sum(axis=-1)
    chance = 1 - np.exp(-2 * _NEAR * periods * trials / span)
    tails = np.asarray(binom.sf(hits - 1, trials, chance)) * _PERIODS
    best = int(np.argmin(tails))
    return float(periods[best]) if tails[best] <= _PROMISING else None


def _followed(days: Days, *, period: float | Floats, within: float = _NEAR) -> Bools:
    """Which days have another about a period later. Works on one row of days; periods may be a column."""
    first = np.searchsorted(days, np.ceil(days + (1 - within) * period))
    return np.asarray(np.searchsorted(days, np.floor(days + (1 + within) * period), side="right") > first)


def _drawn_hits(*, days: Days, period: float, active: Days, rng: np.random.Generator) -> Floats:
    """The days followed in time in each of many jittered copies."""
    low = np.searchsorted(active, days - period / 2)
    width = np.maximum(np.searchsorted(active, days + period / 2, side="right") - low, 1)
    at = np.sort(low + (rng.random((_DRAWS, len(days))) * width).astype(np.int64), axis=1)
    steps = np.arange(len(days))
    at = (
        np.maximum.accumulate(at - steps, axis=1) + steps
    )  # where two meet the later goes on to the next free active day
    apart = int(active[-1] - active[0]) + int(3 * period)
    rows = active[np.minimum(at, len(active) - 1)] + np.arange(_DRAWS)[:, None] * apart  # too far apart to meet
    followed = _followed(rows.ravel(), period=period).reshape(_DRAWS, -1)
    return np.asarray(followed.sum(axis=1), dtype=float)


def _describe(*, days: Days, period: float, p: float, hits: int, expected: float) -> Renewal | None:
    lags = (days[None, :] - days[:, None]) / period
    period, spread = _refined(lags[np.abs(lags - 1) <= 2 * _NEAR], period=period)
    after = np.any(np.abs((days[None, :] - days[:, None]) / period - 1) <= LATE, axis=0)
    before = _followed(days, period=period, within=LATE)
    slots = max(1, round((int(days[-1]) - int(days[0])) / period))
    precision, coverage = float((after | before).mean()), min(1.0, int(after.sum()) / slots)
    if coverage < LEAST_COVERAGE or precision < LEAST_PRECISION:
        return None
    return Renewal(period, spread, p, hits, len(days) - 1, expected, days[after], precision, coverage, slots)


def _refined(near: Floats, *, period: float) -> tuple[float, float]:
    """The middle of the gaps near the period, in days, and their robust deviation in periods."""
    middle = float(np.median(near))
    return middle * period, max(0.02, _TO_DEVIATION * float(np.median(np.abs(near - middle))) / middle)


def next_renewal(*, renewal: Renewal, days: Days, today: int) -> int:
    """The day after today around which most of the probability lies, when any of the recent days may have been the last in time."""
    recent = days[-_RECENT:]
    strays = max(_LEAST_STRAYS, 1 - renewal.precision) * len(days) / float(days[-1] - days[0] + 1)
    belief = np.ones(len(recent))  # forward filter: that this day was in time, against all days having been strays
    for at in range(1, len(recent)):
        belief[at] += float((belief[:at] * _density(recent[at] - recent[:at], renewal=renewal)).sum()) / strays
    ahead = np.arange(today + 1, today + 2 * int(renewal.period) + 3)
    density = (belief[:, None] / belief.max() * _density(ahead - recent[:, None], renewal=renewal)).sum(axis=0)
    reach = max(1, round(0.1 * renewal.period))
    mass = np.convolve(density, np.ones(2 * reach + 1), mode="same")
    return int(ahead[int(np.argmax(np.round(mass, 12)))])


def _density(gaps: Days, *, renewal: Renewal) -> Floats:
    """Of the time to the next recorded occurrence, per day: one period where it was recorded, more where some were not."""
    noted = min(max(renewal.coverage, 0.5), 0.95)
    folds = np.arange(1, _FOLDS + 1)
    deviation = renewal.spread * renewal.period * np.sqrt(folds)
    bells = np.exp(-0.5 * ((gaps[..., None] - folds * renewal.period) / deviation) ** 2) / (
        deviation * np.sqrt(2 * np.pi)
    )
    return np.asarray((noted * (1 - noted) ** (folds - 1) * bells).sum(axis=-1))
