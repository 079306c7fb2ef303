"""Enriched: which finding speaks for a relationship, and which layers a tie has something from."""

from datetime import timedelta

import pytest

from graph.models import (
    CausalRelationship,
    Entity,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    SeasonalPattern,
    Series,
    TemporalPattern,
    Tie,
)
from graph.services.choose import (
    choose_clusters,
    choose_patterns,
    choose_series,
    list_patterns,
    mark_ties,
    match_patterns,
)
from graph.services.facts import read_events
from memories.models import User
from tests.factories.graph import FIRST_DAY, find_entity, find_tie, relate_now, write

RUI, ANA, PORTO = "Rui Costa", "Ana Silva", "@Porto"
TEMPORAL, SEASONAL, CAUSAL, PATTERN, PREDICTION, CHANGE = 2, 4, 1, 8, 32, 128


@pytest.fixture
def row(user):
    """A relationship of two memories that name the same three."""
    rows = [write(user, RUI, ANA, PORTO, day=FIRST_DAY + timedelta(days=n)) for n in range(2)]
    relate_now(*rows)
    return Relationship.objects.get(user=user, relationship_type="duplicate_of")


def recur(user, *names, p, days=5, status="computed", model=TemporalPattern):
    """A finding of the series of these entities; its number is the score."""
    ends = sorted(find_entity(user, name.lstrip("@")).pk for name in names)
    series, _ = Series.objects.update_or_create(
        user=user, entity_a_id=ends[0], entity_b_id=ends[1] if len(ends) > 1 else None, defaults={"days": days}
    )
    column = {TemporalPattern: "recurrence_score", SeasonalPattern: "seasonal_strength"}[model]
    return model.objects.create(
        user=user, series=series, p_adjusted=p, status=status, **{column: 0.5 if status == "computed" else None}
    )


def expect(user, *names, days=5, kind="again", horizon=30, confidence=0.4):
    ends = sorted(find_entity(user, name.lstrip("@")).pk for name in names)
    series, _ = Series.objects.get_or_create(
        user=user, entity_a_id=ends[0], entity_b_id=ends[1] if len(ends) > 1 else None, defaults={"days": days}
    )
    return PredictedRelationship.objects.create(
        user=user, series=series, kind=kind, horizon=horizon, prediction_confidence=confidence
    )


def chosen(row, column):
    choose_series(row.user_id, relationship_ids=None)
    row.refresh_from_db()
    return getattr(row, f"{column}_id")


@pytest.mark.parametrize(
    ("model", "column"), [(TemporalPattern, "temporal_pattern"), (SeasonalPattern, "seasonal_pattern")]
)
def test_the_series_with_the_lowest_adjusted_p_speaks(user, row, model, column):
    recur(user, RUI, p=0.02, days=90, model=model)
    best = recur(user, ANA, RUI, p=0.01, model=model)
    recur(user, PORTO, p=0.001, status="not_significant", model=model)
    assert chosen(row, column) == best.pk


def test_of_equals_the_one_with_more_days_speaks_then_the_first_by_name(user, row):
    recur(user, RUI, p=0.01, days=9)
    most = recur(user, PORTO, p=0.01, days=10)
    assert chosen(row, "temporal_pattern") == most.pk
    ana = recur(user, ANA, p=0.01, days=10)
    Series.objects.update(days=10)
    assert chosen(row, "temporal_pattern") == ana.pk


def test_a_series_that_only_one_of_the_memories_names_never_speaks(user, row):
    other = write(user, ANA, "Zita Alves", content="Ana Silva and Zita Alves, again.", reply_to="q")
    first = write(user, ANA, content="Ana Silva.", external_id="q")
    relate_now(first, other)
    reply = Relationship.objects.get(relationship_type="reply_to")
    recur(user, "Zita Alves", p=0.001)
    recur(user, RUI, p=0.001)
    assert chosen(reply, "temporal_pattern") is None
    assert chosen(row, "temporal_pattern") == TemporalPattern.objects.get(series__entity_a__name=RUI).pk


def test_without_a_shared_entity_nothing_speaks(user, row):
    recur(user, RUI, p=0.001)
    expect(user, RUI)
    Relationship.objects.filter(pk=row.pk).update(target_entity_ids=[])
    assert chosen(row, "temporal_pattern") is None
    assert row.predicted_relationship_id is None


def test_what_no_longer_stands_speaks_no_longer(user, row):
    found = recur(user, RUI, p=0.01)
    assert chosen(row, "temporal_pattern") == found.pk
    TemporalPattern.objects.update(status="not_significant")
    assert chosen(row, "temporal_pattern") is None


def test_the_next_slot_of_the_rhythm_that_speaks_goes_before_the_rarest_series(user, row):
    rarest = expect(user, PORTO, days=3)
    expect(user, RUI, days=9)
    expect(user, PORTO, days=3, horizon=7)
    assert chosen(row, "predicted_relationship") == rarest.pk
    recur(user, RUI, p=0.01)
    slot = expect(user, RUI, kind="next", horizon=0)
    assert chosen(row, "predicted_relationship") == slot.pk


