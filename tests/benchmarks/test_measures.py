"""How a figure is taken of counts, and how the bench tells it."""

import pytest

from benchmarks.__main__ import read_options, tabulate, tell
from benchmarks.measures import Measure, Reading, add_up, f1, share, take

HALF = [{"hits": 1.0, "all": 2.0}] * 20
MIXED = [{"hits": float(n % 2), "all": 1.0} for n in range(100)]


def reading(*, value, bound, target, at_least=True, naive=None):
    measure = Measure("temporal", "recall", share("hits", "all"), target, at_least=at_least)
    return Reading(measure=measure, users=1, value=value, bound=bound, naive=naive)


def test_a_figure_is_the_formula_over_the_sums_of_all_users():
    taken = take(Measure("x", "recall", share("hits", "all"), 0.5, naive=share("all", "hits")), users=HALF, seed=1)
    assert (taken.value, taken.naive, taken.bound, taken.users, taken.holds) == (0.5, 2.0, 0.5, 20, True)


def test_the_bound_lies_on_the_good_side():
    more = take(Measure("x", "recall", share("hits", "all"), 0.9), users=MIXED, seed=1)
    less = take(Measure("x", "errors", share("hits", "all"), 0.1, at_least=False), users=MIXED, seed=1)
    assert less.bound == pytest.approx(0.42, abs=0.03)
    assert more.bound == pytest.approx(0.58, abs=0.03)


def test_a_bar_holds_unless_the_bound_excludes_it():
    assert reading(value=0.85, bound=0.9, target=0.9).holds
    assert not reading(value=0.85, bound=0.89, target=0.9).holds
    assert reading(value=0.06, bound=0.05, target=0.05, at_least=False).holds
    assert not reading(value=0.07, bound=0.06, target=0.05, at_least=False).holds


def test_a_figure_without_a_bar_always_holds():
    assert reading(value=0.0, bound=0.0, target=None).holds


def test_the_same_seed_draws_the_same_users():
    measure = Measure("x", "recall", share("hits", "all"), 0.5)
    assert take(measure, users=MIXED, seed=4).bound == take(measure, users=MIXED, seed=4).bound


def test_a_count_that_a_user_lacks_is_zero():
    assert add_up([{"a": 1.0}, {"a": 2.0, "b": 3.0}]) == {"a": 3.0, "b": 3.0}
    assert take(Measure("x", "b", share("b", "a"), 0.5), users=[{"a": 2.0}, {"a": 2.0, "b": 2.0}], seed=1).value == 0.5


def test_a_share_of_nothing_and_f1():
    assert share("hits", "all", empty=1.0)({"hits": 0.0}) == 1.0
    assert f1("hits", "found", "true")({"hits": 3.0, "found": 4.0, "true": 6.0}) == pytest.approx(0.6)


def test_the_table_says_which_bars_hold():
    table = tabulate(
        "root_cause",
        readings=[
            reading(value=0.95, bound=0.97, target=0.9, naive=0.4),
            reading(value=0.1, bound=0.08, target=0.05, at_least=False),
            reading(value=0.5, bound=0.6, target=None),
        ],
        seconds=[0.1, 0.3, 0.2],
    )
    assert table.splitlines() == [
        "## Root cause",
        "",
        "| measure | naive | ours | 95 % bound | bar | holds |",
        "|---|---|---|---|---|---|",
        "| recall | 0.400 | 0.950 | 0.970 | ≥ 0.9 | yes |",
        "| recall |  | 0.100 | 0.080 | ≤ 0.05 | **no** |",
        "| recall |  | 0.500 | 0.600 |  |  |",
        "",
        "Seconds of CPU a user: median 0.200, at most 0.300.",
    ]


def test_the_last_word_names_what_does_not_hold():
    assert tell([]) == "Every bar holds.\n"
    assert tell(["a: 1", "b: 2"]).splitlines()[-2:] == ["- a: 1", "- b: 2"]


def test_a_part_by_itself_leaves_the_results_as_they_are():
    whole, part = read_options([]), read_options(["--only", "seasonal"])
    assert (whole.whole, whole.cost, len(whole.modules), whole.users) == (True, True, 9, 200)
    assert (part.whole, part.cost, part.modules) == (False, False, ("seasonal",))
    assert read_options([]).seed != read_options([]).seed


def test_the_diary_needs_a_path():
    with pytest.raises(SystemExit):
        read_options(["--only", "diary"])
