"""What is usually followed by what, and the memories that show it."""

from dataclasses import replace

import numpy as np
import pytest

from graph.detection.crossover import compare, exact_tails, lay_out, thin
from graph.detection.precedence import draw_lines, find_rules, weigh_lags
from graph.enrichment.base import Event, Rule, Series, World

DAYS = np.arange(18_000, 19_000)
RULE = Rule(
    cause=1, effect=2, window=3, trials=20, hits=15, expected=1.5, p=1e-9, p_adjusted=1e-7, strength=0.73, fraction=0.9
)


def world_of(*series, active=DAYS):
    """Series 1, 2, ... of entities 10, 20, ... on these days."""
    found = {
        key: Series(id=key, entities=(key * 10,), days=np.unique(np.array(days, dtype=np.int64)))
        for key, days in enumerate(series, start=1)
    }
    return World(today=int(active[-1]) + 30, active_days=active, series=found)


def some_days(count, *, seed):
    return np.sort(np.random.default_rng(seed).choice(DAYS[:-5], count, replace=False))


def pairs(rules):
    return [(rule.cause, rule.effect) for rule in rules]


def test_what_follows_two_days_later_is_a_rule_one_way_only():
    cause = some_days(25, seed=1)
    (rule,) = find_rules(world_of(cause, cause[:20] + 2, some_days(40, seed=2)))
    assert (rule.cause, rule.effect, rule.window) == (1, 2, 3)
    assert (rule.hits, rule.trials) == (19, 23)
    assert rule.expected < 2
    assert rule.p_adjusted <= 0.05


def test_what_comes_as_it_may_makes_no_rule():
    assert find_rules(world_of(*(some_days(count, seed=count) for count in (8, 20, 35, 50, 80)))) == []


def test_two_things_of_the_same_busy_months_make_no_rule():
    rng = np.random.default_rng(5)
    weight = np.exp(-0.5 * ((np.arange(1000) - 500) / 25) ** 2)
    busy = [rng.choice(DAYS, 30, replace=False, p=weight / weight.sum()) for _ in range(2)]
    assert find_rules(world_of(*busy, some_days(60, seed=6))) == []


def test_an_everyday_thing_follows_nothing():
    assert find_rules(world_of(some_days(30, seed=1), DAYS[::2])) == []


def test_two_schedules_make_no_rule_but_one_may():
    cause = some_days(25, seed=1)
    world = world_of(cause, cause + 2)
    assert find_rules(world, scheduled=frozenset({1, 2})) == []
    assert pairs(find_rules(world, scheduled=frozenset({2}))) == [(1, 2)]


def test_four_days_are_too_few():
    assert find_rules(world_of(DAYS[100:900:200], DAYS[101:901:200])) == []


def test_a_step_between_explains_the_ends_of_a_chain_away():
    rng = np.random.default_rng(3)
    first = some_days(60, seed=4)
    second = first[rng.random(60) < 0.7] + 1
    third = second[rng.random(second.size) < 0.8] + 1
    assert set(pairs(find_rules(world_of(first, second, third)))) == {(1, 2), (2, 3)}


def test_a_common_cause_explains_what_follows_from_it_away():
    rng = np.random.default_rng(3)
    origin = some_days(60, seed=4)
    one = np.append(origin[rng.random(60) < 0.7] + 1, some_days(25, seed=8))
    other = origin[rng.random(60) < 0.7] + 2
    assert set(pairs(find_rules(world_of(origin, one, other)))) == {(1, 2), (1, 3)}


def test_rules_do_not_depend_on_ids():
    cause = some_days(25, seed=1)
    first = find_rules(world_of(cause, cause[:20] + 2, some_days(40, seed=2)))
    second = find_rules(world_of(some_days(40, seed=2), cause[:20] + 2, cause))
    assert [replace(rule, cause=3, effect=2) for rule in first] == second


def test_ties_make_no_rules():
    cause = some_days(25, seed=1)
    world = world_of(cause, cause + 2)
    tie = replace(world.series[2], entities=(20, 30))
    assert find_rules(replace(world, series={1: world.series[1], 2: tie})) == []


def test_thinned_days_are_further_apart_than_the_gap():
    assert thin(np.array([1, 2, 4, 5, 9]), gap=3).tolist() == [1, 5, 9]


def test_tails_are_exact():
    chances = np.array([[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]])
    tails = exact_tails(chances, hits=np.array([2, 3]))
    assert tails == pytest.approx([0.5, 0.006])


def test_controls_are_the_active_days_of_the_stratum():
    study = lay_out(active_days=np.arange(0, 56), series=[np.array([7, 21]), np.array([8, 36])], windows=(1,))
    table = compare(study.calendar, causes=study.thinned[1], followed=study.calendar.ahead <= 1)
    assert (table.trials[0], table.hits[0, 1]) == (2, 1)
    assert 0.05 < table.expected[0, 1] < 0.2


def test_a_line_for_each_time_it_followed():
    events = [
        Event(id=1, day=18_010, minute=600, source="note", entities=(10,)),
        Event(id=2, day=18_010, minute=540, source="note", entities=(10, 30)),
        Event(id=3, day=18_012, minute=None, source="note", entities=(20,)),
        Event(id=4, day=18_050, minute=None, source="note", entities=(10,)),
    ]
    world = replace(world_of([18_010, 18_050], [18_012]), events={event.id: event for event in events})
    (line,) = draw_lines(world, [RULE])
    assert (line.source, line.target, line.type, line.method) == (2, 3, "precedes", "case_crossover")
    assert (line.confidence, line.evidence["cause"], line.evidence["effect"], line.evidence["lag"]) == (0.9, 10, 20, 2)
    assert line.reasoning == "One is usually followed by the other within 3 days."


def test_a_memory_that_names_both_is_no_instance():
    both = Event(id=1, day=18_010, minute=None, source="note", entities=(10, 20))
    after = Event(id=2, day=18_011, minute=None, source="note", entities=(20,))
    world = replace(world_of([18_010], [18_010, 18_011]), events={1: both, 2: after})
    assert draw_lines(world, [RULE]) == []


def test_two_memories_keep_the_rule_of_the_lowest_p():
    events = {
        1: Event(id=1, day=18_010, minute=None, source="note", entities=(10, 30)),
        2: Event(id=2, day=18_011, minute=None, source="note", entities=(20,)),
    }
    world = replace(world_of([18_010], [18_011], [18_010]), events=events)
    (line,) = draw_lines(world, [replace(RULE, p=1e-5), replace(RULE, cause=3)])
    assert line.evidence["cause"] == 30


def test_an_unusual_lag_weighs_less():
    rule = replace(RULE, window=7, fraction=0.7)
    usual, *_, unusual = weigh_lags(rule, lags=[1] * 15 + [7], effects=80)
    assert usual > 0.9
    assert unusual < 0.5


def test_no_occasion_has_no_weight():
    assert weigh_lags(RULE, lags=[], effects=3) == []
