"""Layer 6's model: the probability that something is named again within a horizon.

A discrete hazard (Allison 1982, "Discrete-time methods for the analysis of event histories"): one logistic regression for each
horizon, fitted on the person's own past. At evenly spaced days of the past every series is described by what was known then and
labelled by whether the horizon that followed brought an occurrence. The coefficients are the posterior mode under a normal prior
around those fitted on synthetic persons (PRIOR), found by Newton's method: a short history leaves the prior as it is, a long one
replaces it. Looks further back weigh less, so that the model is calibrated for now.

A probability depends on nothing but the coefficients, the days of the series and today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from graph.enrichment.base import Days, World

HORIZONS = (7, 30, 90)  # days
MINIMUM_DAYS = 3
STEP = 30  # days between the looks back
LOOK_BACK = 3_650  # days of the past that are learned from
RECENCY = 500.0  # days after which a look back weighs 1/e
TEACHERS = 300  # series that are learned from, at most
SHRINKAGE = 20.0  # precision of the normal prior
SPANS = (15.0, 60.0, 240.0)  # days after which an occurrence counts 1/e in a recent rate
PSEUDO = 2.0  # trials that the steady rate is worth where a share of few is taken
DAYS_A_YEAR = 365.2425

FEATURES = (
    "one", "rate", "recent_15", "recent_60", "recent_240", "age", "age_to_gap", "age_to_recent_gap", "count",
    "gaps", "years", "spread", "overdue", "span",
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Fitted by `benchmarks.prediction.fit_prior` on the synthetic persons of seeds 10000 to 10099, in the order of FEATURES.
PRIOR: Mapping[int, tuple[float, ...]] = {
    7: (-1.409, -0.39, 0.096, 0.563, 0.047, 0.535, -0.754, -0.026, 0.436, 0.578, 0.172, 0.086, 0.173, -0.258),
    30: (0.466, -0.975, 0.239, 0.12, 0.279, 0.439, -0.826, 0.169, 1.03, 0.604, 0.434, -0.019, 0.067, -0.753),
    90: (-0.917, -0.884, 0.353, -0.05, 0.335, -0.091, -0.329, 0.266, 0.515, 0.54, 0.563, -0.535, -0.075, 0.055),
}


@dataclass(frozen=True, slots=True)
class HazardModel:
    """The coefficients by horizon in days, in the order of FEATURES; `rows` looks back they were fitted on."""

    coefficients: Mapping[int, tuple[float, ...]]
    rows: int = 0

    def to_dict(self) -> dict[str, list[float]]:
        """What World.hazard carries."""
        return {str(horizon): list(row) for horizon, row in self.coefficients.items()} | {"rows": [float(self.rows)]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Sequence[float]]) -> "HazardModel":
        rows = int(stored.get("rows", [0.0])[0])
        return cls({int(name): tuple(row) for name, row in stored.items() if name != "rows"}, rows)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was known on a look at a series: a row for each, `owners` the series' place in the sequence given, `looks` the day.

    The other arrays have an entry for each occurrence known to a row, rows one after the other from `starts`, days rising:
    `back` days since then and `gaps` days since the occurrence before (0 for the first).
    """

    owners: Ints
    looks: Ints
    counts: Ints
    starts: Ints
    rows: Ints
    back: Ints
    gaps: Ints

    @property
    def age(self) -> Ints:
        """Days since the last occurrence."""
        return np.asarray(self.back[self.starts + self.counts - 1], np.int64)

    @property
    def span(self) -> Floats:
        """Days since the first occurrence, thirty at least."""
        return np.maximum(30.0, self.back[self.starts])

    def total(self, values: npt.NDArray[np.generic]) -> Floats:
        """For each row the sum over its occurrences."""
        return np.add.reduceat(values.astype(np.float64), self.starts) if self.starts.size else np.empty(0)


PRIOR_MODEL = HazardModel(PRIOR)


