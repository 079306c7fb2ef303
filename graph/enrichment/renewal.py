"""Enriched: what comes again every P days or so, without a calendar: a haircut, a refill.

Gaps are folded: a gap of m periods says that m - 1 occurrences went unrecorded. The test asks whether the folded gaps are more
even than those of the same days jittered by up to a period among the active days (interval jitter, Amarasingham et al. 2012).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from graph.enrichment.base import Days
from graph.enrichment.recurrence import TESTS

FEWEST_DAYS = 8
SHORTEST, FEWEST_PERIODS = 4.0, 6.0
_DRAWS, _ENOUGH = 199, 10  # stop when so many draws were as even
_MOST_UNEVEN = 0.25
_MOST_MISSED = 4  # gaps of more periods say nothing
_NEAR, _NEAR_BY_CHANCE, _PERIODS_TRIED = 0.2, 0.4, 9
_YEARS_OF_DRAWS = 1_000_000  # makes the days of any year fit for a seed
_TO_DEVIATION = 1.4826  # from the median absolute deviation to the standard deviation of a normal

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """Every `period` days, give or take `spread` periods; `on_rule` are the days that came as expected."""

    period: float
    spread: float
    p: float
    on_rule: Days
    precision: float
    coverage: float
    slots: int
    hits: int

    @property
    def score(self) -> float:
        return 2 * self.precision * self.coverage / (self.precision + self.coverage)


def fit_renewal(*, days: Days, active: Days, seed: int) -> Renewal | None:
    """The renewal rule of one series, None where its gaps are too uneven to be worth a test."""
    if len(days) < FEWEST_DAYS:
        return None
    unevenness, periods = _fold(np.diff(days)[None, :].astype(float))
    period = float(periods[0])
    if period < SHORTEST or unevenness[0] > _MOST_UNEVEN or days[-1] - days[0] < FEWEST_PERIODS * period:
        return None
    gaps = np.diff(days) / period
    folds = np.maximum(1.0, np.round(gaps))
    even = np.abs(gaps - folds) <= _NEAR
    rng = np.random.default_rng([seed, *(days + _YEARS_OF_DRAWS).tolist()])
    p = _p_value(
        days=days, period=period, unevenness=float(unevenness[0]), near=int(even.sum()), active=active, rng=rng
    )
    regular = np.abs(gaps - folds) <= 0.25
    hits, slots = int(regular.sum()), int(folds[regular].sum())
    if 2 * hits <= len(gaps) or 2 * hits <= slots:
        return None
    on_rule = days[1:][regular]
    return Renewal(period, float(unevenness[0]), p, on_rule, hits / len(gaps), hits / slots, slots, hits)


def _fold(gaps: Floats) -> tuple[Floats, Floats]:
    """Of rows of gaps: robust spread of the folded gaps (in periods; plus the share of gaps too long to fold), and the period."""
    period = np.median(gaps, axis=1, keepdims=True)
    for _ in range(3):
        period = np.median(gaps / np.maximum(1.0, np.round(gaps / period)), axis=1, keepdims=True)
    folds = np.maximum(1.0, np.round(gaps / period))
    residuals = (gaps / period - folds) / np.sqrt(folds)
    short = folds <= _MOST_MISSED
    kept = np.where(short, residuals, np.nan)
    middle = np.nanmedian(kept, axis=1, keepdims=True)
    spread = _TO_DEVIATION * np.nanmedian(np.abs(kept - middle), axis=1)
    return spread + (~short).mean(axis=1), period[:, 0]


def _p_value(
    *, days: Days, period: float, unevenness: float, near: int, active: Days, rng: np.random.Generator
) -> float:
    """Of the jitter test; where no draw was as even, the tail is that of the share of gaps near a whole number of periods."""
    low = np.searchsorted(active, days - period)
    width = np.maximum(np.searchsorted(active, days + period, side="right") - low, 1)
    at = low + (rng.random((_DRAWS, len(days))) * width).astype(np.int64)
    drawn = np.sort(active[np.minimum(at, len(active) - 1)], axis=1)
    gaps = np.maximum(np.diff(drawn, axis=1), 0.5)
    as_even = int((_fold(gaps.astype(float))[0] <= unevenness).sum())
    if as_even:
        return min(1.0, (as_even + 1) / (_DRAWS + 1) * TESTS)
    tail = float(binom.sf(near - 1, len(days) - 1, _NEAR_BY_CHANCE)) * _PERIODS_TRIED
    return min(1.0, 1 / (_DRAWS + 1) * TESTS, max(1e-6, tail))


def next_renewal(*, renewal: Renewal, last: int, today: int) -> int:
    """The day after today around which most of the probability lies, given that nothing came since `last`."""
    period = renewal.period
    missed = min(max(1 - renewal.coverage, 0.02), 0.5)
    ahead = np.arange(today + 1, today + 1 + int(2 * period) + 2)
    folds = np.arange(1, max(3, int((today - last) / period) + 4))[:, None]
    spread = max(renewal.spread, 0.02) * period
    bells = np.exp(-0.5 * ((ahead - last - folds * period) / (spread * np.sqrt(folds))) ** 2) / np.sqrt(folds)
    density = (missed ** (folds - 1.0) * bells).sum(axis=0)
    reach = max(1, round(0.1 * period))
    mass = np.convolve(density, np.ones(2 * reach + 1), mode="same")
    return int(ahead[int(np.argmax(mass))])
