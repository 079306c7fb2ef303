"""Enriched: when a pass is a whole one, and what it finds of layers that were never on and where nothing is planted."""

from datetime import timedelta

import pytest
from waffle.testutils import override_switch

from graph.enrichment.temporal import TemporalLayer
from graph.models import (
    CausalRelationship,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    SeasonalPattern,
    Series,
    Statistics,
    TemporalPattern,
)
from graph.services.layers import renew_all_layers, renew_layers
from tests.factories import UserFactory
from tests.factories.graph import read_rows
from tests.factories.lives import TODAY, live, plan_life, shuffle

LIVE = "live_enriched_relationships"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def asked(monkeypatch):
    """By call of layer 2, the series that were asked for."""
    calls, compute = [], TemporalLayer.compute

    def note(layer, world):
        calls.append(world.asked)
        return compute(layer, world)

    monkeypatch.setattr(TemporalLayer, "compute", note)
    return calls


def test_without_statistics_the_first_pass_is_a_whole_one(user, today, asked):
    live(user, plan_life()[:60])
    renew_layers(user_id=user.pk)
    assert Statistics.objects.get(user=user).memories == 60
    assert asked == [set(Series.objects.filter(user=user).values_list("pk", flat=True))]


@pytest.mark.parametrize(("more", "counted"), [(40, 40), (41, 81)])
def test_memories_that_more_than_doubled_bring_a_whole_pass(user, today, more, counted):
    plan = plan_life()
    live(user, plan[:40])
    renew_all_layers(user_id=user.pk)
    live(user, plan[40 : 40 + more])
    renew_layers(user_id=user.pk)
    assert Statistics.objects.get(user=user).memories == counted


@pytest.mark.parametrize("name", ["temporal", "seasonal", "prediction", "causal", "pattern", "root_cause"])
def test_a_layer_that_was_never_on_has_no_rows(user, today, name):
    models = {"temporal": TemporalPattern, "seasonal": SeasonalPattern, "prediction": PredictedRelationship}
    models |= {"causal": CausalRelationship, "pattern": RelationshipPattern}
    live(user, plan_life())
    with override_switch(f"enrich_{name}", active=False):
        renew_all_layers(user_id=user.pk)
    rows = {other: model.objects.filter(user=user).exists() for other, model in models.items()}
    assert rows == {other: other != name for other in models}
    assert {row["root_cause_id"] for row in read_rows(LIVE, user=user)} <= {None} or name not in (
        "causal",
        "root_cause",
    )


def test_days_dealt_out_anew_hold_no_rhythm_no_season_and_no_sequence(db, today):
    for seed in range(2):
        person = UserFactory()
        live(person, shuffle(plan_life(), seed=seed))
        renew_all_layers(user_id=person.pk)
    assert not TemporalPattern.objects.filter(status="computed").exists()
    assert not SeasonalPattern.objects.filter(status="computed").exists()
    assert not Relationship.objects.filter(relationship_type="precedes").exists()
