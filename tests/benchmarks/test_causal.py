"""Fixed seeds, exact counts: layer 1."""

from benchmarks.causal import MEASURES, count, make_life, shuffle
from benchmarks.measures import add_up


def test_the_counts_of_six_users():
    counts = add_up([count(seed) for seed in range(6)])
    assert counts.pop("seconds") > 0
    assert counts == {
        "users": 6,
        "planted": 96,
        "found": 66,
        "hits": 64,
        "false": 2,
        "reversed": 0,
        "naive_found": 486,
        "naive_hits": 55,
        "naive_false": 431,
        "naive_reversed": 5,
        "null": 0,
        "naive_null": 665,
        "shuffled": 0,
        "naive_shuffled": 237,
    }


def test_a_null_twin_has_no_rule_and_a_shuffled_one_the_same_things():
    life = make_life(3)
    assert make_life(3, causes=False).rules == set()
    shuffled = shuffle(life, seed=3)
    assert {thing: len(days) for thing, days in shuffled.days.items()} == {
        thing: len(set(days)) for thing, days in life.days.items()
    }


def test_every_measure_has_a_naive_method_beside_it():
    assert all(measure.naive for measure in MEASURES)
