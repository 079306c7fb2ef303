"""Layer 9: fixed users give exactly these counts."""

import pytest

from benchmarks.duplicates import MEASURES, count, make_world
from benchmarks.measures import add_up

EXPECTED = {
    500: {
        "true": 75,
        "found": 74,
        "hits": 74,
        "naive_found": 149,
        "naive_hits": 62,
        "hard": 170,
        "hard_false": 0,
        "naive_hard_false": 87,
        "null_found": 0,
        "memories": 730,
    },
    501: {
        "true": 76,
        "found": 76,
        "hits": 76,
        "naive_found": 156,
        "naive_hits": 65,
        "hard": 170,
        "hard_false": 0,
        "naive_hard_false": 91,
        "null_found": 0,
        "memories": 730,
    },
    502: {
        "true": 78,
        "found": 78,
        "hits": 77,
        "naive_found": 167,
        "naive_hits": 70,
        "hard": 170,
        "hard_false": 1,
        "naive_hard_false": 97,
        "null_found": 1,
        "memories": 730,
    },
}


@pytest.mark.parametrize("seed", EXPECTED)
def test_a_user_of_that_seed_gives_these_counts(seed):
    counts = {name: int(value) for name, value in count(seed).items() if name != "seconds"}
    assert counts == EXPECTED[seed]


def test_the_bars_hold_over_these_users():
    total = add_up(EXPECTED.values()) | {"seconds": 0.0}
    for measure in MEASURES:
        value = measure.value(total)
        assert value >= measure.target if measure.at_least else value <= measure.target


def test_the_null_twin_is_the_same_but_for_the_copies():
    world, null = make_world(500), make_world(500, with_copies=False)
    assert world.tellings[: len(null.tellings)] == null.tellings
    assert null.origin == {}
