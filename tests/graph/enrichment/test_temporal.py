from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.enrichment.base import Finding, Series, World, control_discoveries, day_date, day_number
from graph.enrichment.temporal import TemporalLayer

START = day_number(date(2020, 1, 1))
TODAY = day_number(date(2024, 6, 30))  # a Sunday
EVERY_DAY = np.arange(START, TODAY + 1)


def world(*days: list[int] | np.ndarray, active: np.ndarray = EVERY_DAY, today: int = TODAY, seed: int = 0) -> World:
    series = {number: Series(number, (number,), np.unique(np.asarray(one))) for number, one in enumerate(days)}
    return World(today=today, active_days=active, series=series, asked=frozenset(series), seed=seed)


def find(days: list[int] | np.ndarray, **facts: object) -> Finding:
    [finding] = control_discoveries(TemporalLayer().compute(world(days, **facts)))
    return finding


def dates(rule: str) -> np.ndarray:
    """The days from START to TODAY whose ISO date or weekday contains the text."""
    return np.array([day for day in EVERY_DAY if rule in f"{day_date(day):%Y-%m-%d %A}"])


def most_of(days: np.ndarray, seed: int = 1) -> np.ndarray:
    return days[np.random.default_rng(seed).random(len(days)) < 0.8]


def gapped(seed: int, period: float) -> np.ndarray:
    gaps = period * np.random.default_rng(seed).normal(1, 0.1, 200)
    days = np.round(START + np.cumsum(gaps)).astype(np.int64)
    return days[days <= TODAY]


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (dates("Tuesday"), "every Tuesday"),
        (dates("Tuesday")[::2], "every second Tuesday"),
        (np.union1d(dates("Tuesday"), dates("Friday")), "every Tuesday and Friday"),
        (np.setdiff1d(EVERY_DAY, np.union1d(dates("Saturday"), dates("Sunday"))), "every weekday"),
        (dates("-15 "), "monthly on the 15th"),
        (dates("-02-14 "), "yearly on 14 February"),
        (
            np.array([day for day in dates("Friday") if day_date(day + 7).month != day_date(day).month]),
            "monthly on the last Friday",
        ),
        (np.array([day for day in EVERY_DAY if day_date(day + 1).day == 1]), "monthly on the last day"),
        (np.array([day for day in dates("-10 ") if day_date(day).month % 3 == 1]), "every three months on the 10th"),
        (EVERY_DAY, "every day"),
    ],
)
def test_a_rule_kept_on_most_days_is_named(days: np.ndarray, label: str) -> None:
    assert find(days if len(days) < 8 else most_of(days)).values["label"] == label


def test_the_score_weighs_strays_and_misses() -> None:
    tuesdays = dates("Tuesday")
    finding = find(np.r_[tuesdays[:40], tuesdays[60:], tuesdays[:10] + 3])
    hits, slots, strays = len(tuesdays) - 20, len(tuesdays), 10
    precision, coverage = hits / (hits + strays), hits / slots
    assert finding.values["recurrence_score"] == round(2 * precision * coverage / (precision + coverage), 6)
    assert (finding.evidence["hits"], finding.evidence["slots"]) == (hits, slots)


def test_the_next_occurrence_is_the_first_slot_after_today() -> None:
    finding = find(most_of(dates("Sunday"))[:-1])
    assert finding.values["next_predicted_occurrence"] == "2024-07-07"
    assert 0.6 < finding.values["confidence"] < 0.95


def test_a_month_that_was_served_a_day_early_is_not_expected_again() -> None:
    days = dates("-30 ")
    assert (
        find(np.r_[days[:-1], days[-1] - 1], today=int(days[-1]) - 1).values["next_predicted_occurrence"]
        == "2024-07-30"
    )


def test_a_rule_that_ended_keeps_its_score_and_has_no_next() -> None:
    finding = find(most_of(dates("Tuesday"))[:100])
    assert finding.evidence["lapsed"] is True
    assert finding.values["recurrence_score"] > 0.8
    assert (finding.values["next_predicted_occurrence"], finding.values["confidence"]) == (None, None)


