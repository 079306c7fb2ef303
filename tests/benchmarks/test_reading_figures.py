"""How figures of reading are told."""

import pytest

from benchmarks.reading.figures import Figure, divide, draw, find_quarters, find_spread, list_broken, show, tabulate


def test_a_figure_is_the_middle_of_its_values_with_their_quartiles():
    figure = Figure("wait", [1.0, 2.0, 3.0, 4.0, 100.0], "ms")
    assert (figure.middle, figure.quarters) == (3.0, (2.0, 4.0))


def test_one_value_is_its_own_quartiles():
    assert find_quarters([7.0]) == (7.0, 7.0)


def test_a_spread_is_a_share_of_the_middle():
    assert find_spread([8.0, 9.0, 10.0, 11.0, 12.0]) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("value", "at_least", "holds"), [(2.0, False, True), (2.1, False, False), (2.0, True, True), (1.9, True, False)]
)
def test_a_bar_binds_from_one_side(value, at_least, holds):
    assert Figure("ratio", [value], "×", 2.0, at_least=at_least).holds is holds


def test_a_figure_without_a_bar_always_holds():
    assert Figure("wait", [1e9]).holds


def test_what_does_not_hold_is_named_with_its_value():
    assert list_broken([Figure("wait", [12.345], "ms", 5), Figure("size", [1.0], "kB", 6)]) == [
        "reading, wait: 12.3 ms"
    ]


def test_ratios_are_of_the_same_rounds():
    assert divide([10.0, 30.0], [5.0, 10.0]) == [2.0, 3.0]


def test_a_row_says_the_bar_and_whether_it_holds():
    rows = tabulate([Figure("wait", [1.0, 2.0, 3.0], "ms", 1.5), Figure("errors", [0], "", 0), Figure("size", [5.0])])
    assert rows[2:] == [
        "| wait | 2 ms | 1.5 – 2.5 | ≤ 1.5 | **no** |",
        "| errors | 0 |  | ≤ 0 | yes |",
        "| size | 5 |  |  |  |",
    ]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (0.01234, "0.0123"), (12.345, "12.3"), (123.4, "123"), (12345.6, "12,346")]
)
def test_numbers_are_shown_with_three_digits_that_count(number, text):
    assert show(number) == text


def test_bars_grow_with_the_logarithm():
    rows = draw({"quick": 10.0, "slow": 1000.0, "least": 1.0}, unit="ms")
    lengths = [row.count("█") for row in rows[1:-1]]
    assert lengths == [16, 48, 0]
    assert rows[2].startswith("slow  █")
    assert rows[2].endswith("█ 1,000 ms")
