"""Layer 1: rules found in made-up lives of 40 things in three years, against the rules that were planted.

Beside planted causes a life has what fools a counter: things that come in the same busy months, on the same weekday, in season,
more and more often, together on trips, or from a common cause. Its null twin has all of that and no cause; in its shuffled twin
every thing's days are drawn anew from the active days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from benchmarks.measures import Measure, share
from graph.detection.precedence import find_rules
from graph.enrichment.base import Series, World

THINGS = 40
DAYS = 3 * 365
_OFTEN = (8, 12, 20, 30, 60, 100)  # occurrences of a thing by itself
_CAUSES, _COMMON_CAUSES, _CHAINS = 10, 2, 1
_FIRST_DAY = 18_000  # any day will do

MEASURES = (
    Measure(
        layer="causal",
        name="false rules among those found",
        value=share("false", "found"),
        target=0.05,
        at_least=False,
        naive=share("naive_false", "naive_found"),
    ),
    Measure(layer="causal", name="planted rules found", value=share("hits", "planted"), target=0.5, naive=share("naive_hits", "planted")),
    Measure(
        layer="causal", name="rules found the wrong way round", value=share("reversed", "users"), target=0.0, at_least=False,
        naive=share("naive_reversed", "users"),
    ),
    Measure(
        layer="causal", name="rules in a life without causes", value=share("null", "users"), target=0.05, at_least=False,
        naive=share("naive_null", "users"),
    ),
    Measure(
        layer="causal", name="rules in a shuffled life", value=share("shuffled", "users"), target=0.05, at_least=False,
        naive=share("naive_shuffled", "users"),
    ),
)  # fmt: skip

Pairs = set[tuple[int, int]]


@dataclass(slots=True)
class Life:
    """The occurrence days of every thing (from 0), and the rules planted (cause, effect)."""

    days: dict[int, list[int]] = field(default_factory=dict)
    rules: Pairs = field(default_factory=set)

    def follow(self, cause: int, effect: int, *, lags: Mapping[int, int]) -> None:
        """The effect occurs so many days after these days of the cause."""
        self.days[effect] += [day + lag for day, lag in lags.items() if day + lag < DAYS]
        self.rules.add((cause, effect))


def make_life(seed: int, *, causes: bool = True) -> Life:
    """A life, or its null twin."""
    rng = np.random.default_rng([seed, 1])
    life = Life(days={thing: _by_itself(rng) for thing in range(THINGS)})
    if causes:
        _plant(life, rng=rng)
    return life


def shuffle(life: Life, *, seed: int) -> Life:
    """The same things as often, on active days drawn anew."""
    rng = np.random.default_rng([seed, 2])
    active = sorted({day for days in life.days.values() for day in days})
    return Life(
        days={thing: rng.choice(active, len(set(days)), replace=False).tolist() for thing, days in life.days.items()}
    )


def make_world(life: Life, *, seed: int) -> World:
    """The facts of a life as the layers see them; the id of a thing is its number + 1."""
    days = {thing + 1: np.unique(np.array(found, dtype=np.int64)) + _FIRST_DAY for thing, found in life.days.items()}
    return World(
        today=_FIRST_DAY + DAYS,
        active_days=np.unique(np.concatenate(list(days.values()))),
        series={thing: Series(id=thing, entities=(thing,), days=found) for thing, found in days.items()},
        seed=seed,
    )


def count(seed: int) -> dict[str, float]:
    life, null = make_life(seed), make_life(seed, causes=False)
    shuffled = shuffle(life, seed=seed)
    start = process_time()
    found, idle, drawn = (_find(one, seed=seed) for one in (life, null, shuffled))
    seconds = (process_time() - start) / 3
    naive, naive_idle, naive_drawn = (_find_naively(one) for one in (life, null, shuffled))
    return {
        "users": 1,
        "planted": len(life.rules),
        **_judge(found, rules=life.rules),
        **{f"naive_{name}": value for name, value in _judge(naive, rules=life.rules).items()},
        "null": len(idle),
        "naive_null": len(naive_idle),
        "shuffled": len(drawn),
        "naive_shuffled": len(naive_drawn),
        "seconds": seconds,
    }


def _by_itself(rng: np.random.Generator) -> list[int]:
    """Days of a thing nobody causes: fewer at weekends, in waves, in season; some in a project, on one weekday, on the rise, on trips."""
    day = np.arange(DAYS)
    rate = (
        np.where(day % 7 >= 5, 0.4, 1.2)
        * (1 + 0.4 * np.sin(2 * np.pi * day / 365))
        * np.exp(0.5 * np.sin(2 * np.pi * day / 40))
    )
    if rng.random() < 0.4:
        rate = rate * (1 + 8 * np.exp(-0.5 * ((day - rng.choice([200, 500, 800])) / 25) ** 2))
    if rng.random() < 0.25:
        rate = rate * np.where(day % 7 == rng.integers(7), 8, 1)
    if rng.random() < 0.2:
        rate = rate * np.exp(rng.choice([-1.5, 1.5]) * day / DAYS)
    if rng.random() < 0.2:
        rate = rate * (1 + 10 * np.exp(-0.5 * ((day - rng.choice([100, 350, 650, 1000])) / 5) ** 2))
    days: list[int] = rng.choice(day, int(rng.choice(_OFTEN)), replace=False, p=rate / rate.sum()).tolist()
    return days


def _plant(life: Life, *, rng: np.random.Generator) -> None:
    things = iter(rng.permutation(THINGS).tolist())
    for _ in range(_CAUSES):
        cause, effect = next(things), next(things)
        mean = float(rng.choice([1, 2, 5]))
        life.follow(cause, effect, lags=_lags(life.days[cause], chance=rng.uniform(0.35, 0.85), mean=mean, rng=rng))
    for _ in range(_COMMON_CAUSES):
        cause = next(things)
        for lag in (1, 3):
            followed = [day for day in life.days[cause] if rng.random() < 0.7]
            life.follow(cause, next(things), lags=dict.fromkeys(followed, lag))
    for _ in range(_CHAINS):
        first, second, third = next(things), next(things), next(things)
        lags = _lags(life.days[first], chance=0.75, mean=1, rng=rng)
        life.follow(first, second, lags=lags)
        life.follow(second, third, lags=_lags([day + lag for day, lag in lags.items()], chance=0.75, mean=1, rng=rng))


def _lags(days: Iterable[int], *, chance: float, mean: float, rng: np.random.Generator) -> dict[int, int]:
    return {day: 1 + int(rng.exponential(mean)) for day in days if rng.random() < chance}


def _find(life: Life, *, seed: int) -> Pairs:
    return {(rule.cause - 1, rule.effect - 1) for rule in find_rules(make_world(life, seed=seed))}


def _find_naively(life: Life) -> Pairs:
    """What everybody would try: followed within a week twice as often as its rate says, three times at least."""
    days = {thing: np.unique(found) for thing, found in life.days.items()}
    return {(a, b) for a in days for b in days if a != b and _lifts(days[a], days[b])}


def _lifts(cause: np.ndarray, effect: np.ndarray) -> bool:
    ahead = np.append(effect, 10 * DAYS)[np.searchsorted(effect, cause, side="right")] - cause
    hits = int((ahead <= 7).sum())
    return hits >= 3 and hits > 2 * cause.size * (1 - np.exp(-effect.size * 7 / DAYS))


def _judge(found: Pairs, *, rules: Pairs) -> dict[str, float]:
    return {
        "found": len(found),
        "hits": len(found & rules),
        "false": len(found - rules),
        "reversed": len({(a, b) for a, b in found if (b, a) in rules}),
    }
