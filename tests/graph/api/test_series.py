"""Served: what recurs, has a season or is expected, by series."""

from datetime import date, timedelta

import pytest

from graph.models import EntityEvent, Leaf, PredictedRelationship, SeasonalPattern, Series, TemporalPattern
from tests.factories.graph import FIRST_DAY, find_entity, relate_now, write

PATH = "/api/v1/graph/series/"
NAMES = ("Ana Silva", "Rui Costa", "@Porto")


@pytest.fixture
def life(user):
    """Three names on five days, the first two together: a series each and one for the pair."""
    days = [FIRST_DAY + timedelta(days=7 * n) for n in range(5)]
    rows = [write(user, *NAMES[:2], day=day) for day in days]
    rows += [write(user, "@Porto", day=day) for day in days]
    relate_now(*rows)
    return rows


def series_of(user, *names):
    ends = sorted(find_entity(user, name.lstrip("@")).pk for name in names)
    return Series.objects.get(user=user, entity_a_id=ends[0], entity_b_id=ends[1] if len(ends) > 1 else None)


def recur(user, *names, status="computed"):
    return TemporalPattern.objects.create(
        user=user, series=series_of(user, *names), status=status, label="every Friday",
        recurrence_frequency="FREQ=WEEKLY;BYDAY=FR", recurrence_score=0.9, last_occurrence=FIRST_DAY,
        next_predicted_occurrence=date(2024, 6, 7), confidence=0.8, evidence={"n": 5, "k": 5, "expected": 0.7},
    )  # fmt: skip


def has_season(user, *names):
    return SeasonalPattern.objects.create(
        user=user, series=series_of(user, *names), seasonal_strength=0.5, seasonal_months=[5], evidence={"years": 4}
    )


def expect(user, *names, kind="again", horizon=30):
    return PredictedRelationship.objects.create(
        user=user, series=series_of(user, *names), kind=kind, horizon=horizon, prediction_confidence=0.6,
        prediction_reason="Seen on 5 days.", expected_on=date(2024, 6, 7),
    )  # fmt: skip


def get(api, **params):
    response = api.get(PATH, params)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def named(rows):
    return {tuple(sorted(entity["name"] for entity in row["entities"])) for row in rows}


def test_a_series_tells_all_that_is_known_of_it(api, user, life):
    recur(user, "Porto")
    expect(user, "Porto")
    (row,) = get(api)
    recurrence = row.pop("recurrence")
    assert row == {
        "id": series_of(user, "Porto").pk,
        "entities": [{"id": find_entity(user, "Porto").pk, "name": "Porto"}],
        "days": 5,
        "seasonal": None,
        "predictions": [
            {
                "kind": "again",
                "horizon": 30,
                "confidence": 0.6,
                "expected_on": "2024-06-07",
                "why": "Seen on 5 days.",
            }
        ],
    }
    assert (recurrence["rrule"], recurrence["label"], recurrence["next"]) == (
        "FREQ=WEEKLY;BYDAY=FR",
        "every Friday",
        "2024-06-07",
    )
    assert recurrence["why"].startswith("This recurs every Friday: 5 of 5 times")


def test_a_season_has_its_months_and_a_sentence(api, user, life):
    has_season(user, "Porto")
    (row,) = get(api)
    assert (row["recurrence"], row["predictions"]) == (None, None)
    assert (row["seasonal"]["strength"], row["seasonal"]["months"]) == (0.5, [5])
    assert row["seasonal"]["why"].endswith(".")


def test_a_pair_is_a_series_of_two(api, user, life):
    recur(user, "Ana Silva", "Rui Costa")
    assert named(get(api)) == {("Ana Silva", "Rui Costa")}


def test_what_was_not_found_is_not_listed(api, user, life):
    recur(user, "Porto", status="not_significant")
    assert get(api) == []


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"layer": "temporal"}, {("Porto",)}),
        ({"layer": "2"}, {("Porto",)}),
        ({"layer": "seasonal"}, {("Rui Costa",)}),
        ({"layer": "3"}, {("Rui Costa",)}),
        ({"layer": "6"}, {("Ana Silva", "Rui Costa")}),
        ({}, {("Porto",), ("Rui Costa",), ("Ana Silva", "Rui Costa")}),
    ],
)
def test_series_are_filtered_by_a_layers_name_or_number(api, user, life, params, found):
    recur(user, "Porto")
    has_season(user, "Rui Costa")
    expect(user, "Ana Silva", "Rui Costa")
    assert named(get(api, **params)) == found


def test_series_are_filtered_by_an_entity_alone_or_with_others(api, user, life):
    recur(user, "Porto")
    recur(user, "Rui Costa")
    recur(user, "Ana Silva", "Rui Costa")
    rui = find_entity(user, "Rui Costa").pk
    assert named(get(api, entity=rui)) == {("Rui Costa",), ("Ana Silva", "Rui Costa")}
    assert named(get(api, entity=rui, layer="seasonal")) == set()


@pytest.mark.parametrize("layer", ["1", "7", "10", "causal", "Temporal", "x" * 99, "\x00"])
def test_a_layer_that_has_no_series_is_refused_by_its_field(api, user, layer):
    response = api.get(PATH, {"layer": layer})
    assert (response.status_code, list(response.json())) == (400, ["layer"])


@pytest.mark.parametrize("entity", ["x", "-1", "0", "1.5"])
def test_an_entity_that_is_no_id_is_refused_by_its_field(api, user, entity):
    response = api.get(PATH, {"entity": entity})
    assert (response.status_code, list(response.json())) == (400, ["entity"])


def test_somebody_elses_entity_is_not_found(api, user, other_user):
    relate_now(write(other_user, "Porto"))
    assert api.get(PATH, {"entity": find_entity(other_user, "Porto").pk}).status_code == 404


def test_what_is_hidden_is_left_out_with_all_its_pairs(api, user, life):
    recur(user, "Porto")
    recur(user, "Rui Costa")
    recur(user, "Ana Silva", "Rui Costa")
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.get(user=user, key="ana silva"))
    relate_now(*life)
    assert named(get(api)) == {("Porto",), ("Rui Costa",)}


def test_the_longest_series_come_first_and_each_once(api, user, life):
    for names in (("Porto",), ("Rui Costa",), ("Ana Silva",)):
        recur(user, *names)
    Series.objects.filter(pk=series_of(user, "Porto").pk).update(days=9)
    page, seen = api.get(PATH, {"limit": 1}).json(), []
    while page:
        seen += [row["entities"][0]["name"] for row in page["results"]]
        page = api.get(page["next"]).json() if page["next"] else None
    assert (seen[0], sorted(seen)) == ("Porto", ["Ana Silva", "Porto", "Rui Costa"])
