"""Enriched: the rule that describes a series best, out of those that the test of windows finds promising.

The choice is by the shortest two-part description of which active days are occurrences (Rissanen 1978): one rate for the rule's
slots, one for all other active days, and the cost of naming the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log

import numpy as np
import numpy.typing as npt

from graph.enrichment.base import Days
from graph.enrichment.calendar import BY_NAME, Almanac
from graph.enrichment.windows import LEAST_SHARE, Activity, Window, promising_windows

FEWEST_DAYS = 4
LEAST_PRECISION = LEAST_COVERAGE = LEAST_SHARE
SELDOM_NOTED, SURE_PRECISION = 0.15, 0.8  # so few slots suffice where hardly an occurrence is off the rule
_SELDOM, _OFTEN = 0.1, 0.95  # bounds of a rule's rate
_CHUNK = 512  # series at once

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A rule laid over a series. `slots` run from the first to the last that was hit, `hit` says which were."""

    window: Window
    slots: Days
    hit: Bools
    on_rule: Days
    precision: float
    length: float  # of the description: log-likelihood, higher is better

    @property
    def coverage(self) -> float:
        return float(self.hit.mean())

    @property
    def score(self) -> float:
        """F1 of precision (occurrences on the rule) and coverage (slots hit)."""
        return 2 * self.precision * self.coverage / (self.precision + self.coverage)


def fit_calendar(*, series: Sequence[Days], active: Days, almanac: Almanac) -> list[Fit | None]:
    """For each series (at least one day each) the calendar rule that describes it best, None where none holds."""
    activity = Activity(active=active, almanac=almanac)
    fits: list[Fit | None] = []
    for start in range(0, len(series), _CHUNK):
        chunk = series[start : start + _CHUNK]
        windows = promising_windows(series=chunk, activity=activity)
        fits.extend(
            _best_fit(days=days, windows=found, activity=activity) for days, found in zip(chunk, windows, strict=True)
        )
    return fits


def _best_fit(*, days: Days, windows: Sequence[Window], activity: Activity) -> Fit | None:
    fits = [fit for window in windows if (fit := _fit(days=days, window=window, activity=activity)) is not None]
    if not fits:
        return None
    best = max(fits, key=lambda fit: (fit.length, -fit.window.p))
    return replace(best, window=replace(best.window, p=min(1.0, *(fit.window.p for fit in fits))))


def _fit(*, days: Days, window: Window, activity: Activity) -> Fit | None:
    if window.rule.family == "daily":
        return _fit_daily(days=days, window=window, activity=activity)
    family = BY_NAME[window.rule.family]
    tolerance, first, last = window.rule.tolerance, int(days[0]), int(days[-1])
    slots = activity.almanac.slots(rule=window.rule, first=first - tolerance, last=last + tolerance)
    on_rule, slot = match_slots(days=days, slots=slots, tolerance=tolerance)
    hit = np.zeros(len(slots), dtype=bool)
    hit[slot[on_rule]] = True
    run = _longest_run(hit=hit, by_chance=min(0.4, len(days) * (2 * tolerance + 1) / (last - first + 1)))
    on_rule &= (slot >= run.start) & (slot < run.stop)
    precision = _share_of_bursts(days=days, on_rule=on_rule, gap=family.burst)
    if hit[run].sum() < family.least or not _is_worth_saying(precision=precision, coverage=float(hit[run].mean())):
        return None
    active = int(activity.between(first=days[:1], last=days[-1:])[0])
    length = _description_length(hits=int(hit.sum()), slots=len(slots), days=len(days), active=active, window=window)
    return Fit(window=window, slots=slots[run], hit=hit[run], on_rule=days[on_rule], precision=precision, length=length)


def _is_worth_saying(*, precision: float, coverage: float) -> bool:
    least = SELDOM_NOTED if precision >= SURE_PRECISION else LEAST_COVERAGE
    return precision >= LEAST_PRECISION and coverage >= least


def _longest_run(*, hit: Bools, by_chance: float) -> slice:
    """From when to when the rule ran: the slots that speak most for it against hits by chance (maximal sum)."""
    run = slice(0, len(hit))
    for _ in range(2):  # at the rate of all slots, then at that of the run
        if not hit[run].any():
            break
        rate = min(max(float(hit[run].mean()), 2 * by_chance, _SELDOM), _OFTEN)
        total = np.r_[0.0, np.cumsum(np.where(hit, log(rate / by_chance), log((1 - rate) / (1 - by_chance))))]
        stop = int(np.argmax(total - np.minimum.accumulate(total)))
        run = slice(int(np.argmin(total[:stop])) if stop else 0, stop)
    return run


def _share_of_bursts(*, days: Days, on_rule: Bools, gap: int) -> float:
    """The share of occurrences on the rule, where days up to `gap` apart are one."""
    fresh = np.r_[True, np.diff(days) > gap]
    return float((np.add.reduceat(on_rule, np.flatnonzero(fresh)) > 0).mean())


def _fit_daily(*, days: Days, window: Window, activity: Activity) -> Fit:
    lo, hi = np.searchsorted(activity.active, days[0]), np.searchsorted(activity.active, days[-1], side="right")
    slots = np.union1d(activity.active[lo:hi], days)
    length = _log_likelihood(k=len(days), n=len(slots))
    return Fit(window=window, slots=slots, hit=np.isin(slots, days), on_rule=days, precision=1.0, length=length)


def match_slots(*, days: Days, slots: Days, tolerance: int) -> tuple[Bools, Days]:
    """Which days are within the tolerance of a slot, and the index of the slot nearest to each day (the earlier of two)."""
    if not slots.size:
        return np.zeros(len(days), dtype=bool), np.zeros(len(days), dtype=np.int64)
    after = np.minimum(np.searchsorted(slots, days), len(slots) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(days - slots[before]) <= np.abs(slots[after] - days), before, after)
    return np.abs(days - slots[nearest]) <= tolerance, nearest


def _description_length(*, hits: int, slots: int, days: int, active: int, window: Window) -> float:
    """Log-likelihood of the occurrences among the active days: one rate for slots, one for all other days; less the rule's cost."""
    whole = max(active, days)
    within = max(window.share * whole, float(hits))
    kept = max(min(float(slots), within), float(hits))
    inside = _log_likelihood(k=hits, n=kept) - hits * log(max(1.0, within / kept))
    outside = _log_likelihood(k=days - hits, n=max(whole - kept, float(days - hits)))
    return inside + outside - log(window.choices)


def _log_likelihood(*, k: float, n: float) -> float:
    rate = min(max(k / max(n, 1.0), 1e-3), 1 - 1e-3)
    return k * log(rate) + (n - k) * log(1 - rate)


def longest_silence(hit: Bools) -> int:
    """The most slots in a row that were missed."""
    at = np.flatnonzero(hit).tolist()
    return max((late - early - 1 for early, late in pairwise(at)), default=0)
