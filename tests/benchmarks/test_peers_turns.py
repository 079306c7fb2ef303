"""Contenders take turns, and the table says how they did or why they did not."""

import pytest

from benchmarks.peers.process import Absent, Taken
from benchmarks.peers.turns import Contender, compare, tabulate_turns, take_turns


def contender(name, values, *, times=1, only=None, result=None):
    queue = iter(values)
    return Contender(name, f"how {name}", lambda: Taken(next(queue), result), times=times, only=only)


def test_a_round_is_the_middle_one_of_its_times_and_the_first_is_not_counted():
    turns = take_turns([contender("ours", [9, 9, 9, 1, 2, 30, 4, 5, 60], times=3)], rounds=2)
    assert turns.milliseconds == {"ours": [2, 5]}


def test_everybody_has_a_turn_before_anybody_has_the_next():
    seen = []
    two = [Contender(name, "", lambda name=name: seen.append(name) or Taken(1, None)) for name in "ab"]
    take_turns(two, rounds=2, warm=False)
    assert seen == ["a", "b", "a", "b"]


def test_who_takes_long_takes_part_in_one_round():
    turns = take_turns([contender("ours", [1, 2, 4]), contender("long", [8], only=1)], rounds=3, warm=False)
    assert turns.milliseconds["long"] == [8]
    assert turns.ratio("long", to="ours") == [8, 4, 2]


def test_who_cannot_be_had_is_in_the_table_with_the_reason_and_has_no_bar():
    contenders = [contender("ours", [1, 1]), Contender("gone", "how gone", lambda: Absent("no wheel").do("fetch"))]
    turns = take_turns(contenders, rounds=1)
    assert tabulate_turns(turns, contenders=contenders)[-1] == "| gone |  |  |  | not measured: no wheel |"
    assert compare(turns, above="gone", below="ours", target=90) == []


def test_a_row_says_the_middle_the_quartiles_the_ratio_and_the_result():
    contenders = [contender("ours", [1, 1, 1], result=2000), contender("theirs", [90, 100, 110], result=5000)]
    turns = take_turns(contenders, rounds=3, warm=False)
    rows = tabulate_turns(turns, contenders=contenders, result="kB", scale=1000)
    assert rows[0] == "| who | ms | quartiles | times the first | kB | how |"
    assert rows[3] == "| theirs | 100 | 95 – 105 | 100 | 5 | how theirs |"


@pytest.mark.parametrize(("theirs", "holds"), [(90, True), (89, False)])
def test_the_bar_is_on_how_many_times_longer_they_take(theirs, holds):
    turns = take_turns([contender("ours", [1]), contender("theirs", [theirs])], rounds=1, warm=False)
    (bar,) = compare(turns, above="theirs", below="ours", target=90)
    assert bar.holds is holds
