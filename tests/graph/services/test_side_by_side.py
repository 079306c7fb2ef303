"""Related: two workers at once, and memories in any order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.models import Leaf
from graph.services.relate import relate_memories, write_entity_ids
from memories.models import Memory
from memories.pipeline import claim_rows, get_step
from memories.services.erase import erase_memories
from tests.factories import MemoryFactory, UserFactory
from tests.factories.graph import (
    FIRST_DAY,
    list_entities,
    list_relationships,
    list_ties,
    relate_now,
    rewrite,
    write,
)

NAMES = ("Ana Silva", "Ana", "Rui Costa", "Rui", "@Porto", "#chess", "&Acme")
FEW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SIX = (
    ("Ana Silva", "@Porto"),
    ("Ana", "#chess"),
    ("Rui Costa", "Ana Silva"),
    ("Rui", "@Porto"),
    ("Rui Costa", "#chess"),
    ("Ana Silva", "Rui Costa", "&Acme"),
)


def run_at_once(*jobs):
    """Run each job on a thread and a connection of its own, all beginning together; returns their results."""
    start = Barrier(len(jobs))

    def run(job):
        try:
            start.wait(10)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_not_make_one_person_twice():
    ana = UserFactory()
    step = replace(get_step("extracted"), rows=4)
    for n in range(8):
        write(ana, "Ana Silva", "Rui Costa", day=FIRST_DAY + timedelta(days=n))
    claims = [claim_rows(step), claim_rows(step)]
    run_at_once(*[lambda claim=claim: relate_memories(claim) for claim in claims])
    last = FIRST_DAY + timedelta(days=7)
    assert list_entities(ana) == {("person", name, 8, FIRST_DAY, last) for name in ("Ana Silva", "Rui Costa")}
    assert list_ties(ana) == {("Ana Silva", "Rui Costa", 8, 8.0, FIRST_DAY, last)}
    assert Leaf.objects.filter(user=ana).count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_extracted_anew_while_ids_are_written_is_not_overwritten():
    memory = write(UserFactory(), "Ana Silva")
    relate_now(memory)
    Memory.objects.update(entities=[mention | {"entity_id": None} for mention in memory.entities])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Memory.objects.filter(pk=memory.pk).update(entities=[{"key": "new"}])
            waiting = pool.submit(_write_ids, memory)
            _wait_for_a_lock()
        waiting.result(10)
    assert Memory.objects.get(pk=memory.pk).entities == [{"key": "new"}]


def _write_ids(memory):
    try:
        write_entity_ids(user_id=memory.user_id, memory_ids=[memory.pk])
    finally:
        connection.close()


def _wait_for_a_lock():
    """Until some other session of this database waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT pg_sleep(0.02), count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database OR l.database IS NULL"
                " WHERE NOT l.granted AND d.datname = current_database()"
            )
            if cursor.fetchone()[1]:
                return
    raise AssertionError("nobody waits")


@given(order=st.sampled_from(sorted(permutations(range(6)))))
@settings(FEW, max_examples=5)
def test_the_order_of_arrival_does_not_matter(db, order):
    seen = []
    for places in (range(6), order):
        person = UserFactory()
        for place in places:
            relate_now(write(person, *SIX[place], day=FIRST_DAY + timedelta(days=place)))
        seen.append((list_entities(person), list_ties(person)))
    assert seen[0] == seen[1]


acts = st.lists(
    st.tuples(
        st.sampled_from(["store", "store", "edit", "erase"]),
        st.integers(0, 5),
        st.lists(st.sampled_from(NAMES), max_size=4),
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=9,
)


@given(acts=acts)
@settings(FEW, max_examples=8)
def test_after_any_acts_the_tables_equal_a_rebuild_from_scratch(db, acts):
    """Relationships that share entities are left out: each memory's ten best depend on who had arrived when it was related."""
    person = UserFactory()
    kept = []
    for act, place, names, thread in acts:
        perform(act, person=person, kept=kept, place=place, names=names, thread=thread)
    assert describe(person) == describe(rebuild(person))


def perform(act, *, person, kept, place, names, thread):
    if act == "store" or not kept:
        thread_id = f"t{thread}" if thread else ""
        kept.append(write(person, *names, day=FIRST_DAY + timedelta(days=place), thread_id=thread_id))
        relate_now(kept[-1])
        return
    memory = kept[place % len(kept)]
    if act == "erase":
        kept.remove(memory)
        erase_memories(user=person, memory_ids=[memory.pk])
        return
    rewrite(memory, *names, between=". " * (1 + 700 * (thread == 3)))
    relate_now(memory)


def rebuild(person):
    """Another person with the same memories, all related in one batch."""
    twin = UserFactory()
    columns = ("external_id", "content", "entities", "occurred_at", "thread_id", "content_hash")
    rows = Memory.objects.filter(user=person).order_by("pk").values(*columns)
    memories = [MemoryFactory(user=twin, **row) for row in rows]
    if memories:
        relate_now(*memories)
    return twin


def describe(person):
    ids = dict(Memory.objects.filter(user=person).values_list("pk", "external_id"))
    lasting = {(ids[a], ids[b], kind) for a, b, kind in list_relationships(person) if kind != "shares_entity"}
    return list_entities(person), list_ties(person), lasting
