"""Enriched: what happens between two whole passes is seen at once, and switches lose nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from waffle.testutils import override_switch

from graph.models import (
    CrossPlatformRelationship,
    Entity,
    EventDelta,
    PredictionScore,
    Relationship,
    RootCauseAnalysis,
    Series,
    Statistics,
    TemporalPattern,
)
from graph.services.layers import ask_for_whole_passes, renew_all_layers, renew_layers
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, find_tie, read_rows, relate_now, rewrite, write
from tests.factories.small_life import begin_life, carry_on


@pytest.fixture
def life(user):
    begin_life(user)
    renew_all_layers(user_id=user.pk)
    return user


def test_a_live_relationship_is_never_called_deleted_nor_nothing(life):
    RootCauseAnalysis.objects.filter(user=life).delete()
    chained = Relationship.objects.filter(user=life, relationship_type="precedes").first()
    erase_memories(user=life, memory_ids=[chained.source_event_id])
    types = {row["change_type"] for row in read_rows("live_enriched_relationships", user=life)}
    assert types <= {"created", "modified"}
    assert types


def test_rules_stand_over_a_night_without_their_switch(life):
    before = Relationship.objects.filter(user=life, relationship_type="precedes").count()
    assert before
    with override_switch("enrich_causal", active=False):
        renew_all_layers(user_id=life.pk)
    carry_on([write(life, "#knee", "@Porto", day=FIRST_DAY)])
    renew_layers(user_id=life.pk)
    assert Relationship.objects.filter(user=life, relationship_type="precedes").count() >= before


def test_nothing_is_promised_while_prediction_is_off(user):
    with override_switch("enrich_prediction", active=False):
        begin_life(user)
        renew_all_layers(user_id=user.pk)
    assert not PredictionScore.objects.exists()


def test_what_is_shown_again_is_computed_again(life):
    choir = Entity.objects.get(user=life, name="choir")
    Entity.objects.filter(pk=choir.pk).update(hidden=True)
    Series.objects.filter(entity_a=choir).update(dirty_at=timezone.now())
    TemporalPattern.objects.filter(series__entity_a_id=choir.pk).delete()
    renew_layers(user_id=life.pk)
    Entity.objects.filter(pk=choir.pk).update(hidden=False)
    renew_layers(user_id=life.pk)
    assert TemporalPattern.objects.filter(series__entity_a_id=choir.pk, series__entity_b_id=None).exists()


def test_a_new_event_told_twice_marks_the_ties_of_its_memories(life):
    told = [
        write(life, "Ana Silva", "&Acme", content="Ana Silva of Acme, order ZX-77123, total £912.40", source="gmail"),
        write(life, "Ana Silva", "&Acme", content="paid Acme £912.40 for order ZX-77123, Ana Silva", source="note"),
    ]
    carry_on(told)
    renew_layers(user_id=life.pk)
    assert CrossPlatformRelationship.objects.filter(memory_ids__contains=[told[0].pk]).exists()
    assert find_tie(life, "Ana Silva", "Acme").layers & (1 << 4)


def test_a_name_that_both_lost_is_not_said_to_be_shared(user):
    pair = [write(user, "Ana Silva", "@Porto", content=f"Ana Silva in Porto {n}", day=FIRST_DAY) for n in range(2)]
    others = [write(user, "Rui Costa", day=FIRST_DAY + timedelta(days=n)) for n in range(60)]
    relate_now(*pair, *others)
    for memory in pair:
        rewrite(memory, "@Porto", "#rain")
    relate_now(*Memory.objects.filter(pk__in=[memory.pk for memory in pair]))
    for row in Relationship.objects.filter(user=user, relationship_type="shares_entity", source_event=pair[0]):
        assert "Ana Silva" not in row.reasoning


def test_the_log_forgets_an_erased_memory_even_where_its_relationship_was_gone_before(life):
    row = Relationship.objects.filter(user=life).order_by("pk").first()
    Relationship.objects.filter(pk=row.pk).delete()
    erase_memories(user=life, memory_ids=[row.source_event_id])
    left = EventDelta.objects.filter(user=life, relationship_id=row.pk)
    assert [(delta.change_type, delta.before, delta.after) for delta in left] == [("deleted", None, None)]


def test_who_erased_everything_is_passed_over_once_more(life):
    erase_memories(user=life, memory_ids=list(Memory.objects.filter(user=life).values_list("pk", flat=True)))
    assert ask_for_whole_passes() == 1
    renew_layers(user_id=life.pk)
    row = Statistics.objects.get(user=life)
    assert row.memories == 0
    assert len(bytes(row.sketch)) < 1000
    assert ask_for_whole_passes() == 0
