"""Enriched: the stage draws the lines that texts give and lets what stands already speak; what needs a whole life is asked for as a job."""

from datetime import timedelta

import pytest
from waffle.testutils import override_switch

from graph.models import CausalRelationship, DuplicateTransaction, Relationship, Work
from graph.services.enrich import enrich, enrich_memories
from graph.services.layers import renew_all_layers, renew_layers
from memories.models import Memory
from memories.pipeline import claim_rows, get_step
from tests.factories.graph import FIRST_DAY, read_rows, relate_now, write

LATER = FIRST_DAY + timedelta(days=2)
INVOICE = "Paid Rui for the boiler, £181.75 as agreed, order AB-99245"


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


def test_enriching_draws_the_lines_that_texts_give(user):
    told = [write(user, content=INVOICE, source=source) for source in ("note", "gmail")]
    other = write(user, content=f"{INVOICE}.", day=LATER)
    relate_now(*told, other)
    enrich_now(*told, other)
    kinds = Relationship.objects.filter(user=user).values_list("relationship_type", flat=True)
    assert "duplicate_of" in kinds


def test_a_claimed_batch_is_enriched_and_asks_each_person_for_the_job_of_layers(user, other_user, mails):
    relate_now(*[write(other_user, content="Rain.") for _ in range(2)])
    Memory.objects.update(stage="related")
    Work.objects.all().delete()
    enrich_memories(claim_rows(get_step("related")))
    assert set(Memory.objects.values_list("stage", flat=True)) == {"enriched"}
    asked = Work.objects.values_list("user_id", "kind")
    assert sorted(asked) == sorted([(user.pk, "layers"), (other_user.pk, "layers")])


def test_enriching_a_batch_of_two_people_waits_longer_while_more_is_on_its_way(user, mails):
    write(user, "Ana Silva", stage="stored")
    Memory.objects.exclude(stage="stored").update(stage="related")
    enrich_memories(claim_rows(get_step("related")))
    work = Work.objects.get(kind="layers")
    assert (work.due_at - work.asked_at).total_seconds() > 10


def test_the_job_says_that_an_answer_has_a_cause_and_a_copy_is_a_duplicate(user, mails):
    enrich_now(*mails)
    renew_layers(user_id=user.pk)
    causal, duplicate = CausalRelationship.objects.get(), DuplicateTransaction.objects.get()
    assert causal.relationship.relationship_type == "reply_to"
    assert (causal.causal_score, causal.causal_strength) == (1.0, None)
    assert (causal.causal_direction, causal.causal_basis) == ("source_to_target", "response")
    assert duplicate.relationship.relationship_type == "duplicate_of"
    assert (duplicate.is_duplicate, duplicate.duplicate_confidence, duplicate.evidence["days_apart"]) == (True, 1.0, 0)


def test_what_was_found_is_seen_in_the_live_rows(user, mails):
    enrich_now(*mails)
    renew_layers(user_id=user.pk)
    rows = {row["relationship_type"]: row for row in read_rows("live_enriched_relationships", user=user)}
    assert rows["reply_to"]["layers"] & 0b110000001 == 1 << 0 | 1 << 7
    assert rows["duplicate_of"]["layers"] & 0b110000001 == 1 << 7 | 1 << 8


def test_a_second_pass_writes_no_second_row(user, mails):
    renew_all_layers(user_id=user.pk)
    before = list(CausalRelationship.objects.values_list("pk", "computed_at"))
    renew_layers(user_id=user.pk)
    renew_all_layers(user_id=user.pk)
    assert list(CausalRelationship.objects.values_list("pk", "computed_at")) == before != []


def test_a_finding_that_no_longer_holds_is_removed(user, mails):
    renew_all_layers(user_id=user.pk)
    Relationship.objects.filter(relationship_type="reply_to").update(relationship_type="same_event")
    renew_layers(user_id=user.pk)
    assert not CausalRelationship.objects.exists()
    assert DuplicateTransaction.objects.exists()


def test_a_finding_goes_with_its_relationship(user, mails):
    renew_all_layers(user_id=user.pk)
    Relationship.objects.filter(relationship_type="reply_to").delete()
    assert not CausalRelationship.objects.exists()


def test_a_switched_off_detection_draws_nothing_and_leaves_what_stands(user, mails):
    copies = [write(user, content=f"{INVOICE}{end}") for end in ("", ".")]
    relate_now(*copies)
    with override_switch("enrich_duplicate", active=False):
        enrich_now(*copies)
    assert not Relationship.objects.filter(detection_method="near_text").exists()
    assert Relationship.objects.filter(detection_method="equal_text").exists()
