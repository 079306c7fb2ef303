import numpy as np
import pytest

from graph.enrichment.scoring import Bin, score, summarise


def outcome(kind, *days, today):
    return score(kind, made_on=100, due_on=130, days=np.array(days, np.int64), today=today)


@pytest.mark.parametrize(
    ("kind", "days", "today", "expected"),
    [
        ("again", [101], 101, "hit"),
        ("again", [130], 140, "hit"),
        ("again", [100, 131], 140, "missed"),
        ("again", [], 130, None),
        ("again", [], 131, "missed"),
        ("again", [120], 110, None),
        ("next", [129], 129, "hit"),
        ("next", [131], 131, "hit"),
        ("next", [120, 132], 132, "missed"),
        ("next", [120], 131, None),
        ("link", [115], 116, "hit"),
    ],
)
def test_a_prediction_is_hit_missed_or_still_open(kind, days, today, expected):
    assert outcome(kind, *days, today=today) == expected


def test_a_slot_of_tomorrow_is_not_hit_by_the_day_it_was_told():
    assert score("next", made_on=100, due_on=101, days=np.array([100]), today=103) == "missed"


def test_a_record_holds_hits_error_and_bins():
    record = summarise([(0.9, True), (0.9, True), (0.1, False), (0.5, True)])
    assert (record.number, record.hits, record.promised) == (4, 3, 0.6)
    assert record.brier == pytest.approx((0.01 + 0.01 + 0.01 + 0.25) / 4)
    assert record.skill == pytest.approx(1 - 0.07 / 0.1875, abs=1e-6)
    assert record.bins == (Bin(1, 0.1, 0.0), Bin(1, 0.5, 1.0), Bin(2, 0.9, 1.0))


def test_the_order_of_the_records_does_not_matter():
    records = [(0.1 * n, n % 3 == 0) for n in range(10)]
    assert summarise(records) == summarise(records[::-1])


def test_where_everything_came_true_there_is_no_skill_to_speak_of():
    assert summarise([(0.8, True), (0.9, True)]).skill is None


def test_the_record_is_told_in_a_sentence():
    record = summarise([(0.74, n < 31) for n in range(40)])
    assert str(record) == "Of 40 predictions that came due, 31 came true; on average 74 % had been promised."
    assert str(summarise([])) == "No prediction has come due yet."
