"""Enriched: which windows of the calendar hold more occurrences of a series than the person's own active days let expect?

Of n occurrences k fall into a window of the calendar that holds the share q of the active days between the first and the last
occurrence. The tail of Binomial(n, q) at k is the p-value, times the number of windows looked at (Bonferroni).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from graph.enrichment.base import Days
from graph.enrichment.calendar import FAMILIES, WEEKLY, Almanac, CalendarRule, Family

TESTS = len(FAMILIES) + 3  # the families, sets of weekdays, every day, every ~P days
LEAST_SHARE = 0.4  # of the occurrences
_PROMISING = 0.05
_LARGEST_SET = 6  # weekdays
_DAILY_SHARE, _DAILY_SPAN, _DAILY_DAYS = 0.6, 28, 14
_LEAP_DAY = 59


@dataclass(frozen=True, slots=True)
class Window:
    """A promising rule: `hits` of `trials` occurrences (bursts count once) in a window that holds `share` of the active days."""

    rule: CalendarRule
    hits: int
    trials: int
    share: float
    p: float
    choices: int


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
        return np.asarray(np.searchsorted(self.active, last, side="right") - np.searchsorted(self.active, first))

    def in_window(self, *, family: Family, phase: Days, tolerance: int, first: Days, last: Days) -> Days:
        """Those of them whose phase is at most `tolerance` from `phase`, elementwise."""
        keys, origin = self._keys[family.name], self.almanac.first
        phases = (phase[:, None] + np.arange(-tolerance, tolerance + 1)) % family.phases * self._width
        upto = np.searchsorted(keys, phases + (last - origin)[:, None], side="right")
        return np.asarray((upto - np.searchsorted(keys, phases + (first - origin)[:, None])).sum(axis=1))


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


def promising_windows(*, series: Sequence[Days], activity: Activity) -> list[list[Window]]:
    """The promising windows of each series (of one day at least): the best of each family and tolerance."""
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
        hits = _around(counts=counts, tolerance=tolerance)
        promising = (hits >= np.maximum(family.least, LEAST_SHARE * trials)[:, None]) & long_enough[:, None]
        who, phase = np.nonzero(promising[:, : family.centres or family.phases])
        if not who.size:
            continue
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


def _around(*, counts: Days, tolerance: int) -> Days:
    """For each phase the count of all phases at most `tolerance` from it, around the circle."""
    if not tolerance:
        return counts
    ring = np.concatenate([counts[:, -tolerance:], counts, counts[:, :tolerance]], axis=1)
    upto = np.cumsum(np.pad(ring, ((0, 0), (1, 0))), axis=1)
    return np.asarray(upto[:, 2 * tolerance + 1 :] - upto[:, : -2 * tolerance - 1])


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
