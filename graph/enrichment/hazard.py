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
    7: (-2.032, -0.196, 0.107, 0.556, 0.061, 0.553, -0.766, -0.028, 0.2, 0.577, 0.172, 0.091, 0.175, -0.015),
    30: (0.709, -1.018, 0.245, 0.123, 0.28, 0.459, -0.843, 0.17, 1.101, 0.605, 0.434, -0.004, 0.069, -0.829),
    90: (-1.163, -0.877, 0.36, -0.055, 0.343, -0.087, -0.327, 0.264, 0.476, 0.542, 0.563, -0.538, -0.074, 0.101),
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
    """What was known of one series on each of several days, `looks`, by which it had occurred three times or more.

    `back`: days since each occurrence, where `known`; `recent`: occurrences weighted by age, a column for each of SPANS.
    """

    days: Days
    looks: Ints
    counts: Ints
    known: npt.NDArray[np.bool_]
    back: Floats
    span: Floats
    recent: Floats


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
    pasts = [past for days in teachers if (past := look_back(days, looks=looks)).looks.size]
    return {horizon: _lessons(pasts, horizon=horizon, today=today) for horizon in HORIZONS}


def probability(model: HazardModel, *, days: Days, today: int, horizon: int) -> float:
    """Of an occurrence after `today` and not after `today + horizon`. Needs three days up to today."""
    past = look_back(days, looks=np.array([today], np.int64))
    return float(_chances(model, past=past, horizon=horizon)[0])


def probabilities(model: HazardModel, *, past: Past) -> dict[int, float]:
    """The same by horizon, of one look."""
    return {horizon: float(_chances(model, past=past, horizon=horizon)[0]) for horizon in model.coefficients}


def _chances(model: HazardModel, *, past: Past, horizon: int) -> Floats:
    weighted = describe(past, horizon=horizon) * np.array(model.coefficients[horizon])
    return np.asarray(expit(weighted.sum(axis=1)), np.float64)


def steady_probability(*, days: Days, today: int, horizon: int) -> float:
    """The same if the series had always had its mean rate (a Poisson process): the measure to beat."""
    known = days[days <= today]
    return float(-np.expm1(-horizon * known.size / max(30, today - int(known[0]))))


def look_back(days: Days, *, looks: Ints) -> Past:
    """Looks before the third occurrence are left out."""
    counts = np.searchsorted(days, looks, side="right")
    looks, counts = looks[counts >= MINIMUM_DAYS], counts[counts >= MINIMUM_DAYS]
    known = np.arange(days.size)[None, :] < counts[:, None]
    back = np.where(known, looks[:, None] - days[None, :], 0.0)
    recent = np.column_stack([np.where(known, np.exp(-back / span), 0.0).sum(axis=1) for span in SPANS])
    return Past(days, looks, counts, known, back, np.maximum(30.0, looks - days[0]), recent)


def describe(past: Past, *, horizon: int) -> Floats:
    """Looks by FEATURES. Shares and rates enter as the log odds of an occurrence that they would give."""
    rate = past.counts / past.span
    steady = -np.expm1(-rate * horizon)
    age = past.looks - past.days[past.counts - 1]
    log_age = np.log1p(age)
    mean, recent_mean, spread = _gaps(past)
    columns = [
        np.ones(rate.size),
        _odds(steady),
        *(_odds(-np.expm1(-horizon * _recent_rate(past, n, rate))) for n in range(len(SPANS))),
        log_age,
        log_age - np.log1p(np.exp(mean)),
        log_age - np.log1p(np.exp(recent_mean)),
        np.log(past.counts),
        _odds(_gap_share(past, age=age, horizon=horizon, steady=steady)),
        _odds(_year_share(past, horizon=horizon, steady=steady)) - _odds(steady),
        np.log(spread),
        (log_age - mean) / spread,
        np.log(past.span),
    ]
    return np.column_stack(columns)


def fit_logistic(features: Floats, labels: Floats, *, weights: Floats, prior: Sequence[float]) -> tuple[float, ...]:
    """Posterior mode of the coefficients by Newton's method; the prior where there is nothing to learn from."""
    start = np.array(prior, np.float64)
    beta = start.copy()
    for _ in range(25):
        chance = expit(features @ beta)
        slope = features.T @ (weights * (labels - chance)) - SHRINKAGE * (beta - start)
        curvature = (features * (weights * chance * (1 - chance))[:, None]).T @ features
        step = np.linalg.solve(curvature + SHRINKAGE * np.eye(start.size), slope)
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


def _lessons(pasts: Sequence[Past], *, horizon: int, today: int) -> tuple[Floats, Floats, Floats]:
    features, labels, ages = [np.empty((0, len(FEATURES)))], [np.empty(0)], [np.empty(0)]
    for past in pasts:
        over = past.looks + horizon <= today
        following = np.searchsorted(past.days, past.looks + horizon, side="right") > past.counts
        features.append(describe(past, horizon=horizon)[over])
        labels.append(following[over].astype(np.float64))
        ages.append((today - past.looks[over]).astype(np.float64))
    return np.concatenate(features), np.concatenate(labels), np.concatenate(ages)


def _odds(share: Floats) -> Floats:
    return np.asarray(logit(np.clip(share, 1e-4, 1 - 1e-3)), np.float64)


def _recent_rate(past: Past, number: int, rate: Floats) -> Floats:
    """Occurrences a day with exponentially fading memory, half an occurrence of the steady rate mixed in."""
    seen = SPANS[number] * -np.expm1(-past.span / SPANS[number])
    return np.asarray((past.recent[:, number] + 0.5) / (seen + 0.5 / rate), np.float64)


def _gaps(past: Past) -> tuple[Floats, Floats, Floats]:
    """Of the logarithms of the gaps known: mean, mean of the last five, standard deviation."""
    logs = np.log(np.diff(past.days))
    total, squares = np.cumsum([0.0, *logs]), np.cumsum([0.0, *logs**2])
    number = past.counts - 1
    last = np.minimum(number, 5)
    mean = total[number] / number
    spread = np.sqrt(np.maximum(squares[number] / number - mean**2, 0.0) + 0.1)
    return mean, (total[number] - total[number - last]) / last, spread


def _gap_share(past: Past, *, age: Ints, horizon: int, steady: Floats) -> Floats:
    """Of the gaps that were longer than the one now open: how many ended within the horizon (Kaplan and Meier 1958)."""
    gaps = np.diff(past.days)[None, :]
    longer = past.known[:, 1:] & (gaps > age[:, None])
    ended = longer & (gaps <= age[:, None] + horizon)
    return np.asarray((ended.sum(axis=1) + PSEUDO * steady) / (longer.sum(axis=1) + PSEUDO), np.float64)


def _year_share(past: Past, *, horizon: int, steady: Floats) -> Floats:
    """Of the earlier years: how many had an occurrence in the same days of the year."""
    years = np.floor((past.looks - past.days[0]) / DAYS_A_YEAR)
    hits = np.zeros(years.size)
    for year in range(1, int(years.max(initial=0)) + 1):
        then = past.looks - year * DAYS_A_YEAR
        inside = np.searchsorted(past.days, then + horizon, side="right") - np.searchsorted(
            past.days, then, side="right"
        )
        hits += (inside > 0) & (years >= year)
    return (hits + PSEUDO * steady) / (years + PSEUDO)
