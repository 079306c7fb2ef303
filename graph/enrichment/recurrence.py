"""Enriched: does a series keep to the calendar? An exact test against the person's own active days, and the choice of the rule.

Test: of n occurrences k fall into a window of the calendar that holds the share q of the active days between the first and the
last occurrence. The tail of Binomial(n, q) at k is the p-value, times the number of windows looked at (Bonferroni). Choice
among the rules that pass: shortest two-part description of which active days are occurrences (Rissanen 1978).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import comb, log

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from graph.enrichment.base import Days
from graph.enrichment.calendar import FAMILIES, WEEKLY, Almanac, CalendarRule, Family

FEWEST_DAYS = 4
TESTS = len(FAMILIES) + 3  # the families, sets of weekdays, every day, every ~P days
LEAST_PRECISION = LEAST_COVERAGE = 0.4
_PROMISING = 0.05
_LARGEST_SET = 6  # weekdays
_DAILY_SHARE, _DAILY_SPAN, _DAILY_DAYS = 0.6, 28, 14
_CHUNK = 512  # series at once
_LEAP_DAY = 59

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Window:
    """A promising rule: `hits` of `trials` occurrences (bursts count once) in a window that holds `share` of the active days."""

    rule: CalendarRule
    hits: int
    trials: int
    share: float
    p: float
    choices: int


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
        windows = _promising_windows(series=chunk, activity=activity)
        fits.extend(
            _best_fit(days=days, windows=found, activity=activity) for days, found in zip(chunk, windows, strict=True)
        )
    return fits


class Activity:
    """How many active days of a phase lie between two days: the null of every test."""

    def __init__(self, *, active: Days, almanac: Almanac) -> None:
        self.active = active
        self.almanac = almanac
        self._width = int(almanac.days[-1]) - almanac.first + 2
        self._keys = {family.name: self._sorted_keys(family) for family in FAMILIES}

    def _sorted_keys(self, family: Family) -> Days:
        phases = self.almanac.phases(family=family.name, days=self.active)
        return np.sort(phases * self._width + self.active - self.almanac.first)

    def between(self, *, first: Days, last: Days) -> Days:
        """Active days from `first` to `last`, elementwise."""
        return np.searchsorted(self.active, last, side="right") - np.searchsorted(self.active, first)

    def in_window(self, *, family: Family, phase: Days, tolerance: int, first: Days, last: Days) -> Days:
        """Those of them whose phase is at most `tolerance` from `phase`, elementwise."""
        keys, origin = self._keys[family.name], self.almanac.first
        phases = (phase[:, None] + np.arange(-tolerance, tolerance + 1)) % family.phases * self._width
        upto = np.searchsorted(keys, phases + (last - origin)[:, None], side="right")
        return (upto - np.searchsorted(keys, phases + (first - origin)[:, None])).sum(1)


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """Many series as one long array."""

    days: Days
    owner: Days
    first: Days
    last: Days

    def without_bursts(self, *, gap: int) -> tuple[Days, Days]:
        """Days (and their owners) that are more than `gap` days after the day before."""
        fresh = np.r_[True, (np.diff(self.days) > gap) | (np.diff(self.owner) > 0)]
        return self.days[fresh], self.owner[fresh]


def _promising_windows(*, series: Sequence[Days], activity: Activity) -> list[list[Window]]:
    flat = _Flat(
        days=np.concatenate(series),
        owner=np.repeat(np.arange(len(series)), [len(days) for days in series]),
        first=np.array([days[0] for days in series]),
        last=np.array([days[-1] for days in series]),
    )
    found: list[list[Window]] = [[] for _ in series]
    for family in FAMILIES:
        for owner, window in _family_windows(family=family, flat=flat, activity=activity):
            found[owner].append(window)
    for owner, window in _every_day(series=series, flat=flat, activity=activity):
        found[owner].append(window)
    return found


def _family_windows(*, family: Family, flat: _Flat, activity: Activity) -> Iterator[tuple[int, Window]]:
    days, owner = flat.without_bursts(gap=family.burst)
    phases = activity.almanac.phases(family=family.name, days=days)
    many = len(flat.first)
    counts = np.bincount(owner * family.phases + phases, minlength=many * family.phases).reshape(many, family.phases)
    trials = counts.sum(1)
    long_enough = flat.last - flat.first + 1 >= 0.8 * family.period * (family.least - 1)
    for tolerance in family.tolerances:
        hits = sum(
            (np.roll(counts, shift, axis=1) for shift in range(-tolerance, tolerance + 1)), np.zeros_like(counts)
        )
        promising = (hits >= np.maximum(family.least, LEAST_PRECISION * trials)[:, None]) & long_enough[:, None]
        who, phase = np.nonzero(promising[:, : family.centres or family.phases])
        first, last = flat.first[who], flat.last[who]
        within = activity.in_window(family=family, phase=phase, tolerance=tolerance, first=first, last=last)
        k, n = hits[who, phase], trials[who]
        share = _shares(part=within, whole=activity.between(first=first, last=last), k=k, n=n)
        p = np.asarray(binom.sf(k - 1, n, share)) * family.choices * TESTS
        for at in _lowest(p=p, owner=who):
            centre = _heaviest(counts=counts[who[at]], phase=int(phase[at]), tolerance=tolerance, family=family)
            rule = CalendarRule(family=family.name, phase=centre, tolerance=tolerance)
            yield int(who[at]), Window(rule, int(k[at]), int(n[at]), float(share[at]), float(p[at]), family.choices)
    if family is WEEKLY:
        yield from _weekday_sets(counts=counts, flat=flat, activity=activity)


def _shares(*, part: Days, whole: Days, k: Days, n: Days) -> npt.NDArray[np.float64]:
    """`part` of `whole`; occurrences are active days themselves, also where the caller left them out."""
    return np.maximum(part, k) / np.maximum(whole, np.maximum(n, 1))


def _lowest(*, p: npt.NDArray[np.float64], owner: Days) -> Days:
    """The index of each owner's lowest p, if it is promising; the first of equals."""
    promising = np.flatnonzero(p <= _PROMISING)
    order = promising[np.lexsort((promising, p[promising], owner[promising]))]
    return order[np.r_[True, np.diff(owner[order]) > 0]] if order.size else order


