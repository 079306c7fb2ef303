"""Related: is one thing followed by another more often than on comparable days? All pairs at once, by matrix products.

The time-stratified case-crossover (Maclure 1991; Lumley and Levy 2000): a day of the cause is compared with the other active days
of the same fixed stratum of eight weeks, so that seasons, trends and busy months cancel by design; weekdays by a factor of the
effect's own. Conditioned on how often the effect follows the days of a stratum (as conditional logistic regression is), any of them
is equally likely to be the cause's: the hits are a sum of draws with known chances and their tail is exact (Poisson-binomial).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import gammaincc

from graph.enrichment.base import Days

STRATUM = 56  # days: eight whole weeks
WEEK = 7
_WEEKDAY_PRIOR = 1.0  # marks
_NEARLY_SURE = 0.99
NEVER = 1 << 30  # days until something that does not come
_SCREEN = 0.01  # an approximate tail above this is not worked out exactly: it could not stand among many tests
_FEWEST_HITS = 3

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The person's active days, each in its stratum, and how far off each series is from each of them.

    `ahead` and `behind` (days x series) count the days to the next and from the last occurrence, that day itself left out.
    """

    days: Days
    stratum: Ints
    weekday: Ints
    sizes: Ints
    ahead: Ints
    behind: Ints

    def chances(self, marked: Floats) -> Floats:
        """The chance of a mark on each day if only stratum and weekday matter (days x effects, from marks of that shape).

        The share of the stratum's days, times how much more often than by the strata alone the weekday is marked in all.
        """
        share = (_sums(self.stratum, marked) / self.sizes[:, None])[self.stratum]
        factor = (_sums(self.weekday, marked) + _WEEKDAY_PRIOR) / (_sums(self.weekday, share) + _WEEKDAY_PRIOR)
        return np.minimum(share * factor[self.weekday], _NEARLY_SURE)

    def places(self, days: Days) -> Ints:
        """Where these days stand among the active ones; others are left out."""
        places = np.minimum(np.searchsorted(self.days, days), self.days.size - 1)
        known: Ints = places[self.days[places] == days]
        return known


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The calendar and, for every window, the days of every series thinned to disjoint windows."""

    calendar: Calendar
    thinned: Mapping[int, Sequence[Days]]

    def trials(self, cause: int, *, window: int) -> Ints:
        """Where the cause's trials stand in the calendar."""
        return self.calendar.places(self.thinned[window][cause])

    def table(self, window: int) -> "Table":
        """Every ordered pair at this window."""
        return compare(self.calendar, causes=self.thinned[window], followed=self.calendar.ahead <= window)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What one window says of every ordered pair (cause x effect).

    `expected` by the control days, the cause's own day left out; `p` exact where it could be small, else 1.
    """

    trials: Ints  # by cause
    hits: Ints
    expected: Floats
    p: Floats


def lay_out(*, active_days: Days, series: Sequence[Days], windows: Sequence[int]) -> Study:
    """The study of these series, numbered by their place."""
    return Study(
        calendar=_lay_calendar(active_days, series=series),
        thinned={window: [thin(days, gap=window) for days in series] for window in windows},
    )


def _lay_calendar(days: Days, *, series: Sequence[Days]) -> Calendar:
    _, stratum = np.unique(days // STRATUM, return_inverse=True)
    ahead = np.stack([_days_to_next(days, occurrences) for occurrences in series], axis=1)
    behind = np.stack([_days_from_last(days, occurrences) for occurrences in series], axis=1)
    weekday = days % WEEK
    return Calendar(days=days, stratum=stratum, weekday=weekday, sizes=np.bincount(stratum), ahead=ahead, behind=behind)


def _sums(groups: Ints, values: Floats) -> Floats:
    """The sums of the rows of each group (groups x columns)."""
    rows = np.arange(groups.size)
    sums: Floats = np.asarray(sparse.csr_array((np.ones(rows.size), (groups, rows))) @ values)
    return sums


def thin(days: Days, *, gap: int) -> Days:
    """The days, each more than `gap` after the one kept before it: their windows are disjoint."""
    kept: list[int] = []
    last = -NEVER
    for day in days.tolist():
        if day - last > gap:
            kept.append(day)
            last = day
    return np.array(kept, dtype=np.int64)


def compare(calendar: Calendar, *, causes: Sequence[Days], followed: Bools) -> Table:
    """Every cause (its days, thinned) against every effect (`followed`: days x effects)."""
    places = [calendar.places(days) for days in causes]
    marked = followed.astype(np.float64)
    chances = calendar.chances(marked)
    chosen = _rows(places, width=calendar.days.size)
    hits, mean = chosen @ marked, chosen @ chances
    # The cause's own day does not count among its controls; in its place stands the effect's share of all days.
    own = (marked.mean(axis=0) - marked) / calendar.sizes[calendar.stratum][:, None]
    expected = np.maximum(mean + chosen @ own, 0)
    near = (hits >= _FEWEST_HITS) & (hits > expected)
    near &= _rough_tails(hits, mean=mean, chosen=chosen, chances=chances) < _SCREEN
    tails = np.ones_like(expected)
    for cause in np.flatnonzero(near.any(axis=1)):
        effects = np.flatnonzero(near[cause])
        tails[cause, effects] = exact_tails(
            chances[places[cause]][:, effects], hits=hits[cause, effects].astype(np.int64)
        )
    return Table(
        trials=np.array([found.size for found in places]), hits=hits.astype(np.int64), expected=expected, p=tails
    )


def exact_tails(chances: Floats, *, hits: Ints) -> Floats:
    """P(at least `hits` successes) for every column of trials (trials x columns) that succeed by these chances.

    Counted down from the hits still wanted, so that the tail is a sum of positive terms and keeps its digits.
    """
    wanted = np.zeros((int(hits.max(initial=0)) + 1, chances.shape[1]))
    wanted[hits, np.arange(chances.shape[1])] = 1.0
    for chance in chances:
        moved = wanted[1:] * chance
        wanted[1:] -= moved
        wanted[:-1] += moved
    tails: Floats = wanted[0]
    return tails


def _rows(places: Sequence[Ints], *, width: int) -> sparse.csr_array:
    """A row for each list of places, with ones there."""
    columns = np.concatenate(places)
    ends = np.concatenate([[0], np.cumsum([found.size for found in places])])
    return sparse.csr_array((np.ones(columns.size), columns, ends), shape=(len(places), width))


def _rough_tails(hits: Floats, *, mean: Floats, chosen: sparse.csr_array, chances: Floats) -> Floats:
    """The tails by a gamma law of the same mean, variance and skewness (Pearson's type III), with half a step of continuity."""
    spread = chances * (1 - chances)
    variance = np.maximum(chosen @ spread, 1e-12)
    distance = (hits - 0.5 - mean) / np.sqrt(variance)
    third = chosen @ (spread * (1 - 2 * chances))
    far = (distance > 1) & (hits >= _FEWEST_HITS)
    skewness = np.maximum(third[far] / variance[far] ** 1.5, 1e-2)
    tails = np.ones_like(mean)
    tails[far] = gammaincc(4 / skewness**2, np.maximum(4 / skewness**2 + distance[far] * 2 / skewness, 0))
    return tails


def _days_to_next(days: Days, occurrences: Days) -> Ints:
    place = np.searchsorted(occurrences, days, side="right")
    ahead: Ints = np.append(occurrences, NEVER)[place] - days
    return ahead


def _days_from_last(days: Days, occurrences: Days) -> Ints:
    place = np.searchsorted(occurrences, days, side="left")
    behind: Ints = days - np.append(-NEVER, occurrences)[place]
    return behind
