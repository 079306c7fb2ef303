"""Enriched: every prediction goes on record once, is scored when it comes due, and the record is shown."""

from datetime import date, timedelta

import pytest

from graph.enrichment.base import Finding, day_number
from graph.models import PredictedRelationship, PredictionScore, Series
from graph.selectors import list_expected, read_dashboard
from graph.services.predictions import keep_score, write_predictions
from tests.factories.graph import find_entity, relate_now, write

MADE = date(2024, 6, 1)
RUI, ANA = "Rui Costa", "Ana Silva"


@pytest.fixture
def ends(user):
    """Two who were never named together."""
    relate_now(write(user, RUI), write(user, ANA))
    return tuple(sorted(find_entity(user, name).pk for name in (RUI, ANA)))


@pytest.fixture
def series(user, ends):
    rui = find_entity(user, RUI)
    return Series.objects.create(user=user, entity_a=rui, days=3, occurrences=[1, 2, 3], last=date(1970, 1, 4))


def promise(user, series, *, kind="again", horizon=30, confidence=0.4, expected_on=None):
    return PredictedRelationship.objects.create(
        user=user, series=series, kind=kind, horizon=horizon, prediction_confidence=confidence, expected_on=expected_on
    )


def look(user, *, days, today=MADE):
    """Keep score on a day, when each series (by id) had occurred on these dates."""
    for pk, dates in days.items():
        numbers = [day_number(day) for day in dates]
        Series.objects.filter(pk=pk).update(last=max(dates, default=None), occurrences=numbers)
    keep_score(user, today=day_number(today))


def after(days):
    return MADE + timedelta(days=days)


def test_a_prediction_goes_on_record_once_however_often_it_is_made(user, series):
    promise(user, series)
    for day in (MADE, after(1), after(2)):
        look(user, days={series.pk: []}, today=day)
    entry = PredictionScore.objects.get()
    assert (entry.made_on, entry.due_on, entry.confidence, entry.outcome) == (MADE, after(30), 0.4, None)


@pytest.mark.parametrize(
    ("seen", "today", "outcome"),
    [
        ([5], 5, "hit"),
        ([30], 31, "hit"),
        ([], 30, None),
        ([], 31, "missed"),
        ([0], 31, "missed"),
        ([31], 31, "missed"),
    ],
    ids=["early", "on-the-last-day", "not-due", "never", "only-before", "too-late"],
)
def test_being_named_again_within_the_days_is_a_hit(user, series, seen, today, outcome):
    promise(user, series)
    look(user, days={series.pk: []})
    look(user, days={series.pk: [after(n) for n in seen]}, today=after(today))
    assert PredictionScore.objects.order_by("made_on").first().outcome == outcome


@pytest.mark.parametrize(
    ("seen", "today", "outcome"),
    [([6], 6, "hit"), ([8], 8, "hit"), ([5], 6, None), ([5], 9, "missed"), ([9], 9, "missed")],
)
def test_the_next_slot_may_be_missed_by_a_day(user, series, seen, today, outcome):
    promise(user, series, kind="next", horizon=0, expected_on=after(7))
    look(user, days={series.pk: []})
    look(user, days={series.pk: [after(n) for n in seen]}, today=after(today))
    assert PredictionScore.objects.order_by("made_on").first().outcome == outcome


def test_what_was_decided_is_never_decided_again_and_the_next_promise_is_a_new_entry(user, series):
    promise(user, series)
    look(user, days={series.pk: []})
    look(user, days={series.pk: [after(5)]}, today=after(5))
    look(user, days={series.pk: []}, today=after(50))
    assert list(PredictionScore.objects.order_by("pk").values_list("made_on", "outcome")) == [
        (MADE, "hit"),
        (after(5), "missed"),
        (after(50), None),
    ]


def link(ends, confidence):
    values = {"prediction_confidence": confidence, "prediction_reason": "One other.", "expected_on": None}
    return Finding((ends, "link", 30), "computed", values)


def test_a_pair_that_is_expected_to_meet_has_a_series_without_days(user, ends):
    write_predictions(user, findings=[link(ends, 0.3)], asked=None, there=set())
    row = PredictedRelationship.objects.get()
    assert (row.kind, row.series.days, row.series.entity_a_id, row.series.entity_b_id) == ("link", 0, *ends)


def test_a_pair_that_meets_as_expected_is_a_hit(user, ends):
    write_predictions(user, findings=[link(ends, 0.3)], asked=None, there=set())
    look(user, days={})
    relate_now(write(user, RUI, ANA, day=after(9)))
    look(user, days={}, today=after(10))
    entry = PredictionScore.objects.order_by("pk").first()
    assert (entry.kind, entry.outcome) == ("link", "hit")


def test_a_pair_is_forgotten_when_it_is_neither_expected_nor_on_record(user, ends):
    write_predictions(user, findings=[link(ends, 0.3)], asked=None, there=set())
    write_predictions(user, findings=[], asked=None, there=set())
    assert not Series.objects.filter(days=0).exists()
    write_predictions(user, findings=[link(ends, 0.3)], asked=None, there=set())
    look(user, days={})
    write_predictions(user, findings=[], asked=None, there=set())
    assert Series.objects.filter(days=0).count() == 1


def test_between_whole_passes_links_and_series_that_were_not_asked_stay(user, ends, series):
    write_predictions(user, findings=[link(ends, 0.3)], asked=None, there={series.pk})
    promise(user, series)
    write_predictions(user, findings=[], asked=set(), there={series.pk})
    assert PredictedRelationship.objects.count() == 2
    write_predictions(user, findings=[], asked={series.pk}, there={series.pk})
    assert list(PredictedRelationship.objects.values_list("kind", flat=True)) == ["link"]


def test_the_dashboard_shows_the_persons_own_record(user, other_user, series):
    assert read_dashboard(user=user, today=MADE)["prediction_record"] is None
    for n, outcome in enumerate(("hit", "hit", "missed", None)):
        PredictionScore.objects.create(
            user=user, series=series, kind="again", horizon=30, made_on=after(n), due_on=after(30), confidence=0.5,
            outcome=outcome,
        )  # fmt: skip
    record = read_dashboard(user=user, today=MADE)["prediction_record"]
    assert (record["due"], record["hits"], record["promised"]) == (3, 2, 0.5)
    assert record["why"] == "Of 3 predictions that came due, 2 came true; on average 50 % had been promised."
    assert read_dashboard(user=other_user, today=MADE)["prediction_record"] is None


def test_what_is_expected_soon_is_listed_the_next_first_and_nothing_hidden(user, series):
    ana = Series.objects.create(user=user, entity_a=find_entity(user, ANA), days=3)
    promise(user, series, kind="next", horizon=0, expected_on=after(7))
    promise(user, ana, kind="next", horizon=0, expected_on=after(3))
    assert [row["entity"]["name"] for row in list_expected(user_id=user.pk, today=MADE)] == [ANA, RUI]
    assert list_expected(user_id=user.pk, today=after(8)) == []
    series.entity_a.__class__.objects.filter(name=ANA).update(hidden=True)
    assert [row["entity"]["name"] for row in list_expected(user_id=user.pk, today=MADE)] == [RUI]