def test_only_the_relationships_that_are_asked_for_choose(user, row):
    recur(user, RUI, p=0.01)
    choose_series(user.pk, relationship_ids=[row.pk + 1])
    row.refresh_from_db()
    assert row.temporal_pattern_id is None


def make_pattern(user, *definition, confidence=0.5, kind="template", **evidence):
    return RelationshipPattern.objects.create(
        user=user, kind=kind, definition=list(definition), definition_hash=str(definition),
        pattern_confidence=confidence, evidence=evidence,
    )  # fmt: skip


def pattern_of(row):
    events = read_events(User.objects.get(pk=row.user_id))
    fits = match_patterns(events.values(), patterns=list_patterns(row.user_id))
    choose_patterns(row.user_id, fits=fits, relationship_ids=None)
    row.refresh_from_db()
    return row.pattern_id


def test_of_the_patterns_that_both_memories_fit_the_most_certain_is_chosen(user, row):
    rui, ana = (f"entity:{find_entity(user, name).pk}" for name in (RUI, ANA))
    make_pattern(user, rui, "platform:note", confidence=0.4)
    best = make_pattern(user, ana, "part:morning", confidence=0.6)
    make_pattern(user, rui, "weekday:4", confidence=0.9)  # one is of a Friday, the other of a Saturday
    assert pattern_of(row) == best.pk


def test_a_sequence_is_chosen_where_both_memories_were_its_steps(user, row):
    ana = f"entity:{find_entity(user, ANA).pk}"
    steps = make_pattern(user, ana, kind="sequence", memories=[row.source_event_id])
    assert pattern_of(row) is None
    steps.evidence = {"memories": [row.source_event_id, row.target_event_id]}
    steps.save()
    assert pattern_of(row) == steps.pk


def test_a_pattern_that_one_memory_no_longer_fits_is_chosen_no_longer(user, row):
    porto = f"entity:{find_entity(user, 'Porto').pk}"
    found = make_pattern(user, porto, "platform:note")
    assert pattern_of(row) == found.pk
    row.target_event.__class__.objects.filter(pk=row.target_event_id).update(source="gmail")
    assert pattern_of(row) is None


def test_a_relationship_within_a_cluster_names_it(user, row):
    ends = [row.source_event_id, row.target_event_id]
    cluster = row._meta.get_field("cross_platform").related_model
    found = cluster.objects.create(user=user, memory_ids=ends, platform_sources=["gmail", "note"])
    cluster.objects.create(user=user, memory_ids=[*ends[:1], ends[1] + 99], platform_sources=["gmail", "note"])
    choose_clusters(user.pk, relationship_ids=None)
    row.refresh_from_db()
    assert row.cross_platform_id == found.pk
    found.delete()
    choose_clusters(user.pk, relationship_ids=None)
    row.refresh_from_db()
    assert row.cross_platform_id is None


def mask(user, *names):
    mark_ties(user.pk, entity_ids=None)
    return find_tie(user, *names).layers


def test_a_tie_has_rhythm_season_and_prediction_from_its_own_series_alone(user, row):
    recur(user, RUI, p=0.01)
    choose_series(user.pk, relationship_ids=None)
    assert mask(user, RUI, ANA) == CHANGE
    recur(user, RUI, ANA, p=0.01)
    recur(user, RUI, ANA, p=0.01, model=SeasonalPattern)
    expect(user, RUI, ANA)
    assert mask(user, RUI, ANA) == TEMPORAL | SEASONAL | PREDICTION | CHANGE
    assert mask(user, RUI, "Porto") == CHANGE


def test_a_tie_has_the_other_layers_from_relationships_that_lead_from_one_to_the_other(user, row):
    CausalRelationship.objects.create(user=user, relationship=row, causal_score=1.0, causal_basis="response")
    assert mask(user, RUI, ANA) == CAUSAL | CHANGE
    rui, porto = (find_entity(user, name).pk for name in (RUI, "Porto"))
    Relationship.objects.filter(pk=row.pk).update(source_entity_ids=[rui], target_entity_ids=[porto])
    assert mask(user, RUI, "Porto") == CAUSAL | CHANGE
    assert mask(user, RUI, ANA) == 0


def test_a_bit_goes_when_its_reason_goes(user, row):
    found = recur(user, RUI, ANA, p=0.01)
    causal = CausalRelationship.objects.create(user=user, relationship=row, causal_score=1.0, causal_basis="response")
    assert mask(user, RUI, ANA) == TEMPORAL | CAUSAL | CHANGE
    found.delete()
    assert mask(user, RUI, ANA) == CAUSAL | CHANGE
    causal.delete()
    assert mask(user, RUI, ANA) == CHANGE
    row.delete()
    assert mask(user, RUI, ANA) == 0


def test_only_ties_between_the_entities_that_are_asked_for_are_marked(user, row):
    ends = {find_entity(user, name).pk for name in (RUI, ANA)}
    Tie.objects.update(layers=511)
    mark_ties(user.pk, entity_ids=ends)
    changed = {frozenset(pair) for pair in Tie.objects.exclude(layers=511).values_list("a_id", "b_id")}
    assert changed == {frozenset(ends)}
    assert Entity.objects.filter(user=user).count() == 3
