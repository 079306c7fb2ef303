"""Enriched: rows that a layer's table holds become those that the layer finds now."""

import pytest

from graph.enrichment.base import Finding
from graph.models import EventDelta, SeasonalPattern, Series, TemporalPattern
from graph.services.findings import HYSTERESIS, make_row, replace_rows
from tests.factories.graph import find_entity, relate_now, write


@pytest.fixture
def series(user):
    relate_now(write(user, "Ana Silva", "Rui Costa", "@Porto"))
    ends = [find_entity(user, name) for name in ("Ana Silva", "Rui Costa", "Porto")]
    return [Series.objects.create(user=user, entity_a=end, days=5).pk for end in ends]


def replace(user, found, *, exact=False, model=TemporalPattern):
    """`found` are columns by series; returns the keys that changed."""
    rows = {(pk,): {"status": "computed", "evidence": {}} | columns for pk, columns in found.items()}
    kept = model.objects.filter(user=user)
    return replace_rows(kept, key=("series_id",), rows=rows, user_id=user.pk, exact=exact)


def read(column="recurrence_score"):
    return dict(TemporalPattern.objects.values_list("series_id", column))


def test_rows_come_change_and_go(user, series):
    replace(user, {series[0]: {"recurrence_score": 0.5}, series[1]: {"recurrence_score": 0.6}})
    before = read("pk")
    changed = replace(user, {series[1]: {"recurrence_score": 0.9}, series[2]: {"recurrence_score": 0.7}})
    assert read() == {series[1]: 0.9, series[2]: 0.7}
    assert read("pk")[series[1]] == before[series[1]]
    assert changed == {(pk,) for pk in series}


def test_what_stands_already_is_not_written(user, series):
    found = {series[0]: {"recurrence_score": 0.5, "evidence": {"n": 4}}}
    replace(user, found)
    before = read("computed_at")
    assert replace(user, found, exact=True) == set()
    assert (read("computed_at"), EventDelta.objects.filter(layer="temporal").count()) == (before, 1)


@pytest.mark.parametrize(
    ("moved", "exact", "written"),
    [
        (HYSTERESIS - 0.001, False, False),
        (HYSTERESIS + 0.001, False, True),
        (-HYSTERESIS - 0.001, False, True),
        (0.000_001, True, True),
    ],
)
def test_a_number_is_written_when_it_moved_far_enough_or_exactly(user, series, moved, exact, written):
    replace(user, {series[0]: {"recurrence_score": 0.5}})
    replace(user, {series[0]: {"recurrence_score": 0.5 + moved}}, exact=exact)
    assert read() == {series[0]: 0.5 + moved if written else 0.5}
    assert EventDelta.objects.filter(layer="temporal", change_type="modified").count() == written


@pytest.mark.parametrize(("one", "other"), [(0.01, None), (None, 0.01)])
def test_between_null_and_a_number_there_is_no_small_step(user, series, one, other):
    replace(user, {series[0]: {"recurrence_score": one}})
    assert replace(user, {series[0]: {"recurrence_score": other}})
    assert read() == {series[0]: other}


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("recurrence_frequency", "FREQ=WEEKLY", "FREQ=DAILY"),
        ("status", "computed", "not_significant"),
        ("label", "every day", None),
    ],
)
def test_whatever_is_no_number_is_written_at_once(user, series, column, one, other):
    replace(user, {series[0]: {column: one}})
    assert replace(user, {series[0]: {column: other}})
    assert read(column) == {series[0]: other}


def test_evidence_follows_even_where_the_value_stays(user, series):
    replace(user, {series[0]: {"recurrence_score": 0.5, "evidence": {"n": 40}, "p_adjusted": 0.01}})
    assert replace(user, {series[0]: {"recurrence_score": 0.49, "evidence": {"n": 39}, "p_adjusted": 0.02}}) == set()
    assert (read(), read("evidence"), read("p_adjusted")) == (
        {series[0]: 0.5},
        {series[0]: {"n": 39}},
        {series[0]: 0.02},
    )
    assert EventDelta.objects.filter(layer="temporal").count() == 1


def test_rows_that_were_not_among_the_kept_stay_as_they_are(user, series):
    replace(user, {pk: {"recurrence_score": 0.5} for pk in series})
    kept = TemporalPattern.objects.filter(user=user, series_id=series[0])
    replace_rows(kept, key=("series_id",), rows={}, user_id=user.pk, exact=True)
    assert set(read()) == set(series[1:])


def test_lists_are_compared_as_a_whole(user, series):
    replace(user, {series[0]: {"seasonal_months": [1, 2]}}, model=SeasonalPattern)
    assert replace(user, {series[0]: {"seasonal_months": [1, 2]}}, model=SeasonalPattern) == set()
    assert replace(user, {series[0]: {"seasonal_months": [1, 3]}}, model=SeasonalPattern)
    assert SeasonalPattern.objects.get().seasonal_months == [1, 3]


def test_a_finding_becomes_the_columns_of_its_table():
    values = {"last_occurrence": "2024-05-03", "recurrence_score": 0.5, "label": None}
    row = make_row(Finding(1, "computed", values, {"days": (1, 2)}), model=TemporalPattern)
    assert row["last_occurrence"].isoformat() == "2024-05-03"
    assert (row["recurrence_score"], row["label"], row["status"]) == (0.5, None, "computed")
    assert row["evidence"] == {"days": (1, 2)}


def test_evidence_is_compared_as_it_comes_back(user, series):
    replace(user, {series[0]: {"evidence": {"days": (1, 2)}}})
    assert replace(user, {series[0]: {"evidence": {"days": (1, 2)}}}) == set()
