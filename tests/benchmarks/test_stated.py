"""Stated causes: fixed users give exactly these counts."""

import pytest

from benchmarks.measures import add_up
from benchmarks.stated import MEASURES, count

EXPECTED = {
    500: {"true": 60, "found": 60, "hits": 58, "directed": 56, "naive_found": 114, "naive_hits": 54},
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