def _heaviest(*, counts: Days, phase: int, tolerance: int, family: Family) -> int:
    """The middle of the window moved to its heaviest phase, unless that loses more than a tenth of the hits."""
    if family.centres or not tolerance:
        return phase - 1 if family.name == "yearly" and phase == _LEAP_DAY else phase
    shifts = range(-tolerance, tolerance + 1)
    in_window = {
        centre: sum(int(counts[(centre + s) % family.phases]) for s in shifts) for centre in (phase + s for s in shifts)
    }
    enough = in_window[phase] - max(1.0, 0.1 * in_window[phase])
    able = [centre for centre, hits in in_window.items() if hits >= enough]
    best = max(able, key=lambda centre: (counts[centre % family.phases], in_window[centre], -abs(centre - phase)))
    return _LEAP_DAY - 1 if family.name == "yearly" and best == _LEAP_DAY else best % family.phases


def _weekday_sets(*, counts: Days, flat: _Flat, activity: Activity) -> Iterator[tuple[int, Window]]:
    """Two to six weekdays together, added in the order of their rates."""
    who = np.repeat(np.arange(len(counts)), 7)
    weekday = np.tile(np.arange(7), len(counts))
    first, last = flat.first[who], flat.last[who]
    active = activity.in_window(family=WEEKLY, phase=weekday, tolerance=0, first=first, last=last).reshape(-1, 7)
    order = np.argsort(-counts / np.maximum(active, 1), axis=1, kind="stable")
    trials = counts.sum(1)
    hits = np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)[:, 1:_LARGEST_SET]
    within = np.cumsum(np.take_along_axis(active, order, axis=1), axis=1)[:, 1:_LARGEST_SET]
    share = _shares(part=within, whole=active.sum(1)[:, None], k=hits, n=trials[:, None])
    choices = np.array([comb(7, size) * (_LARGEST_SET - 1) for size in range(2, _LARGEST_SET + 1)])
    p = np.asarray(binom.sf(hits - 1, trials[:, None], share)) * choices * TESTS
    enough = (trials >= 2 * WEEKLY.least) & (flat.last - flat.first >= 7 * (WEEKLY.least - 1))
    for owner, column in zip(*np.nonzero((p <= _PROMISING) & enough[:, None]), strict=True):
        days = tuple(sorted(int(day) for day in order[owner, : column + 2]))
        rule = CalendarRule(family="weekly", phase=days[0], weekdays=days)
        k, n, q = int(hits[owner, column]), int(trials[owner]), float(share[owner, column])
        yield int(owner), Window(rule, k, n, q, float(p[owner, column]), int(choices[column]))


