"""Erasing: nothing of the text is left anywhere, and the key stays gone."""

import pytest
from django.core.management import call_command
from django.db import connection

from graph.models import Entity, Mention, Relationship
from memories.models import KnownName, Memory, Tombstone
from memories.services.erase import erase_memories
from memories.services.store import edit_memory, store_drafts
from tests.factories import MemoryFactory, find_text, make_draft, run_pipeline

CANARY = "Quillfeather"
TEXT = f"Dinner with Ambrosine {CANARY} and Tomas Kowal in Lisbon. {CANARY} paid."
OTHERS = ("Lunch with Tomas Kowal in Lisbon.", "Tomas Kowal showed Petra Novak the harbour of Lisbon.")


def keep(user, *drafts):
    store_drafts(user=user, drafts=drafts, origin="test")
    run_pipeline()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE graph_work SET due_at = now()")
    call_command("process_memories")
    call_command("refresh_enriched_relationships")


def make_canaries():
    """Two memories that share a name nobody else has, in every field that holds text."""
    everywhere = {
        "author": f"Ambrosine {CANARY}",
        "participants": [{"name": f"Ambrosine {CANARY}", "address": f"a@{CANARY}.example"}],
        "metadata": {CANARY: [CANARY]},
        "thread_id": CANARY,
        "message_id": f"<1@{CANARY}>",
    }
    return [
        make_draft(TEXT, external_id=f"c{n}", title=f"{CANARY} {n}", occurred_at=f"2024-05-0{n}", **everywhere)
        for n in (1, 2)
    ]


def is_canary():
    return Memory.objects.filter(external_id__startswith="c").values_list("pk", flat=True)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_erased_text_is_left_in_any_table_or_view(user):
    MemoryFactory.create_batch(
        60, user=user, stage="enriched", entities=[]
    )  # among many memories a shared name means something
    keep(user, *make_canaries(), *(make_draft(text, external_id=text[:9]) for text in OTHERS))
    before = find_text(CANARY)
    assert {"memories_memory", "entity_matches", "normalized_entities", "graph_entities", "memories_knownname"} <= set(
        before
    )
    assert {"relationship_instances", "view_enriched_relationships"} <= set(before)
    assert erase_memories(user=user, memory_ids=is_canary()) == 2
    call_command("refresh_enriched_relationships")
    assert find_text(CANARY) == []
    assert find_text("Tomas Kowal")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_what_an_edit_took_out_either(user):
    keep(user, *make_canaries())
    calm = {"content": "Stayed at home.", "title": "", "author": "", "participants": [], "metadata": {}}
    for memory in Memory.objects.all():
        edit_memory(memory=memory, changes=calm)
    run_pipeline()
    call_command("refresh_enriched_relationships")
    Memory.objects.update(thread_id="", message_id="")
    assert find_text(CANARY) == []


def test_a_name_that_another_memory_carries_is_still_known(user):
    drafts = [make_draft(f"Note {n}.", external_id=str(n), author="Tomas Kowal") for n in (1, 2)]
    store_drafts(user=user, drafts=drafts, origin="test")
    run_pipeline()
    first, second = Memory.objects.order_by("external_id")
    erase_memories(user=user, memory_ids=[first.pk])
    assert KnownName.objects.get().name == "Tomas Kowal"
    erase_memories(user=user, memory_ids=[second.pk])
    assert not KnownName.objects.exists()


def test_a_name_of_digits_is_looked_for_as_a_name_not_as_an_entitys_id(user):
    mention = {
        "key": "1984",
        "text": "1984",
        "kind": "topic",
        "field": "title",
        "start": 0,
        "end": 4,
        "entity_id": None,
    }
    first, _ = [MemoryFactory(user=user, entities=[mention]) for _ in range(2)]
    KnownName.objects.create(user=user, key="1984", name="1984", kind="topic")
    erase_memories(user=user, memory_ids=[first.pk])
    assert KnownName.objects.exists()


def test_what_the_graph_drew_from_other_memories_stays(user):
    store_drafts(user=user, drafts=[*make_canaries(), *map(make_draft, OTHERS)], origin="test")
    run_pipeline()
    erase_memories(user=user, memory_ids=is_canary())
    assert "Tomas Kowal" in Entity.objects.values_list("name", flat=True)
    assert set(Mention.objects.values_list("memory_id", flat=True)) == set(Memory.objects.values_list("pk", flat=True))
    assert not Relationship.objects.filter(reasoning__icontains=CANARY).exists()


def test_only_the_key_is_remembered(user):
    memory = MemoryFactory(user=user, source="gmail", account="a@example.org", external_id="m1")
    erase_memories(user=user, memory_ids=[memory.pk])
    assert Tombstone.objects.values_list("user", "source", "account", "external_id").get() == (
        user.pk,
        "gmail",
        "a@example.org",
        "m1",
    )


def test_somebody_elses_memory_is_not_erased(user, other_user):
    theirs = MemoryFactory(user=other_user)
    assert erase_memories(user=user, memory_ids=[theirs.pk]) == 0
    assert Memory.objects.exists()
    assert not Tombstone.objects.exists()


@pytest.mark.parametrize("pk", [0, -1, 2**63, 10**30])
def test_an_id_that_no_memory_can_have_erases_nothing(user, pk):
    assert erase_memories(user=user, memory_ids=[pk]) == 0
