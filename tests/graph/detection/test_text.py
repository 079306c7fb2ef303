"""A text as detection reads it."""

import time
from datetime import date

import pytest

from graph.detection.base import Telling
from graph.detection.stated import find_stated
from graph.detection.text import (
    amounts,
    canonical_number,
    named_days,
    read_plain,
    read_wording,
    strip_wrapping,
    strong_keys,
    tokens,
    unmatched,
)


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    "wrapped",
    [
        "Re: Fwd: The kettle is mended.",
        "> The kettle\n> is mended.",
        "The kettle is mended.\n-- \nAgnes Abbott, plumber",
        "The kettle is mended.\nSent from my telephone",
        "FYI\n\n---------- Forwarded message ----------\nFrom: Agnes\nSubject: Re: x\n\nThe kettle is mended.",
        "The kettle is mended.\n\nOn 3 May Agnes wrote:\n> Is it?\n> Or not?",
    ],
)
def test_what_the_mail_programs_added_is_not_read(wrapped):
    assert read_plain(wrapped) == "the kettle is mended"


def test_a_long_word_of_ones_own_above_a_forwarded_mail_is_read():
    own = "This came yesterday and I have thought about it all night, so please read it and tell me."
    text = f"{own}\n\nBegin forwarded message:\nFrom: Agnes\n\nThe kettle is mended."
    assert strip_wrapping(text).split() == f"{own} The kettle is mended.".split()


@pytest.mark.parametrize(
    ("written", "number"), [("41,300", "41300"), ("12,50", "12.50"), ("7.00", "7"), ("09", "9"), ("0", "0")]
)
def test_numbers_are_compared_as_they_are_meant(written, number):
    assert canonical_number(written) == number


def test_a_wording_holds_the_marks_that_tell_texts_apart():
    wording = read_wording("Paid two bills of 41,300 in June. Met Rufus & his cousins at Lowick.")
    assert wording.numbers == ("two", "41300")
    assert wording.dates == {"jun"}
    assert wording.names == {"june", "rufu", "lowick"}
    assert {"and", "cousin"} <= wording.words


def test_a_forwarded_mail_says_that_it_is_one():
    assert read_wording("Begin forwarded message:\n\nHello").is_forward
    assert not read_wording("Forward, he said").is_forward


def test_references_exact_sums_and_addresses_are_strong_keys():
    text = "Order XS-68829, £277.48, see https://www.shop.example/o/17?x=1 and booking 123456; <abcdef@mail.example>"
    assert strong_keys(text) == {
        "ref:xs68829",
        "ref:123456",
        "sum:277.48 gbp",
        "url:shop.example/o/17",
        "id:abcdef@mail.example",
    }


def test_times_round_sums_and_bare_numbers_are_no_strong_keys():
    assert strong_keys("Rang it through at 9.26, 42372 on the meter, paid £50, July12 follows.") == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EUR 1.500,00", "1500.00 eur"),
        ("$1,234.50", "1234.50 usd"),
        ("12.30 euros", "12.30 eur"),
        ("£2000", "2000.00 gbp"),
    ],
)
def test_sums_of_money_are_read_in_any_writing(text, found):
    assert amounts(text) == {found}


def test_a_date_without_a_year_is_the_nearest():
    near = day("2025-12-28")
    assert named_days("on 3 January, 2025-12-24 and December 5th", near=near) == {
        day("2026-01-03"),
        day("2025-12-24"),
        day("2025-12-05"),
    }


def test_a_day_that_no_month_has_is_not_named():
    assert named_days("31 February, 2025-13-01, 12 Monkeys", near=day("2025-06-01")) == frozenset()


def test_words_that_say_nothing_are_no_tokens():
    assert tokens("The tickets of Agnes's and the ticket_stub") == {"ticket", "agne", "stub"}


def test_what_is_written_oftener_here_is_unmatched():
    assert unmatched(["a", "a", "b"], ["a", "c"]) == ["a", "b"]


@pytest.mark.parametrize("piece", ["\n", "> ", "1", "1,", "Abc ", "EUR 1", "because ", "From: x\n", "."])
def test_no_text_takes_long_to_read(piece):
    started = time.process_time()
    text = piece * 20_000
    read_wording(text)
    strong_keys(text)
    find_stated(Telling(1, 20_000, None, "note", "", text))
    assert time.process_time() - started < 3
