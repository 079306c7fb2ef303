"""Enriched: layer 3, seasonal. What comes at the same time of year, year after year.

Each year gives one smooth profile; the statistic is how much the profiles of different years overlap. Null: every year turned by
a random amount of its own, which keeps the bursts within a year and so does not take one busy fortnight for a season. Time of
year is measured in active days (a week in which a person always writes is long, one in which they never do is short): under the
null the occurrences are then spread evenly (time rescaling, Brown et al. 2002). Two years cannot show a season.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.enrichment.base import FALSE_DISCOVERIES, Days, Finding, Series, World
from graph.enrichment.calendar import MONTHS

FEWEST_DAYS, FEWEST_YEARS = 5, 3
_BINS = 64  # of the year; a power of two, so that & wraps
_WIDTHS = (0.025, 0.055)  # of the smoothing kernels, standard deviations in years
_STEPS = (
    199,
    1800,
    18000,
)  # permutations, each step only while fewer than `_ENOUGH` were as extreme (Besag and Clifford 1991)
_ENOUGH = 20
_YEAR_DAYS, _LEAP_DAY = 366, 59
_YEARS_OF_DRAWS = 1_000_000
_DAYS_SHOWN = 8
_FIRST_SPREAD, _LEAST_SPREAD = 0.06, 0.012  # years
_ROUNDS, _REACH = 20, 1.4
_LEAST_DAYS = 3  # of a month within reach
_LEAP_MONTHS = np.repeat(np.arange(12), [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_COLUMNS = ("seasonal_strength", "seasonal_months")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _kernel(width: float) -> Floats:
    """The transform of a normal curve around the year."""
    apart = np.minimum(np.arange(_BINS), _BINS - np.arange(_BINS)) / _BINS
    bell = np.exp(-0.5 * (apart / width) ** 2)
    return np.abs(np.fft.rfft(bell / bell.sum()))


_KERNELS = tuple(_kernel(width) for width in _WIDTHS)


@dataclass(frozen=True, slots=True)
class Exposure:
    """When in the year a person writes: `before[d]` is the share of the active days before day d of the year, `months` by month."""

    before: Floats
    months: Floats

    @classmethod
    def of(cls, active: Days) -> "Exposure":
        counts = np.bincount(day_of_year(active), minlength=_YEAR_DAYS) + 0.05
        shares = counts / counts.sum()
        months = np.bincount(month_of(active), minlength=12) / max(len(active), 1)
        return cls(before=np.r_[0.0, np.cumsum(shares)], months=months)

    @property
    def middles(self) -> Floats:
        """The time of year of each day of the leap year, 0..1, at its middle."""
        return (self.before[:-1] + self.before[1:]) / 2

    def time_of_year(self, days: Days) -> Floats:
        return self.middles[day_of_year(days)]


def day_of_year(days: Days) -> Ints:
    """0..365, as in a leap year: a date has the same number every year."""
    dates = days.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    number = days - years.astype("datetime64[D]").astype(np.int64)
    year = years.astype(np.int64) + 1970
    common = (year % 4 != 0) | ((year % 100 == 0) & (year % 400 != 0))
    return np.asarray(number + (common & (number >= _LEAP_DAY)))


def month_of(days: Days) -> Ints:
    """0..11."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def year_of(days: Days) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)


def season_years(*, time: Floats, year: Ints) -> tuple[Ints, Ints]:
    """The bin of each day and its season-year (from 0): the year is cut where it is emptiest, so that December and January stay together."""
    bins = np.minimum((time * _BINS).astype(np.int64), _BINS - 1)
    pooled = np.fft.irfft(np.fft.rfft(np.bincount(bins, minlength=_BINS)) * _KERNELS[1], _BINS)
    cut = int(np.argmin(np.round(pooled, 9)))
    _, season = np.unique(year + (bins >= cut), return_inverse=True)
    return bins, season


def overlaps(*, bins: Ints, season: Ints) -> Floats:
    """How much two years' profiles overlap at each lag, for all pairs of years: kernels x pairs x bins.

    Every year counts as the square root of its days, so that one busy year cannot make a season.
    """
    years = int(season.max()) + 1
    counts = np.bincount(season * _BINS + bins, minlength=years * _BINS).reshape(years, _BINS)
    profiles = np.fft.rfft(np.minimum(counts, 7) / np.sqrt(counts.sum(1, keepdims=True)), axis=1)
    one, other = np.triu_indices(years, 1)
    crossed = profiles[one] * np.conj(profiles[other])
    return np.stack([np.fft.irfft(crossed * kernel**2, _BINS, axis=1) for kernel in _KERNELS])


def p_value(*, lagged: Floats, years: int, rng: np.random.Generator) -> float:
    """Of the overlap of all years, against years turned independently; the better of the kernels, each on its own scale."""
    one, other = np.triu_indices(years, 1)
    middle = lagged.mean(axis=2).sum(axis=1)
    scale = np.sqrt(lagged.var(axis=2).sum(axis=1)) + 1e-12  # the lags of different pairs are pairwise independent
    found = float(((lagged[:, :, 0].sum(axis=1) - middle) / scale).max())
    extreme = drawn = 0
    for step in _STEPS:
        turns = rng.integers(0, _BINS, size=(years, step))
        sums = np.zeros((len(_KERNELS), step))
        for pair, (a, b) in enumerate(zip(one, other, strict=True)):
            sums += lagged[:, pair].take((turns[a] - turns[b]) & (_BINS - 1), axis=1, mode="clip")
        best = ((sums - middle[:, None]) / scale[:, None]).max(axis=0)
        extreme += int((best >= found - 1e-9).sum())
        drawn += step
        if extreme >= _ENOUGH:
            break
    return (extreme + 1) / (drawn + 1)


