"""Fixed seeds, exact counts: layer 7."""

from benchmarks.measures import add_up
from benchmarks.root_cause import Life, count


def test_the_counts_of_six_users():
    counts = add_up([count(seed) for seed in range(6)])
    assert counts.pop("seconds") > 0
    assert counts == {
        "roots": 1513,
        "parents": 1675,
        "false": 155,
        "caused": 1890,
        "background": 5211,
        "naive_roots": 434,
        "naive_parents": 723,
        "naive_false": 4872,
    }


def test_a_root_is_the_parent_of_parents():
    life = Life(parents={(1, 10): None, (2, 12): (1, 10), (3, 13): (2, 12)})
    assert life.root((3, 13)) == (1, 10)
    assert life.root((1, 10)) == (1, 10)