def fit_hazard(world: World, *, prior: HazardModel = PRIOR_MODEL) -> HazardModel:
    """The person's model. The prior itself where there is no past to learn from."""
    series = [series.days[series.days <= world.today] for series in world.series.values()]
    fitted, rows = dict(prior.coefficients), 0
    for horizon, (features, labels, ages) in lessons(series, today=world.today).items():
        rows += len(labels)
        weights = np.exp(-ages / RECENCY)
        fitted[horizon] = fit_logistic(features, labels, weights=weights, prior=prior.coefficients[horizon])
    return HazardModel(fitted, rows)


def lessons(series: Sequence[Days], *, today: int) -> dict[int, tuple[Floats, Floats, Floats]]:
    """By horizon: features, labels (1: it occurred within the horizon) and ages in days of all looks whose horizon is over."""
    teachers = _teachers(series)
    first = max(min((int(days[0]) for days in teachers), default=today), today - LOOK_BACK)
    looks = np.arange(today, first, -STEP, dtype=np.int64)[::-1]
    found = {}
    for horizon in HORIZONS:
        past = look_back(teachers, looks=looks[looks + horizon <= today])
        found[horizon] = (
            describe(past, horizon=horizon),
            occurs(past, teachers, horizon=horizon),
            (today - past.looks).astype(np.float64),
        )
    return found


def occurs(past: Past, series: Sequence[Days], *, horizon: int) -> Floats:
    """For each row: 1 if the series occurs within the horizon after the look."""
    until = past.looks + horizon
    later = [np.searchsorted(series[n], until[past.owners == n], side="right") for n in range(len(series))]
    order = np.argsort(past.owners, kind="stable")
    seen = np.empty(past.looks.size, np.int64)
    seen[order] = np.concatenate([*later, np.empty(0, np.int64)])
    return (seen > past.counts).astype(np.float64)


def probabilities(model: HazardModel, past: Past, *, horizon: int) -> Floats:
    """For each row: of an occurrence after the look and not after `horizon` days."""
    weighted = describe(past, horizon=horizon) * np.array(model.coefficients[horizon])
    return np.asarray(expit(weighted.sum(axis=1)), np.float64)


def steady_probabilities(past: Past, *, horizon: int) -> Floats:
    """The same if each series had always had its mean rate (a Poisson process): the measure to beat."""
    return np.asarray(-np.expm1(-horizon * past.counts / past.span), np.float64)


def look_back(series: Sequence[Days], *, looks: Ints) -> Past:
    """Every series on every day of `looks`, series after series; looks before its third occurrence are left out."""
    days = np.concatenate([*series, np.empty(0, np.int64)])
    first = np.cumsum([0, *(one.size for one in series)])
    counts = np.array([np.searchsorted(one, looks, side="right") for one in series], np.int64).reshape(-1)
    owners, looks = np.repeat(np.arange(len(series)), looks.size), np.tile(looks, len(series))
    enough = counts >= MINIMUM_DAYS
    owners, looks, counts = owners[enough], looks[enough], counts[enough]
    rows = np.repeat(np.arange(counts.size), counts)
    starts = np.cumsum([0, *counts])[: counts.size]
    within = np.arange(rows.size) - starts[rows]
    known = days[first[owners[rows]] + within]
    gaps = np.diff(known, prepend=0)
    gaps[starts] = 0
    return Past(owners, looks, counts, starts, rows, looks[rows] - known, gaps)


