"""Enriched: findings are written beside their relationships, and go when the layer no longer stands by them."""

from datetime import timedelta

import pytest
from waffle.testutils import override_switch

from graph.models import CausalRelationship, DuplicateTransaction, Relationship
from graph.services.enrich import enrich, enrich_memories, read_world
from memories.models import Memory
from memories.pipeline import claim_rows, get_step
from tests.factories.graph import FIRST_DAY, read_rows, relate_now, write

LATER = FIRST_DAY + timedelta(days=2)


@pytest.fixture
def mails(user):
    rows = (
        write(user, "Ana Silva", external_id="q", content="Lunch?"),
        write(user, "Ana Silva", external_id="a", reply_to="q", content="Yes.", day=LATER),
        write(user, "Ana Silva", content="Yes.", day=LATER),
    )
    relate_now(*rows)
    return rows


def enrich_now(*memories):
    enrich(user_id=memories[0].user_id, memory_ids=[memory.pk for memory in memories])


def test_an_answer_has_a_cause_and_a_copy_is_a_duplicate(user, mails):
    enrich_now(*mails)
    causal, duplicate = CausalRelationship.objects.get(), DuplicateTransaction.objects.get()
    assert causal.relationship.relationship_type == "reply_to"
    assert (causal.causal_score, causal.causal_strength) == (1.0, None)
    assert (causal.causal_direction, causal.causal_basis) == ("source_to_target", "response")
    assert duplicate.relationship.relationship_type == "duplicate_of"
    assert (duplicate.is_duplicate, duplicate.duplicate_confidence, duplicate.evidence["days_apart"]) == (True, 1.0, 0)


def test_what_was_found_is_seen_in_the_live_rows(user, mails):
    enrich_now(*mails)
    rows = {row["relationship_type"]: row for row in read_rows("live_enriched_relationships", user=user)}
    assert rows["reply_to"]["layers"] == 1 << 0 | 1 << 7
    assert rows["duplicate_of"]["layers"] == 1 << 7 | 1 << 8


def test_enriching_again_writes_no_second_row(user, mails):
    enrich_now(*mails)
    before = list(CausalRelationship.objects.values_list("pk", flat=True))
    enrich_now(*mails)
    assert list(CausalRelationship.objects.values_list("pk", flat=True)) == before


def test_a_finding_that_no_longer_holds_is_removed(user, mails):
    enrich_now(*mails)
    Relationship.objects.filter(relationship_type="reply_to").update(relationship_type="same_event")
    enrich_now(mails[0])
    assert not CausalRelationship.objects.exists()
    assert DuplicateTransaction.objects.exists()


def test_findings_of_memories_that_were_not_asked_about_are_kept(user, mails):
    enrich_now(*mails)
    enrich_now(mails[0])
    assert DuplicateTransaction.objects.count() == 1


def test_a_finding_goes_with_its_relationship(user, mails):
    enrich_now(*mails)
    Relationship.objects.filter(relationship_type="reply_to").delete()
    assert not CausalRelationship.objects.exists()


def test_a_layer_that_is_switched_off_writes_nothing(user, mails):
    with override_switch("enrich_causal", active=False):
        enrich_now(*mails)
    assert not CausalRelationship.objects.exists()
    assert DuplicateTransaction.objects.count() == 1


def test_the_world_holds_the_days_on_which_anything_was_recorded(user, other_user, mails):
    write(other_user, "Ana Silva", day=LATER + timedelta(days=9))
    world = read_world(user_id=user.pk, memory_ids=[mails[0].pk])
    assert world.active_days == (FIRST_DAY, LATER)
    assert set(world.events) == {mails[0].pk, mails[1].pk}
    assert [(edge.source, edge.target, edge.type) for edge in world.edges] == [(mails[0].pk, mails[1].pk, "reply_to")]


def test_a_claimed_batch_is_enriched_and_done(user, other_user, mails):
    copies = [write(other_user, content="Rain.") for _ in range(2)]
    relate_now(*copies)
    Memory.objects.update(stage="related")
    enrich_memories(claim_rows(get_step("related")))
    assert set(Memory.objects.values_list("stage", flat=True)) == {"enriched"}
    assert set(DuplicateTransaction.objects.values_list("user_id", flat=True)) == {user.pk, other_user.pk}
