import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.errors import CursorExpired, ProviderUnavailable
from integrations.providers.zoho_walk import (
    DAY,
    LIMIT,
    OVERLAP,
    STEP,
    Walk,
    begin_changes,
    enter_folders,
    go_on,
    leave_folder,
    read_walk,
    write_walk,
)

LISTING = Walk(phase="listing", account="1")
INBOX = replace(LISTING, folder="inbox")
NOW = 1_795_000_000_000


def mails(first: int, count: int) -> list[tuple[str, int]]:
    """Mails m<first>... newest first, a minute apart."""
    return [(f"m{number}", NOW - number * 60_000) for number in range(first, first + count)]


def show(folder: list[tuple[str, int]], walk: Walk) -> list[tuple[str, int]]:
    return folder[walk.start - 1 : walk.start - 1 + LIMIT]


def walk_through(folder: list[tuple[str, int]], walk: Walk = INBOX) -> list[list[tuple[str, int]]]:
    pages = []
    while walk.folder:
        pages.append(show(folder, walk))
        walk = go_on(walk, pages[-1])
    return pages


def test_pages_overlap_until_an_empty_one():
    pages = walk_through(mails(0, 500))
    assert [len(page) for page in pages] == [LIMIT, LIMIT, 500 - 2 * STEP, 0]
    assert pages[1][:OVERLAP] == pages[0][-OVERLAP:]


def test_a_short_page_is_not_taken_for_the_end_of_a_listing():
    assert go_on(INBOX, mails(0, 3)).start == 1 + STEP
    assert go_on(replace(INBOX, phase="changes"), mails(0, 3)).folder == ""


def test_a_page_that_shows_nothing_of_the_one_before_is_followed_by_a_step_back():
    walk = go_on(INBOX, mails(0, LIMIT))
    assert go_on(walk, mails(250, LIMIT)).start == 1
    assert go_on(replace(walk, start=1 + 2 * STEP), []).start == 1 + STEP


def test_a_page_that_comes_again_is_passed():
    walk = go_on(INBOX, mails(0, LIMIT))
    again = go_on(walk, mails(0, LIMIT))
    assert (again.start, again.tail) == (1 + 2 * STEP, walk.tail)


def test_a_list_without_an_end_is_no_list():
    with pytest.raises(ProviderUnavailable):
        go_on(replace(INBOX, start=5_000_001), mails(0, LIMIT))


def test_a_shuffled_page_has_the_same_tail():
    assert go_on(INBOX, mails(0, LIMIT)[::-1]).tail == go_on(INBOX, mails(0, LIMIT)).tail


def test_the_mark_is_the_newest_time_of_the_first_page():
    walk = go_on(go_on(go_on(INBOX, mails(5, LIMIT)), mails(5 + STEP, 3)), [])
    assert walk.marks == {"inbox": NOW - 5 * 60_000}


def changes(mark: int) -> Walk:
    return Walk(phase="changes", account="1", marks={"inbox": mark}, folder="inbox")


def test_changes_are_read_until_a_day_before_the_mark():
    pages = walk_through(mails(0, 5_000), changes(NOW))
    assert len(pages) == 8  # a day has 1,440 minutes, a page goes on by 180 mails
    assert pages[-1][-1][1] < NOW - DAY


def test_a_mark_from_the_future_hides_nothing():
    pages = walk_through(mails(0, 5_000), changes(NOW * 1000))
    assert {mail for page in pages for mail in page} == set(mails(0, 5_000))


def test_mails_that_do_not_say_when_they_came_end_nothing():
    folder = [(f"m{number}", 0) for number in range(300)]
    assert len(walk_through(folder, changes(NOW))) == 2


def test_a_folder_that_appears_later_is_entered():
    walk = enter_folders(LISTING, ("a", "b"))
    assert (walk.folder, walk.waiting) == ("a", ("b",))
    walk = enter_folders(leave_folder(leave_folder(walk)), ("a", "b", "c"))
    assert (walk.folder, walk.done) == ("c", ("a", "b"))
    assert enter_folders(leave_folder(walk), ("a", "b", "c")).folder == ""


def test_marks_of_folders_that_are_gone_are_dropped():
    walk = Walk(phase="changes", account="1", marks={"a": 5, "gone": 6}, done=("a",))
    assert begin_changes(walk) == Walk(phase="changes", account="1", marks={"a": 5})


@pytest.mark.parametrize(
    "change", [{"account": 7}, {"account": ""}, {"marks": None}, {"start": "x"}, {"done": [1]}, {"tail": None}]
)
def test_a_spoilt_cursor_means_listing_again(change):
    with pytest.raises(CursorExpired):
        read_walk({**write_walk(LISTING), **change})


def test_a_cursor_without_anything_means_listing_again():
    with pytest.raises(CursorExpired):
        read_walk({})


SHIFTS = st.lists(
    st.tuples(st.sampled_from(["arrive", "delete", "shuffle", "repeat"]), st.integers(0, 60)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 900), SHIFTS)
def test_whatever_shifts_between_pages_no_mail_that_stays_is_skipped(count, shifts):
    folder, seen, walk, last = mails(1_000, count), set(), INBOX, []
    stays = {remote_id for remote_id, _ in folder}
    for place in range(200):
        page = show(folder, walk)
        kind, size = shifts[place] if place < len(shifts) else ("", 0)
        page = last if kind == "repeat" and walk.start > 1 else page[::-1] if kind == "shuffle" else page
        seen |= {remote_id for remote_id, _ in page}
        walk, last = read_walk(json.loads(json.dumps(write_walk(go_on(walk, page))))), page
        if not walk.folder:
            break
        if kind == "arrive":
            folder = [*mails(900 - place * 61, size), *folder]
        if kind == "delete":
            first = min(walk.start, len(folder)) // 2
            stays -= {remote_id for remote_id, _ in folder[first : first + size]}
            del folder[first : first + size]
    assert walk.folder == ""
    assert stays <= seen
