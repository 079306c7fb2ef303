"""Enriched: after a change the dirty series alone are computed; a whole pass computes everything, exactly."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone
from waffle.testutils import override_switch

from graph.enrichment.temporal import TemporalLayer
from graph.models import (
    CausalRelationship,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    Series,
    TemporalPattern,
)
from graph.services import layers as service
from graph.services.layers import renew_all_layers, renew_layers
from memories.models import Memory, User
from memories.services.erase import erase_memories
from tests.factories import UserFactory
from tests.factories.graph import find_entity, read_rows, relate_now, write
from tests.factories.lives import TODAY, live, noon, plan_life

LIVE = "live_enriched_relationships"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(scope="module")
def lived(standing, today):
    """The key of the person whose life it is: related, and all layers have passed over it once."""
    user = UserFactory(username="ana")
    live(user, plan_life())
    renew_all_layers(user_id=user.pk)
    return user.pk


@pytest.fixture
def user(db, lived):
    return User.objects.get(pk=lived)


@pytest.fixture
def life(user):
    return list(Memory.objects.filter(user=user).order_by("pk"))


def series_of(user, name):
    return Series.objects.get(user=user, entity_a=find_entity(user, name), entity_b=None)


def rhythm_of(user, name):
    return TemporalPattern.objects.get(series=series_of(user, name))


@pytest.fixture
def asked(monkeypatch):
    """By call of layer 2, the series that were asked for."""
    calls, compute = [], TemporalLayer.compute

    def note(layer, world):
        calls.append(world.asked)
        return compute(layer, world)

    monkeypatch.setattr(TemporalLayer, "compute", note)
    return calls


def test_the_planted_rhythm_and_the_planted_sequence_are_found(user, life):
    choir = rhythm_of(user, "choir")
    assert (choir.label, choir.recurrence_score) == ("every Monday", 1.0)
    assert TemporalPattern.objects.filter(status="computed").count() == 1
    rules = {(row.evidence["cause"], row.evidence["effect"]) for row in CausalRelationship.objects.all()}
    assert rules == {(find_entity(user, "long drive").pk, find_entity(user, "knee").pk)}


def test_only_dirty_series_are_computed(user, life, asked):
    before = dict(TemporalPattern.objects.values_list("series_id", "computed_at"))
    relate_now(write(user, "#choir", day=YESTERDAY))
    renew_layers(user_id=user.pk)
    changed = {row.series_id for row in TemporalPattern.objects.all() if row.computed_at != before[row.series_id]}
    assert asked == [{series_of(user, "choir").pk}]
    assert changed == asked[0]
    assert rhythm_of(user, "choir").last_occurrence == YESTERDAY


def test_when_nothing_is_dirty_nothing_is_computed_or_written(user, life, asked):
    before = list(TemporalPattern.objects.values_list("pk", "computed_at").order_by("pk"))
    renew_layers(user_id=user.pk)
    assert asked == [frozenset()]
    assert list(TemporalPattern.objects.values_list("pk", "computed_at").order_by("pk")) == before


def test_a_series_that_became_dirty_during_the_computation_stays_dirty(user, life, monkeypatch):
    compute, knee = service.compute, series_of(user, "knee").pk
    Series.objects.filter(user=user).update(dirty_at=timezone.now() - timedelta(seconds=5))

    def compute_slowly(*args, **kwargs):
        found = compute(*args, **kwargs)
        Series.objects.filter(pk=knee).update(dirty_at=timezone.now())
        return found

    monkeypatch.setattr(service, "compute", compute_slowly)
    renew_layers(user_id=user.pk)
    assert list(Series.objects.filter(dirty_at__isnull=False).values_list("pk", flat=True)) == [knee]


def test_a_series_that_went_during_the_computation_has_no_finding(user, life, monkeypatch):
    compute, knee = service.compute, series_of(user, "knee").pk
    Series.objects.filter(user=user).update(dirty_at=timezone.now())

    def compute_slowly(*args, **kwargs):
        found = compute(*args, **kwargs)
        Series.objects.filter(pk=knee).delete()
        return found

    monkeypatch.setattr(service, "compute", compute_slowly)
    renew_layers(user_id=user.pk)
    assert not TemporalPattern.objects.filter(series_id=knee).exists()
    assert rhythm_of(user, "choir").status == "computed"


def test_a_switched_off_layer_writes_nothing_and_keeps_what_others_need(user, life):
    promised = PredictedRelationship.objects.get(kind="next").expected_on
    TemporalPattern.objects.update(confidence=0.5)
    with override_switch("enrich_temporal", active=False), override_switch("enrich_pattern", active=False):
        caches["flags"].clear()
        renew_all_layers(user_id=user.pk)
    assert rhythm_of(user, "choir").confidence == 0.5
    assert RelationshipPattern.objects.count() == 1
    assert PredictedRelationship.objects.get(kind="next").expected_on == promised


@pytest.mark.parametrize(("moved", "stays"), [(0.03, True), (0.2, False)])
def test_between_whole_passes_a_value_stays_until_it_has_moved_far_enough(user, life, moved, stays):
    exact = rhythm_of(user, "choir").confidence
    TemporalPattern.objects.filter(pk=rhythm_of(user, "choir").pk).update(confidence=exact - moved)
    Series.objects.update(dirty_at=timezone.now())
    renew_layers(user_id=user.pk)
    assert rhythm_of(user, "choir").confidence == (exact - moved if stays else exact)
    renew_all_layers(user_id=user.pk)
    assert rhythm_of(user, "choir").confidence == exact


def test_with_all_layers_a_relationship_is_one_row(user, life):
    told = {"content": "Paid Rui Costa for the boiler, £181.75 as agreed, order AB-99245"}
    mail = write(user, "Rui Costa", external_id="q", source="gmail", **told)
    more = [write(user, "Rui Costa", source=source, reply_to="q", **told) for source in ("note", "gmail", "dropbox")]
    relate_now(mail, *more)
    renew_all_layers(user_id=user.pk)
    rows = read_rows(LIVE, user=user)
    assert [row["id"] for row in rows] == list(
        Relationship.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
    )
    spoken = {bit for bit in range(9) for row in rows if row["layers"] & 1 << bit}
    assert spoken >= {0, 5, 6, 7, 8}


def test_a_memory_less_lowers_the_numbers_of_its_series(user, life):
    before = rhythm_of(user, "choir").evidence
    erase_memories(user=user, memory_ids=[next(row.pk for row in life if row.content.startswith("choir"))])
    renew_layers(user_id=user.pk)
    after = rhythm_of(user, "choir").evidence
    assert (before["n"], before["k"], after["n"], after["k"]) == (40, 40, 39, 39)
    assert after["p"] > before["p"]


def test_an_occasion_less_lowers_the_numbers_of_its_rule_in_the_next_whole_pass(user, life):
    before = CausalRelationship.objects.first().evidence
    drive = next(row.pk for row in life if row.content.startswith("long drive"))
    erase_memories(user=user, memory_ids=[drive])
    assert not CausalRelationship.objects.filter(evidence__memories__contains=drive).exists()
    renew_all_layers(user_id=user.pk)
    after = CausalRelationship.objects.first().evidence
    assert (after["n"], after["k"]) == (before["n"] - 1, before["k"] - 1)


def test_a_rhythm_that_has_lapsed_by_a_later_day_is_expected_no_longer(user, life, monkeypatch):
    assert PredictedRelationship.objects.get(kind="next").expected_on == TODAY + timedelta(days=7)
    monkeypatch.setattr("graph.services.facts.timezone.now", lambda: noon(TODAY + timedelta(days=30)))
    renew_all_layers(user_id=user.pk)
    choir = rhythm_of(user, "choir")
    assert (choir.label, choir.next_predicted_occurrence, choir.evidence["lapsed"]) == ("every Monday", None, True)
    assert not PredictedRelationship.objects.filter(kind="next").exists()