def describe(past: Past, *, horizon: int) -> Floats:
    """Rows by FEATURES. Shares and rates enter as the log odds of an occurrence that they would give."""
    steady = steady_probabilities(past, horizon=horizon)
    log_age = np.log1p(past.age)
    mean, recent_mean, spread = _gaps(past)
    columns = [
        np.ones(steady.size),
        _odds(steady),
        *(_odds(-np.expm1(-horizon * _recent_rate(past, span))) for span in SPANS),
        log_age,
        log_age - np.log1p(np.exp(mean)),
        log_age - np.log1p(np.exp(recent_mean)),
        np.log(past.counts),
        _odds(_gap_share(past, horizon=horizon, steady=steady)),
        _odds(_year_share(past, horizon=horizon, steady=steady)) - _odds(steady),
        np.log(spread),
        (log_age - mean) / spread,
        np.log(past.span),
    ]
    return np.column_stack(columns)


def fit_logistic(
    features: Floats, labels: Floats, *, weights: Floats, prior: Sequence[float], shrinkage: float = SHRINKAGE
) -> tuple[float, ...]:
    """Posterior mode of the coefficients by Newton's method; the prior where there is nothing to learn from."""
    start = np.array(prior, np.float64)
    beta = start.copy()
    for _ in range(25):
        chance = expit(features @ beta)
        slope = features.T @ (weights * (labels - chance)) - shrinkage * (beta - start)
        curvature = (features * (weights * chance * (1 - chance))[:, None]).T @ features
        step = np.linalg.solve(curvature + shrinkage * np.eye(start.size), slope)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return tuple(float(value) for value in beta)


def _teachers(series: Sequence[Days]) -> list[Days]:
    """Series with three days, evenly through the order of their frequency: that order is the days' alone."""
    able = sorted((days for days in series if days.size >= MINIMUM_DAYS), key=lambda days: (days.size, days.tolist()))
    if len(able) <= TEACHERS:
        return able
    return [able[n] for n in np.linspace(0, len(able) - 1, TEACHERS).astype(int)]


def _odds(share: Floats) -> Floats:
    return np.asarray(logit(np.clip(share, 1e-4, 1 - 1e-3)), np.float64)


def _recent_rate(past: Past, span: float) -> Floats:
    """Occurrences a day with exponentially fading memory, half an occurrence of the steady rate mixed in."""
    seen = span * -np.expm1(-past.span / span)
    return np.asarray(
        (past.total(np.exp(-past.back / span)) + 0.5) / (seen + 0.5 * past.span / past.counts), np.float64
    )


def _gaps(past: Past) -> tuple[Floats, Floats, Floats]:
    """Of the logarithms of the gaps known: mean, mean of the last five, standard deviation."""
    logs = np.log(np.maximum(past.gaps, 1))
    number = past.counts - 1
    mean = past.total(logs) / number
    spread = np.sqrt(np.maximum(past.total(logs**2) / number - mean**2, 0.0) + 0.1)
    ordinal = np.arange(logs.size) - past.starts[past.rows]
    last = np.minimum(number, 5)
    recent = past.total(np.where(ordinal >= (past.counts - last)[past.rows], logs, 0.0)) / last
    return mean, recent, spread


def _gap_share(past: Past, *, horizon: int, steady: Floats) -> Floats:
    """Of the gaps that were longer than the one now open: how many ended within the horizon (Kaplan and Meier 1958)."""
    age = past.age[past.rows]
    longer = past.gaps > age
    ended = longer & (past.gaps <= age + horizon)
    return (past.total(ended) + PSEUDO * steady) / (past.total(longer) + PSEUDO)


def _year_share(past: Past, *, horizon: int, steady: Floats) -> Floats:
    """Of the earlier years: how many had an occurrence in the same days of the year, those that the horizon looks at now."""
    years = np.floor(past.back[past.starts] / DAYS_A_YEAR)
    year = np.ceil(past.back / DAYS_A_YEAR)
    inside = (year >= 1) & (year <= years[past.rows]) & (year * DAYS_A_YEAR - past.back <= horizon)
    year = np.where(inside, year, 0)
    again = (np.diff(year, prepend=0.0) == 0) & (np.diff(past.rows, prepend=-1) == 0)
    return (past.total(inside & ~again) + PSEUDO * steady) / (years + PSEUDO)