class SeasonalLayer:
    """One finding for each asked series. Values: `seasonal_strength` 0..1 (how far beyond chance its days lie in the season),
    `seasonal_months` (1..12, rising).
    """

    name = "seasonal"
    version = 2

    def compute(self, world: World) -> list[Finding]:
        exposure = Exposure.of(world.active_days)
        asked = (world.series[series] for series in sorted(world.asked) if series in world.series)
        return [self._find(series=series, exposure=exposure, seed=world.seed) for series in asked]

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        months, years = values.get("seasonal_months"), evidence.get("years")
        if not isinstance(months, list) or not months:
            reason = evidence.get("reason")
            return (
                f"Whether this has a season cannot be said: {reason}."
                if reason
                else "No time of year stands out for this."
            )
        k, n, expected = evidence.get("k"), evidence.get("n"), evidence.get("expected")
        chance = f"{expected:.0f}" if isinstance(expected, float) else "fewer"
        named = _in_words([MONTHS[month - 1] for month in _from_the_start(months)])
        return (
            f"This has a season: {k} of {n} days fall in {named}, over {years} years, where {chance} would by chance."
        )

    def _find(self, *, series: Series, exposure: Exposure, seed: int) -> Finding:
        days = series.days
        time = exposure.time_of_year(days)
        bins, season = season_years(time=time, year=year_of(days)) if len(days) else (days, days)
        years = int(season.max()) + 1 if len(days) else 0
        if years < FEWEST_YEARS or len(days) < FEWEST_DAYS:
            return self._too_few(series=series, years=years)
        rng = np.random.default_rng([seed, *(days + _YEARS_OF_DRAWS).tolist()])
        p = p_value(lagged=overlaps(bins=bins, season=season), years=years, rng=rng)
        months = season_months(time=time, exposure=exposure) if p <= FALSE_DISCOVERIES else []
        return self._finding(series=series, months=months, exposure=exposure, years=years, p=p)

    def _too_few(self, *, series: Series, years: int) -> Finding:
        reason = "two years cannot show a season" if years < FEWEST_YEARS else "fewer than five days"
        evidence = {"reason": reason, "n": len(series.days), "years": years, "version": self.version}
        return Finding(subject=series.id, status="not_enough_data", values=dict.fromkeys(_COLUMNS), evidence=evidence)

    def _finding(self, *, series: Series, months: list[int], exposure: Exposure, years: int, p: float) -> Finding:
        month, n = month_of(series.days), len(series.days)
        inside = np.isin(month + 1, months)
        k, share = int(inside.sum()), float(exposure.months[[one - 1 for one in months]].sum())
        strength = max(0.0, (k / n - share) / (1 - share)) if months and share < 1 else None
        evidence = {
            "n": n,
            "k": k,
            "expected": round(share * n, 6),
            "years": years,
            "p": p,
            "month_counts": np.bincount(month, minlength=12).tolist(),
            "month_expected": [round(float(one) * n, 6) for one in exposure.months],
            "days": series.days[inside][-_DAYS_SHOWN:].tolist(),
            "version": self.version,
        }
        values = {
            "seasonal_strength": None if strength is None else round(strength, 6),
            "seasonal_months": months or None,
        }
        return Finding(
            subject=series.id, status="computed" if months else "not_significant", values=values, evidence=evidence, p=p
        )


def season_months(*, time: Floats, exposure: Exposure) -> list[int]:
    """The months of the season: those reached by 1.4 standard deviations (84 % of its days) around its middle.

    One normal curve on the circle of the year over an even background, fitted by expectation and maximisation from the densest
    time of year on (Dempster, Laird and Rubin 1977).
    """
    middle, spread, weight = _densest(time), _FIRST_SPREAD, 0.7
    for _ in range(_ROUNDS):
        apart = _apart(time, middle)
        curve = weight * np.exp(-0.5 * (apart / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
        belongs = curve / (curve + 1 - weight)
        mass = float(belongs.sum()) + 1e-9
        middle = (middle + float((belongs * apart).sum()) / mass) % 1
        spread = max(_LEAST_SPREAD, float(np.sqrt((belongs * _apart(time, middle) ** 2).sum() / mass)))
        weight = min(max(mass / len(time), 0.1), 0.97)
    inside = np.abs(_apart(exposure.middles, middle)) <= _REACH * spread
    days = np.bincount(_LEAP_MONTHS, weights=inside, minlength=12)
    return [month + 1 for month in range(12) if days[month] >= _LEAST_DAYS]


def _densest(time: Floats) -> float:
    grid = np.arange(_BINS) / _BINS
    density = np.exp(-0.5 * (_apart(time[None, :], grid[:, None]) / _FIRST_SPREAD) ** 2).sum(axis=1)
    return float(grid[int(np.argmax(np.round(density, 9)))])


def _apart(time: Floats, middle: float | Floats) -> Floats:
    """How far after the middle, -0.5 to 0.5 of a year."""
    return (time - middle + 0.5) % 1 - 0.5


def _from_the_start(months: list[int]) -> list[int]:
    """A season over the turn of the year begins after its longest break."""
    breaks = [(month - months[at - 1]) % 12 for at, month in enumerate(months)]
    first = breaks.index(max(breaks))
    return months[first:] + months[:first]


def _in_words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