def _every_day(*, series: Sequence[Days], flat: _Flat, activity: Activity) -> Iterator[tuple[int, Window]]:
    """On more than half of all active days, over four weeks at least."""
    n = np.array([len(days) for days in series])
    active = np.maximum(activity.between(first=flat.first, last=flat.last), n)
    p = np.asarray(binom.sf(n - 1, active, 0.5)) * TESTS
    enough = (n >= _DAILY_DAYS) & (n >= _DAILY_SHARE * active) & (flat.last - flat.first + 1 >= _DAILY_SPAN)
    for owner in np.flatnonzero(enough & (p <= _PROMISING)):
        rule = CalendarRule(family="daily", phase=0)
        yield int(owner), Window(rule, int(n[owner]), int(active[owner]), 0.5, float(p[owner]), 1)


def _best_fit(*, days: Days, windows: Sequence[Window], activity: Activity) -> Fit | None:
    fits = [fit for window in windows if (fit := _fit(days=days, window=window, activity=activity)) is not None]
    if not fits:
        return None
    best = max(fits, key=lambda fit: (fit.length, -fit.window.p))
    return replace(best, window=replace(best.window, p=min(1.0, *(fit.window.p for fit in fits))))


def _fit(*, days: Days, window: Window, activity: Activity) -> Fit | None:
    if window.rule.family == "daily":
        return _fit_daily(days=days, window=window, activity=activity)
    family = next(family for family in FAMILIES if family.name == window.rule.family)
    tolerance, first, last = window.rule.tolerance, int(days[0]), int(days[-1])
    slots = activity.almanac.slots(rule=window.rule, first=first - tolerance, last=last + tolerance)
    on_rule, slot = match_slots(days=days, slots=slots, tolerance=tolerance)
    hit = np.zeros(len(slots), dtype=bool)
    hit[slot[on_rule]] = True
    run = _longest_run(hit=hit, by_chance=min(0.5, len(days) * (2 * tolerance + 1) / (last - first + 1)))
    on_rule &= (slot >= run.start) & (slot < run.stop)
    precision = _share_of_bursts(days=days, on_rule=on_rule, gap=family.burst)
    if hit[run].sum() < family.least or precision < LEAST_PRECISION or hit[run].mean() < LEAST_COVERAGE:
        return None
    active = int(activity.between(first=days[:1], last=days[-1:])[0])
    length = _description_length(hits=int(hit.sum()), slots=len(slots), days=len(days), active=active, window=window)
    return Fit(window=window, slots=slots[run], hit=hit[run], on_rule=days[on_rule], precision=precision, length=length)


def _longest_run(*, hit: Bools, by_chance: float) -> slice:
    """From when to when the rule ran: the slots that speak most for it against hits by chance (maximal sum)."""
    if not hit.any():
        return slice(0, 0)
    running = max(float(hit.mean()), 0.5)
    chance = min(by_chance, running / 2)
    gains = np.where(hit, log(running / chance), log((1.02 - running) / (1 - chance)))
    total = np.r_[0.0, np.cumsum(gains)]
    lowest = np.minimum.accumulate(total)
    stop = int(np.argmax(total - lowest))
    return slice(int(np.argmin(total[:stop])), stop)


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