def test_a_break_like_those_before_is_not_an_end() -> None:
    tuesdays = dates("Tuesday")
    term = np.array([day for day in tuesdays if day_date(day).month not in (7, 8)])
    assert find(most_of(term), today=day_number(date(2024, 8, 20))).evidence["lapsed"] is False


def test_writing_on_sundays_alone_makes_nothing_weekly() -> None:
    sundays = dates("Sunday")
    finding = find(np.random.default_rng(3).choice(sundays, 60, replace=False), active=sundays)
    assert (finding.status, finding.values["label"]) == ("not_significant", None)


def test_a_renewal_has_a_period_and_no_calendar() -> None:
    finding = find(gapped(seed=5, period=24))
    assert finding.values["label"] == "about every 24 days"
    assert finding.values["recurrence_frequency"] == "FREQ=DAILY;INTERVAL=24"
    due = date.fromisoformat(finding.values["next_predicted_occurrence"])
    assert 0 < day_number(due) - TODAY <= 30


def test_days_by_chance_have_no_rule() -> None:
    rng = np.random.default_rng(8)
    findings = control_discoveries(
        TemporalLayer().compute(world(*(rng.choice(EVERY_DAY, 40, replace=False) for _ in range(60))))
    )
    assert [finding.values["label"] for finding in findings if finding.values["label"]] == []


def test_three_days_are_too_few_to_tell() -> None:
    finding = find(dates("Tuesday")[:3])
    assert finding.status == "not_enough_data"
    assert finding.evidence == {"reason": "fewer than four days", "n": 3, "version": 2}
    assert set(finding.values.values()) == {None}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sets(st.integers(START, TODAY), min_size=4, max_size=60), min_size=2, max_size=4), st.integers(0, 9))
def test_a_series_alone_is_what_it_is_among_others(sets: list[set[int]], seed: int) -> None:
    days = [
        np.array(sorted(one)) for one in [*sets, set(gapped(seed, 20).tolist()), set(most_of(dates("Monday")).tolist())]
    ]
    together = TemporalLayer().compute(world(*days, seed=seed))
    alone = [TemporalLayer().compute(world(one, seed=seed))[0] for one in days]
    assert [(f.values, f.evidence, f.p) for f in together] == [(f.values, f.evidence, f.p) for f in alone]


def test_only_the_asked_series_are_answered() -> None:
    whole = world(dates("Monday"), dates("Tuesday"))
    part = World(today=whole.today, active_days=whole.active_days, series=whole.series, asked=frozenset([1]))
    assert [finding.subject for finding in TemporalLayer().compute(part)] == [1]
    assert TemporalLayer().compute(World(today=TODAY, active_days=EVERY_DAY)) == []


def test_the_latest_days_on_the_rule_are_cited() -> None:
    tuesdays = dates("Tuesday")
    cited = find(np.r_[tuesdays, tuesdays[-1] + 2]).evidence["days"]
    assert cited == tuesdays[-8:].tolist()
    assert {late - early for early, late in pairwise(cited)} == {7}


def test_the_explanation_says_rule_chance_and_next() -> None:
    layer, finding = TemporalLayer(), find(dates("Sunday"))
    n = len(dates("Sunday"))
    assert layer.explain(values=finding.values, evidence=finding.evidence, names={}) == (
        f"This recurs every Sunday: {n} of {n} times it kept to that, where 34 would by chance. "
        "It is due next on 2024-07-07, and noted with a chance of 97 %."
    )
    ended = find(dates("Sunday")[:99])
    assert "seems to have ended" in layer.explain(values=ended.values, evidence=ended.evidence, names={})


def test_the_explanation_says_why_nothing_is_known() -> None:
    layer = TemporalLayer()
    few = find(dates("Sunday")[:3])
    assert (
        layer.explain(values=few.values, evidence=few.evidence, names={})
        == "Whether this recurs cannot be said: fewer than four days."
    )
    none = find(np.array([START, START + 5, START + 100, START + 777]))
    assert layer.explain(values=none.values, evidence=none.evidence, names={}).startswith("No rhythm")
