"""Which call meets which fault, and how a page is cut."""

import pytest

from config.local.providers.plan import cut_page, read_fault


def turns(fault, paths):
    planned = read_fault({"kind": "status", **fault})
    return [number for number, path in enumerate(paths, 1) if planned.meets(path)]


@pytest.mark.parametrize(
    ("fault", "met"),
    [
        ({}, [1]),
        ({"at": 3}, [3]),
        ({"at": 2, "times": 3}, [2, 3, 4]),
        ({"every": 3}, [3, 6, 9]),
        ({"every": 3, "times": 2}, [3, 6]),
        ({"at": 1, "times": 1000}, list(range(1, 11))),
    ],
)
def test_a_fault_comes_at_its_calls(fault, met):
    assert turns(fault, ["/a"] * 10) == met


def test_a_fault_with_a_path_counts_that_path_alone():
    assert turns({"match": "/b", "at": 2}, ["/b", "/a", "/b", "/b"]) == [3]


def test_calls_to_nango_itself_are_met_only_by_a_fault_that_names_them():
    assert turns({}, ["/connections/1", "/a"]) == [2]
    assert turns({"match": "/connections/"}, ["/connections/1", "/a"]) == [1]


@pytest.mark.parametrize(
    ("bend", "rows", "following"),
    [("", [2, 3], 4), ("repeat_page", [2, 3], 2), ("overlap_page", [2, 3], 3), ("reorder_page", [3, 2], 4)],
)
def test_a_page_is_bent_without_loss(bend, rows, following):
    cut = cut_page(range(10), start=2, size=2, bend=bend)
    assert (cut.rows, cut.next) == (rows, following)


def test_the_last_page_has_no_next_one_unless_it_comes_again():
    assert cut_page(range(4), start=2, size=2).next is None
    assert cut_page(range(4), start=2, size=9, bend="repeat_page").next == 2
    assert cut_page([], start=0, size=2, bend="repeat_page").next is None
