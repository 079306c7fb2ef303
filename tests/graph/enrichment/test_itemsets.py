import numpy as np
import pytest
from scipy.stats import hypergeom

from graph.enrichment.itemsets import Table, find_itemsets, splits


def make_table(columns, *, rows, groups=None, telling=None):
    count = len(columns)
    return Table(
        rows=rows,
        columns=[np.array(sorted(column), np.int64) for column in columns],
        groups=np.array(groups or [-1] * count, np.int64),
        telling=np.array(telling or [True] * count, bool),
    )


def spread(number, *, rows, start=0):
    """Row numbers evenly through the rows."""
    return [start + n * rows // number for n in range(number)]


def test_things_that_always_come_together_are_found_with_the_exact_chance():
    together = spread(10, rows=200)
    found = find_itemsets(make_table([together, together], rows=200))
    assert [(itemset.items, itemset.support, itemset.expected) for itemset in found] == [((0, 1), 10, 0.5)]
    assert found[0].p == pytest.approx(hypergeom.sf(9, 200, 10, 10))
    assert found[0].rows == tuple(together)


def test_things_that_meet_as_often_as_chance_has_it_are_not_found():
    every_second, every_third = range(0, 300, 2), range(0, 300, 3)
    assert find_itemsets(make_table([every_second, every_third], rows=300)) == []


def test_five_times_together_is_too_seldom():
    together = spread(5, rows=1_000)
    assert find_itemsets(make_table([together, together], rows=1_000)) == []


def test_what_comes_together_only_within_one_short_time_is_no_pattern():
    assert find_itemsets(make_table([range(0, 60, 2), range(0, 60, 3)], rows=600)) == []


def test_the_largest_set_stands_for_its_parts():
    together = spread(12, rows=400)
    found = find_itemsets(make_table([together, together, together], rows=400))
    assert [itemset.items for itemset in found] == [(0, 1, 2)]


def test_a_pair_that_is_often_without_the_third_stands_too():
    often, sometimes = spread(40, rows=1_000), spread(40, rows=1_000)[::4]
    found = find_itemsets(make_table([often, often, sometimes], rows=1_000))
    assert (0, 1) in [itemset.items for itemset in found]


def test_an_addition_by_chance_does_not_join_a_set():
    together, common = spread(20, rows=400), range(0, 400, 3)
    found = find_itemsets(make_table([together, together, common], rows=400))
    assert [itemset.items for itemset in found] == [(0, 1)]


def test_sets_of_things_that_say_nothing_by_themselves_are_not_found():
    together = spread(12, rows=400)
    assert find_itemsets(make_table([together, together], rows=400, telling=[False, False])) == []


def test_items_of_one_group_are_never_joined():
    together = spread(12, rows=400)
    assert find_itemsets(make_table([together, together], rows=400, groups=[0, 0])) == []


def test_an_empty_table_holds_nothing():
    assert find_itemsets(make_table([], rows=0)) == []


def test_every_way_to_part_four_in_two_is_tried():
    parts = {frozenset((frozenset(a), frozenset(b))) for a, b in splits(4)}
    assert len(splits(4)) == len(parts) == 7
