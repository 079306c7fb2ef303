"""Layer 5: fixed users give exactly these counts."""

import pytest

from benchmarks.cross_platform import MEASURES, count, make_world
from benchmarks.measures import add_up

EXPECTED = {
    500: {
        "true": 243,
        "found": 168,
        "hits": 162,
        "naive_found": 177,
        "naive_hits": 85,
        "null_found": 7,
        "null_memories": 510,
        "naive_null_found": 60,
        "memories": 697,
    },
    501: {
        "true": 243,
        "found": 182,
        "hits": 171,
        "naive_found": 153,
        "naive_hits": 76,
        "null_found": 13,
        "null_memories": 510,
        "naive_null_found": 46,
        "memories": 705,
    },
    502: {
        "true": 209,
        "found": 144,
        "hits": 130,
        "naive_found": 160,
        "naive_hits": 69,
        "null_found": 9,
        "null_memories": 510,
        "naive_null_found": 42,
        "memories": 681,
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


def test_the_null_twin_tells_each_event_once():
    null = make_world(500, on_several=False)
    assert len(set(null.happening.values())) == len(null.happening)
    assert null.true_pairs() == set()
