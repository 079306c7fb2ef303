"""Related: what is usually followed by what, and the pairs of memories that show it. Precedence, never "caused".

Every ordered pair of entities is tested by the case-crossover over four windows; three guards then stand between a discovery and
a rule, each needed: occurrences thinned until their windows are disjoint, asymmetry (it follows more often than it goes before),
and conditioning on third things (Spirtes, Glymour and Scheines 2000: a common cause or a step between explains a rule away).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from graph.detection.base import Line
from graph.detection.crossover import Table, lay_out
from graph.detection.guards import drop_explained, is_directed
from graph.enrichment.base import FALSE_DISCOVERIES, Event, Rule, Series, World, adjust_p_values

WINDOWS = (1, 3, 7, 14)  # days
FEWEST_DAYS = 5
MOST_SERIES = 700
_COMMON = 0.5  # an effect that follows anyway on this share of days cannot be told from chance
_HINT = 0.01  # p, of a pair by itself
_CLEAR = 0.001  # p, of a window by itself
_NEARLY_ALL = 0.9
_LOWEST = 1e-300  # p: below it there is nothing to tell apart
_LEARNING_STEPS = 20

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def find_rules(world: World, *, scheduled: frozenset[int] = frozenset()) -> list[Rule]:
    """The rules that stand, lowest p first; two series that both have a calendar rule (`scheduled`) make none."""
    series = _choose_series(world)
    if len(series) < 2:
        return []
    study = lay_out(active_days=world.active_days, series=[one.days for one in series], windows=WINDOWS)
    tables = [study.table(window) for window in WINDOWS]
    found = _discover(tables, planned=np.array([one.id in scheduled for one in series]))
    directed = [rule for rule in found if is_directed(rule, study=study)]
    kept = [_widen(rule, tables=tables) for rule in drop_explained(directed, hints=_hints(tables), study=study)]
    named = [replace(rule, cause=series[rule.cause].id, effect=series[rule.effect].id) for rule in kept]
    return sorted(named, key=lambda rule: (rule.p, rule.cause, rule.effect))


def _choose_series(world: World) -> list[Series]:
    """The series of single entities that can be tested, in the order of their ids; of many those with most days.

    Among half a million pairs a handful of days cannot stand, and memory grows with the square.
    """
    able = [series for series in world.series.values() if _is_testable(series, active=world.active_days.size)]
    able.sort(key=lambda series: (-series.days.size, series.entities))
    return sorted(able[:MOST_SERIES], key=lambda series: series.id)


def _is_testable(series: Series, *, active: int) -> bool:
    return len(series.entities) == 1 and FEWEST_DAYS <= series.days.size <= _COMMON * active


def _discover(tables: Sequence[Table], *, planned: npt.NDArray[np.bool_]) -> list[Rule]:
    """The pairs (places, not ids) that stand under Benjamini-Hochberg among all that could be tested.

    A pair's p is the harmonic mean of its windows' (Wilson 2019), since they overlap; its rule is that of the lowest.
    """
    able = np.stack([_is_able(table) for table in tables])
    p_values = np.where(able, np.stack([table.p for table in tables]), 1.0)
    together = len(WINDOWS) / (1 / np.maximum(p_values, _LOWEST)).sum(axis=0)
    both_planned = planned[:, None] & planned[None, :]
    causes, effects = np.nonzero(able.any(axis=0) & ~np.eye(planned.size, dtype=bool) & ~both_planned)
    adjusted = np.array(adjust_p_values(together[causes, effects]))
    stands = np.flatnonzero(adjusted <= FALSE_DISCOVERIES)
    pairs = zip(causes[stands].tolist(), effects[stands].tolist(), adjusted[stands].tolist(), strict=True)
    return [
        _rule(tables[place], window=WINDOWS[place], pair=(a, b), p=float(together[a, b]), p_adjusted=q)
        for a, b, q in pairs
        for place in [int(p_values[:, a, b].argmin())]
    ]


def _widen(rule: Rule, *, tables: Sequence[Table]) -> Rule:
    """The rule with a wider window, the next or one of a week at most, if that covers clearly more and is clear by itself."""
    pair, place = (rule.cause, rule.effect), WINDOWS.index(rule.window)
    near = range(place, min(max(place + 2, WINDOWS.index(7) + 1), len(WINDOWS)))
    clear = [place for place in near if tables[place].p[pair] < _CLEAR and _is_able(tables[place])[pair]]
    ways = [
        _rule(tables[place], window=WINDOWS[place], pair=pair, p=rule.p, p_adjusted=rule.p_adjusted) for place in clear
    ]
    most = max((way.strength for way in ways), default=0.0)
    return next((way for way in ways if way.strength >= _NEARLY_ALL * most), rule)


def _hints(tables: Sequence[Table]) -> list[Rule]:
    """The pairs that look like something by themselves, whether or not they stand among all."""
    p_values = np.stack([table.p for table in tables])
    lowest = p_values.min(axis=0)
    np.fill_diagonal(lowest, 1.0)
    return [
        _rule(tables[place], window=WINDOWS[place], pair=(a, b), p=float(lowest[a, b]), p_adjusted=1.0)
        for a, b in np.argwhere(lowest < _HINT).tolist()
        for place in [int(p_values[:, a, b].argmin())]
    ]


def _is_able(table: Table) -> npt.NDArray[np.bool_]:
    trials = table.trials[:, None]
    return (trials >= FEWEST_DAYS) & (table.expected <= _COMMON * trials)


def _rule(table: Table, *, window: int, pair: tuple[int, int], p: float, p_adjusted: float) -> Rule:
    trials, hits, expected = int(table.trials[pair[0]]), int(table.hits[pair]), float(table.expected[pair])
    return Rule(
        cause=pair[0],
        effect=pair[1],
        window=window,
        trials=trials,
        hits=hits,
        expected=round(expected, 6),
        p=p,
        p_adjusted=p_adjusted,
        strength=round((hits - expected) / (trials - expected), 6),
        fraction=round(1 - expected / hits, 6),
    )


@dataclass(frozen=True, slots=True)
class _Occasion:
    """One time that a rule was followed: the memories, and the days between."""

    source: int
    target: int
    lag: int


def draw_lines(world: World, rules: Sequence[Rule]) -> list[Line]:
    """A line for every occasion of every rule; two memories joined by several rules keep the one of the lowest p."""
    told = _by_entity_and_day(world)
    drawn: dict[tuple[int, int], Line] = {}
    for rule in sorted(rules, key=lambda rule: (rule.p, rule.cause, rule.effect)):
        for line in _lines(rule, world=world, told=told):
            drawn.setdefault((line.source, line.target), line)
    return [drawn[pair] for pair in sorted(drawn)]


def _by_entity_and_day(world: World) -> dict[tuple[int, int], list[Event]]:
    told: dict[tuple[int, int], list[Event]] = {}
    for event in sorted(world.events.values(), key=lambda event: (event.day, event.minute or 0, event.id)):
        for entity in event.entities:
            told.setdefault((entity, event.day), []).append(event)
    return told


def _lines(rule: Rule, *, world: World, told: Mapping[tuple[int, int], list[Event]]) -> Iterator[Line]:
    cause, effect = world.series[rule.cause], world.series[rule.effect]
    occasions = list(_occasions(rule, cause=cause, effect=effect, told=told))
    weights = weigh_lags(rule, lags=[occasion.lag for occasion in occasions], effects=effect.days.size)
    evidence = _evidence(rule, cause=cause.entities[0], effect=effect.entities[0])
    for occasion, weight in zip(occasions, weights, strict=True):
        yield Line(
            source=occasion.source,
            target=occasion.target,
            type="precedes",
            confidence=rule.fraction,
            method="case_crossover",
            reasoning=f"One is usually followed by the other within {'a day' if rule.window == 1 else f'{rule.window} days'}.",
            evidence=evidence | {"lag": occasion.lag, "weight": weight},
        )


def _occasions(
    rule: Rule, *, cause: Series, effect: Series, told: Mapping[tuple[int, int], list[Event]]
) -> Iterator[_Occasion]:
    """For each day of the cause that is followed: the first memory that names it, and the first that then names the effect."""
    for day in cause.days.tolist():
        place = int(np.searchsorted(effect.days, day, side="right"))
        if place == effect.days.size or effect.days[place] - day > rule.window:
            continue
        then = int(effect.days[place])
        sources, targets = told.get((cause.entities[0], day), []), told.get((effect.entities[0], then), [])
        if not sources or not targets or any(effect.entities[0] in event.entities for event in sources):
            continue
        if cause.entities[0] not in targets[0].entities:
            yield _Occasion(source=sources[0].id, target=targets[0].id, lag=then - day)


def _evidence(rule: Rule, *, cause: int, effect: int) -> dict[str, object]:
    return {
        "cause": cause,
        "effect": effect,
        "window": rule.window,
        "hits": rule.hits,
        "trials": rule.trials,
        "expected": rule.expected,
        "p": rule.p,
        "p_adj": rule.p_adjusted,
        "strength": rule.strength,
        "fraction": rule.fraction,
    }


def weigh_lags(rule: Rule, *, lags: Sequence[int], effects: int) -> list[float]:
    """For each occasion the probability that it is the rule's and not chance's, 0..1, given its lag in days.

    A mixture learned from the rule's own occasions: the rule's have lags of their own kind (smoothed by one occasion spread
    evenly), chance's are even over the window. Of the `effects` (occurrences of the effect in all) those that are the rule's
    cannot come by chance, though the controls behind `fraction` counted them.
    """
    if not lags:
        return []
    steps = np.array(lags, dtype=np.int64) - 1
    own = np.full(rule.window, 1 / rule.window)
    weights = np.full(steps.size, rule.fraction)
    for _ in range(_LEARNING_STEPS):
        by_chance = (1 - rule.fraction) * (1 - min(float(weights.sum()) / effects, 1))
        ruled = (1 - by_chance) * own[steps]
        weights = ruled / (ruled + by_chance / rule.window)
        own = np.bincount(steps, weights=weights, minlength=rule.window) + 1 / rule.window
        own /= own.sum()
    return [round(float(weight), 6) for weight in weights]
