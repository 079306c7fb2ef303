import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.estimates import estimate_distinct, spread


def test_where_every_kind_was_met_often_there_are_no_others():
    assert estimate_distinct(Counter({"a": 5, "b": 3})) == 2


def test_kinds_met_once_point_to_others():
    assert estimate_distinct(Counter({"a": 1, "b": 1, "c": 1, "d": 2})) == 4 + round(3 * 2 / (2 * 2))


def test_nothing_was_met():
    assert estimate_distinct(Counter()) == 0


def test_a_hundred_mails_tell_of_about_as_many_people_as_there_are():
    draw = random.Random(7)
    found = [estimate_distinct(Counter(str(draw.randrange(80)) for _ in range(100))) for _ in range(200)]
    assert 76 < sum(found) / len(found) < 84


@given(st.lists(st.text(), unique=True, max_size=300), st.integers(1, 100))
def test_a_spread_has_each_once_and_in_order(ids, size):
    chosen = spread(ids, size=size)
    assert len(chosen) == min(size, len(ids))
    assert [ids.index(one) for one in chosen] == sorted({ids.index(one) for one in chosen})


def test_a_spread_goes_from_one_end_to_the_other():
    assert spread([str(number) for number in range(1000)], size=4) == ("0", "250", "500", "750")
