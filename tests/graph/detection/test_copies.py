"""Near duplicates."""

import random

import numpy as np
import pytest

from benchmarks.phrases import Pen
from graph.detection.copies import find_copies, is_misspelt, judge_copy, pair_up, sign, sign_all
from graph.detection.statistics import Statistics, count_statistics
from tests.graph.detection.tellings import tell

NOTE = "Rufus repaired the crooked kettle before the rain set in, and lost 12 marbles at Lowick doing it."
SLIPPED = "Rufus repiared the crooked kettle before the rain set in & lost 12 marbles at Lowick doing it"
STATISTICS = Statistics()


def link(*tellings, asked=None, statistics=STATISTICS):
    pairs = pair_up({telling.id: sign(telling) for telling in tellings})
    asked = {telling.id for telling in tellings} if asked is None else asked
    return find_copies(tellings, asked=asked, candidates=pairs, statistics=statistics)


def test_a_copy_with_slips_of_the_pen_is_a_duplicate():
    line = judge_copy(tell(2, SLIPPED, day=20_001), tell(1, NOTE), statistics=STATISTICS)
    assert (line.source, line.target, line.type, line.method) == (1, 2, "duplicate_of", "near_text")
    assert line.confidence > 0.9
    assert line.evidence["similarity"] > 0.95
    assert line.evidence["memories"] == [1, 2]
    assert line.evidence["days_apart"] == 1


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("12 marbles", "13 marbles"),
        ("12 marbles", "three marbles and two"),
        ("at Lowick", "at Kelby"),
        ("in, and", "in June, and"),
        ("Rufus repaired the crooked kettle", "Zelda painted the wooden violin"),
    ],
)
def test_other_numbers_names_and_things_are_another_event(here, there):
    first = NOTE.replace("in, and", "in May, and") if "June" in there else NOTE
    other = NOTE.replace(here, there)
    assert judge_copy(tell(1, first), tell(2, other), statistics=STATISTICS) is None


def test_papers_of_a_series_are_told_apart_by_the_number_in_their_titles():
    papers = tell(1, NOTE, title="Minutes 17"), tell(2, SLIPPED, title="Minutes 18")
    assert judge_copy(*papers, statistics=STATISTICS) is None
    assert judge_copy(papers[0], tell(2, SLIPPED, title="Fwd: Minutes 17"), statistics=STATISTICS)


def test_a_short_sentence_said_again_weeks_later_is_another_days():
    short, again = "Swam before breakfast, the water was cold", "Swam before breakfast, teh water was cold"
    assert judge_copy(tell(1, short), tell(2, again, day=20_002), statistics=STATISTICS)
    assert judge_copy(tell(1, short), tell(2, again, day=20_030), statistics=STATISTICS) is None


def test_a_forwarded_mail_is_a_copy_whenever_it_was_sent():
    forwarded = f"FYI\n\n---------- Forwarded message ----------\nFrom: Agnes\n\n{SLIPPED[:60]}"
    line = judge_copy(tell(1, NOTE[:60]), tell(2, forwarded, day=20_090), statistics=STATISTICS)
    assert (line.evidence["days_apart"], line.evidence["forwarded"]) == (90, 1)


def test_equal_texts_are_drawn_elsewhere():
    assert judge_copy(tell(1, NOTE), tell(2, NOTE.replace(" ", "  ")), statistics=STATISTICS) is None
    assert link(tell(1, NOTE), tell(2, NOTE)) == []


def test_two_words_are_too_few():
    assert judge_copy(tell(1, "Thanks, Agnes!"), tell(2, "thanks Agnes"), statistics=STATISTICS) is None


def test_three_copies_draw_two_lines_to_the_best_earlier_one():
    lines = link(tell(3, SLIPPED.upper(), day=20_002), tell(1, NOTE), tell(2, SLIPPED, day=20_001))
    assert [(line.source, line.target) for line in lines] == [(1, 2), (2, 3)]


def test_the_copy_of_an_equal_draws_one_line_alone():
    lines = link(tell(1, NOTE), tell(2, SLIPPED, day=20_001), tell(3, SLIPPED, day=20_002))
    assert [(line.source, line.target) for line in lines] == [(1, 2)]


def test_lines_do_not_depend_on_the_order_of_arrival():
    rng = random.Random(4)
    words = NOTE.split()
    tellings = [tell(n, " ".join(words[:-1] if n % 2 else words) + "!" * n, day=20_000 + n % 3) for n in range(9)]
    expected = link(*tellings)
    for _ in range(5):
        rng.shuffle(tellings)
        assert link(*tellings) == expected
    one_by_one = [line for telling in tellings for line in link(*tellings, asked={telling.id})]
    assert sorted(one_by_one, key=lambda line: line.target) == expected


def test_only_what_is_asked_is_judged():
    assert link(tell(1, NOTE), tell(2, SLIPPED, day=20_001), asked={1}) == []


def test_signatures_are_the_same_in_every_version():
    bands = sign(tell(1, NOTE))
    assert len(bands) == 21
    assert bands[:2] == (-1644527648669129041, -5650516045728943320)


def test_signatures_fit_a_signed_column_and_mean_nothing_without_words():
    (bands, none) = sign_all([tell(1, NOTE), tell(2, "  ...  ")])
    assert all(-(2**63) <= band < 2**63 for band in bands)
    assert none == ()


def test_texts_of_middling_length_are_signed_both_ways():
    assert [len(sign(tell(1, "kettle marble " * n))) for n in (10, 17, 40)] == [21, 42, 21]


def test_long_texts_in_one_style_are_no_candidates():
    pen = Pen(np.random.default_rng(1))
    texts = [tell(n, " ".join(pen.sentence() for _ in range(40))) for n in range(40)]
    assert len(pair_up({telling.id: sign(telling) for telling in texts})) < 78  # of 780


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("kettle", "kettel", True),
        ("kettle", "kettl", True),
        ("june", "jun", True),
        ("rufus", "rufuss", True),
        ("tom", "tim", False),
        ("kettle", "violin", False),
        ("sun", "sunflower", False),
    ],
)
def test_a_slip_of_the_pen_is_not_another_word(word, other, slip):
    assert is_misspelt(word, other) is slip


def test_what_a_text_shares_counts_by_how_rare_it_is():
    common = count_statistics([NOTE] * 100)
    rare = count_statistics([*["an entirely different sentence"] * 99, NOTE])
    pair = tell(1, NOTE), tell(2, SLIPPED)
    shared = [judge_copy(*pair, statistics=s).evidence["shared_information"] for s in (common, rare)]
    assert shared[0] == 0.0
    assert shared[1] > 20
