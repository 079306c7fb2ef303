"""Related: which memories belong together, by headers, by equal texts and by rare names that they share."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.models import DirtyRow, EntityEvent, EventDelta, Leaf, Relationship
from graph.services import relate as service
from graph.services.locks import lock_user
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories import MemoryFactory
from tests.factories.graph import FIRST_DAY, list_relationships, relate_now, rewrite, write

RARE = ("@Braga", "#chess", "Ana Silva")  # three names that two memories share are evidence enough


@pytest.fixture
def crowd(user):
    """So many memories that name nothing that a name in a few others is rare."""
    return Memory.objects.bulk_create(MemoryFactory.build_batch(60, user=user))


def days_later(days):
    return FIRST_DAY + timedelta(days=days)


@pytest.mark.usefixtures("crowd")
def test_memories_that_share_rare_names_belong_together_the_earlier_as_source(user):
    late, early = write(user, *RARE, day=days_later(3)), write(user, *RARE[::-1])
    relate_now(late, early)
    row = Relationship.objects.get(user=user)
    assert (row.source_event_id, row.target_event_id, row.relationship_type) == (early.pk, late.pk, "shares_entity")
    assert row.reasoning.startswith("Both name ")
    assert 0 < row.confidence_score < 1
    assert set(row.source_entity_ids) == set(row.evidence["entities"]) == set(row.target_entity_ids)


@pytest.mark.usefixtures("crowd")
def test_of_equally_rare_names_the_reason_follows_the_alphabet_and_not_their_arrival(user):
    for name in ("Zita Alves", "Ana Lopes"):
        relate_now(write(user, name, day=days_later(500)))
    pair = [write(user, "Zita Alves", "Ana Lopes", day=days_later(n)) for n in range(2)]
    relate_now(*pair)
    row = Relationship.objects.get(source_event=pair[0], target_event=pair[1], relationship_type="shares_entity")
    assert row.reasoning == "Both name Ana Lopes, Zita Alves."


@pytest.mark.usefixtures("crowd")
def test_the_further_apart_in_time_the_weaker(user):
    memories = [write(user, *RARE, day=days_later(days)) for days in (0, 1, 30)]
    relate_now(*memories)
    score = {(r.source_event_id, r.target_event_id): r.confidence_score for r in Relationship.objects.filter(user=user)}
    first, second, third = (memory.pk for memory in memories)
    assert score[first, second] > score[second, third] > score[first, third]


def test_one_common_name_among_few_memories_is_no_evidence(user):
    relate_now(write(user, "Ana Silva", "@Porto"), write(user, "Ana Silva", "@Braga"), write(user, "Rui Costa"))
    assert list_relationships(user) == set()


@pytest.mark.usefixtures("crowd")
def test_a_name_in_too_many_memories_is_no_evidence(user, monkeypatch):
    monkeypatch.setitem(service.RELATE, "cap", 2)
    relate_now(*[write(user, *RARE, content=f"{n}") for n in range(3)])
    assert list_relationships(user) == set()


@pytest.mark.usefixtures("crowd")
def test_a_hidden_entity_is_no_evidence(user):
    memories = write(user, *RARE), write(user, *RARE[::-1], day=days_later(1))
    relate_now(*memories)
    for leaf in Leaf.objects.filter(user=user, kind__in=("place", "topic", "person")):
        EntityEvent.objects.create(user=user, action="hide", entity=leaf)
    relate_now(*memories)
    assert list_relationships(user) == set()


@pytest.mark.usefixtures("crowd")
def test_a_memory_keeps_the_ten_it_shares_most_with(user):
    alike = [write(user, *RARE, day=days_later(n), content=str(n)) for n in range(14)]
    relate_now(*alike)
    Relationship.objects.filter(user=user).delete()
    relate_now(alike[-1])
    found = {(source, target) for source, target, _ in list_relationships(user)}
    assert found == {(memory.pk, alike[-1].pk) for memory in alike[3:-1]}


@pytest.mark.usefixtures("crowd")
def test_relating_one_memory_again_keeps_what_its_neighbours_found(user):
    alike = [write(user, *RARE, day=days_later(4 * n % 7), content=str(n)) for n in range(14)]
    relate_now(*alike)
    before, deltas, dirty = list_relationships(user), EventDelta.objects.count(), DirtyRow.objects.count()
    assert len(before) > 10 * len(alike) / 2
    for memory in alike:
        relate_now(memory)
    assert list_relationships(user) == before
    assert (EventDelta.objects.count(), DirtyRow.objects.count()) == (deltas, dirty)


@pytest.mark.usefixtures("crowd")
def test_no_memory_belongs_to_itself(user):
    memories = [write(user, *RARE, external_id="a", reply_to="a", message_id="m", in_reply_to="m", thread_id="t")]
    relate_now(*memories)
    assert list_relationships(user) == set()


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    ("question", "answer"),
    [({"external_id": "q"}, {"reply_to": "q"}), ({"message_id": "<q@x>"}, {"in_reply_to": "<q@x>"})],
)
def test_an_answer_finds_its_question_whichever_arrives_first(user, question, answer, first):
    mails = (
        write(user, day=FIRST_DAY, content="Lunch?", **question),
        write(user, day=days_later(1), content="Yes.", **answer),
    )
    relate_now(mails[first])
    relate_now(mails[1 - first])
    row = Relationship.objects.get(user=user)
    assert (row.source_event_id, row.target_event_id, row.relationship_type) == (mails[0].pk, mails[1].pk, "reply_to")
    assert (row.confidence_score, row.detection_method) == (1.0, "mail_headers")


def test_the_same_id_from_another_source_is_no_answer(user):
    relate_now(write(user, external_id="q", content="Lunch?"), write(user, source="mail", reply_to="q", content="Yes."))
    assert list_relationships(user) == set()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 0, 2)])
def test_a_thread_is_a_chain_in_the_order_of_time_whatever_arrives_first(user, order):
    mails = [write(user, thread_id="t", day=days_later(n), content=f"{n}") for n in range(3)]
    late = [mails[n] for n in order]
    for mail in late:
        mail.delete()
    for mail in late:
        mail.save(force_insert=True)
        relate_now(mail)
    first, second, third = (mail.pk for mail in mails)
    assert list_relationships(user) == {(first, second, "same_thread"), (second, third, "same_thread")}


def test_relating_the_first_of_a_thread_again_keeps_the_chain(user):
    mails = [write(user, thread_id="t", day=days_later(n), content=f"{n}") for n in range(3)]
    relate_now(*mails)
    before = list_relationships(user)
    relate_now(mails[0])
    assert list_relationships(user) == before


def test_erasing_the_middle_of_a_thread_joins_its_ends(user):
    mails = [write(user, thread_id="t", day=days_later(n), content=f"{n}") for n in range(3)]
    relate_now(*mails)
    erase_memories(user=user, memory_ids=[mails[1].pk])
    assert list_relationships(user) == {(mails[0].pk, mails[2].pk, "same_thread")}


def test_a_mail_that_leaves_a_thread_lets_the_others_close_up(user):
    mails = [write(user, thread_id="t", day=days_later(n), content=f"{n}") for n in range(3)]
    relate_now(*mails)
    mails[1].thread_id = "other"
    mails[1].save()
    relate_now(mails[1])
    assert list_relationships(user) == {(mails[0].pk, mails[2].pk, "same_thread")}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_copies_point_at_the_earliest_whatever_arrives_first(user, order):
    copies = [write(user, day=days_later(n), content="Rain.") for n in range(3)]
    late = [copies[n] for n in order]
    for copy in late:
        copy.delete()
    for copy in late:
        copy.save(force_insert=True)
        relate_now(copy)
    assert list_relationships(user) == {(copies[0].pk, copy.pk, "duplicate_of") for copy in copies[1:]}


def test_erasing_the_earliest_copy_hands_the_rest_to_the_next(user):
    copies = [write(user, day=days_later(n), content="Rain.") for n in range(3)]
    relate_now(*copies)
    erase_memories(user=user, memory_ids=[copies[0].pk])
    assert list_relationships(user) == {(copies[1].pk, copies[2].pk, "duplicate_of")}


def test_a_copy_that_was_edited_is_one_no_longer(user):
    copies = [write(user, day=days_later(n), content="Rain.") for n in range(3)]
    relate_now(*copies)
    copies[0].content_hash = "another"
    copies[0].save()
    relate_now(copies[0])
    assert list_relationships(user) == {(copies[1].pk, copies[2].pk, "duplicate_of")}


def test_of_two_memories_of_one_moment_the_lower_id_is_the_source(user):
    moment = datetime(2024, 5, 3, tzinfo=UTC)
    one, other = (write(user, occurred_at=moment, content="Rain.") for _ in range(2))
    relate_now(other, one)
    assert list_relationships(user) == {(one.pk, other.pk, "duplicate_of")}


@pytest.mark.usefixtures("crowd")
def test_every_change_of_a_relationship_is_a_delta_and_the_row_names_its_last(user):
    memories = write(user, *RARE), write(user, *RARE[::-1], day=days_later(1))
    lock_user(user.pk, cause="relate")
    relate_now(*memories)
    created = Relationship.objects.get(user=user)
    memories[1].occurred_on = days_later(200)
    memories[1].save()
    relate_now(memories[1])
    modified = Relationship.objects.get(user=user)
    rewrite(memories[1], "#else")
    relate_now(memories[1])
    rows = EventDelta.objects.filter(relationship_id=created.pk).order_by("pk")
    assert [(row.layer, row.change_type, row.cause) for row in rows] == [
        ("base", change, "relate") for change in ("created", "modified", "deleted")
    ]
    assert [created.delta_log_id, modified.delta_log_id] == [row.pk for row in rows[:2]]
    assert [row.after["confidence_score"] for row in rows[:2]] == [created.confidence_score, modified.confidence_score]
    assert (rows[2].before["confidence_score"], rows[2].after) == (modified.confidence_score, None)


def test_an_erased_relationship_leaves_numbers_and_ids_alone_in_the_log(user):
    copies = [write(user, day=days_later(n), content="Rain.") for n in range(2)]
    relate_now(*copies)
    erase_memories(user=user, memory_ids=[copies[0].pk])
    row = EventDelta.objects.get(user=user)
    assert (row.change_type, row.before, row.after, row.cause) == ("deleted", None, None, "erase")


@pytest.mark.usefixtures("crowd")
def test_the_sentence_follows_the_names_of_today(user):
    memories = (
        write(user, "Ana Maria Silva", "@Braga"),
        write(user, "Ana Silva", "#chess"),
        write(user, "Ana Silva", "#tea"),
    )
    relate_now(*memories)
    row = Relationship.objects.get(user=user, source_event=memories[1], target_event=memories[2])
    assert row.reasoning == "Both name Ana Maria Silva."
    erase_memories(user=user, memory_ids=[memories[0].pk])
    row.refresh_from_db()
    assert row.reasoning == "Both name Ana Silva."
