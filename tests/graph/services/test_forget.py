"""Erased: what the layers drew from a memory goes with it, and nothing that stays names it."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection

from graph.models import (
    CausalRelationship,
    CrossPlatformRelationship,
    DuplicateTransaction,
    EventDelta,
    Relationship,
    RelationshipPattern,
    RootCauseAnalysis,
    Suspicion,
)
from graph.services.layers import renew_all_layers, renew_layers
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, find_tie, relate_now, write

FAR = count(770_000_001)
SHOP = [{"name": "Corner Shop", "address": "billing@cornershop.example"}]
TOLD = (
    ("note", "Paid Rui for the boiler, £181.75 as agreed, order AB-99245"),
    ("gmail", "Dear customer, your order AB-99245 is confirmed. Total £181.75. Rui Costa Heating"),
    ("dropbox", "invoice AB-99245 boiler Rui Costa Heating £181.75.pdf"),
)
TABLES = (
    "relationship_instances causal_relationships root_cause_analyses duplicate_transactions cross_platform_relationships"
    " graph_suspicions relationship_patterns event_delta_logs graph_signatures"
)


def list_tables_with(memory):
    """Tables of which a row holds this memory's id as a number of its JSON, or in a list or column of memories."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES.split():
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE jsonb_path_exists(to_jsonb(t) - '{{id,user_id,hash,row_id,relationship_id,version}}'::text[],"
                " '$.** ? (@ == $memory)', jsonb_build_object('memory', %s::bigint))",
                [memory],
            )
            found += [table] if cursor.fetchone()[0] else []
    return found


def note(user, *names, **columns):
    """A memory whose id no other number is equal to."""
    return write(user, *names, id=next(FAR), **columns)


@pytest.fixture
def thread(user):
    """A question, its answer, and the answer to that; all layers have passed."""
    rows = [
        note(
            user, "Ana Silva", external_id=str(n), reply_to=str(n - 1), content=f"Ana Silva {word}.",
            day=FIRST_DAY + timedelta(days=n),
        )
        for n, word in enumerate(("asks", "answers", "thanks"))
    ]  # fmt: skip
    relate_now(*rows)
    renew_all_layers(user_id=user.pk)
    return rows


def read_chains():
    return [[link["memory"] for link in row.chain] for row in RootCauseAnalysis.objects.order_by("pk")]


def test_without_its_only_evidence_a_cause_is_gone_at_once(user, thread):
    assert CausalRelationship.objects.count() == 2
    erase_memories(user=user, memory_ids=[thread[0].pk])
    (left,) = CausalRelationship.objects.all()
    assert left.evidence["memories"] == [thread[1].pk, thread[2].pk]
    assert not EventDelta.objects.filter(layer="causal", change_type="deleted").exclude(before=None).exists()


def test_a_chain_back_to_an_erased_memory_is_gone_at_once_and_is_walked_anew(user, thread):
    ids = [row.pk for row in thread]
    assert ids in read_chains()
    erase_memories(user=user, memory_ids=ids[:1])
    assert read_chains() == []
    renew_layers(user_id=user.pk)
    assert read_chains() == [ids[1:]]


def test_a_tie_loses_the_layer_whose_only_reason_was_erased(user):
    rows = [
        note(
            user, "Ana Silva", "Rui Costa", external_id=str(n), reply_to=str(n - 1), content=f"Ana Silva, Rui Costa {n}"
        )
        for n in range(2)
    ]
    relate_now(*rows, note(user, "Ana Silva", "Rui Costa", content="Ana Silva met Rui Costa."))
    renew_all_layers(user_id=user.pk)
    assert find_tie(user, "Ana Silva", "Rui Costa").layers & 1
    erase_memories(user=user, memory_ids=[rows[0].pk])
    renew_layers(user_id=user.pk)
    assert not find_tie(user, "Ana Silva", "Rui Costa").layers & 1


@pytest.fixture
def rich(user, thread):
    """Beside the thread an event told thrice, a sum charged twice, copies, and a habit."""
    rows = [note(user, source=source, content=text) for source, text in TOLD]
    rows += [
        note(
            user, content=f"Your card was charged £49.90, order INV-10{n}7.", day=FIRST_DAY + timedelta(days=n),
            source="gmail", author="Corner Shop", participants=SHOP,
        )
        for n in range(2)
    ]  # fmt: skip
    rows += [note(user, content="Rain.", day=FIRST_DAY + timedelta(days=n)) for n in range(3)]
    days = [FIRST_DAY + timedelta(days=7 * n) for n in range(1, 13)]
    rows += [note(user, "#choir", "@Porto", content=f"choir and Porto, {day}", day=day) for day in days]
    rows += [note(user, content=f"{n}", day=FIRST_DAY + timedelta(days=n)) for n in range(90)]
    relate_now(*rows)
    renew_all_layers(user_id=user.pk)
    return [*thread, *rows]


def test_the_rich_life_has_something_in_every_table_of_memories(user, rich):
    models = (CausalRelationship, RootCauseAnalysis, DuplicateTransaction, CrossPlatformRelationship, Suspicion)
    assert [model.__name__ for model in (*models, RelationshipPattern) if not model.objects.exists()] == []
    assert {table for row in rich for table in list_tables_with(row.pk)} == set(TABLES.split())


def test_after_an_erasure_no_row_of_any_layer_names_the_memory(user, rich):
    erased = [row.pk for row in rich[:12]] + [rich[15].pk, rich[22].pk]
    erase_memories(user=user, memory_ids=erased)
    named = {table for pk in erased for table in list_tables_with(pk)}
    assert named <= {"relationship_patterns"}  # their evidence is drawn in whole passes, and shown without what is gone
    renew_all_layers(user_id=user.pk)
    assert {table for pk in erased for table in list_tables_with(pk)} == set()


def test_an_event_told_by_one_platform_less_is_told_by_those_that_are_left(user, rich):
    before = CrossPlatformRelationship.objects.get()
    erase_memories(user=user, memory_ids=before.memory_ids[:1])
    assert not CrossPlatformRelationship.objects.exists()
    renew_layers(user_id=user.pk)
    after = CrossPlatformRelationship.objects.get()
    assert (after.memory_ids, len(after.platform_sources)) == (before.memory_ids[1:], 2)
    assert after.evidence["k"] < before.evidence["k"]


def test_copies_of_an_erased_first_are_copies_of_the_next(user, rich):
    first = (
        Relationship.objects.filter(detection_method="equal_text").order_by("source_event_id").first().source_event_id
    )
    before = DuplicateTransaction.objects.count()
    erase_memories(user=user, memory_ids=[first])
    renew_layers(user_id=user.pk)
    assert DuplicateTransaction.objects.count() == before - 1
