"""Storing: created, updated, unchanged or erased; and a wake-up that costs nothing when nobody hears it."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from memories import wakeups
from memories.models import Lane, Memory, Tombstone
from memories.pipeline import claim_rows
from memories.services import store
from memories.services.erase import erase_memories
from memories.services.store import edit_memory, preview_drafts, retry_failed, store_draft, store_drafts
from tests.factories import MemoryFactory, UserFactory, make_draft, make_step, pass_on

ORIGIN = "import:1"


def save(user, *drafts, origin=ORIGIN):
    return store_drafts(user=user, drafts=drafts, origin=origin)


@pytest.fixture
def woken(monkeypatch):
    """Wake-ups that would have been sent."""
    sent = []
    monkeypatch.setattr(wakeups, "send_wakeup", lambda task, args=(), countdown=None: sent.append((task, *args)))
    return sent


def test_a_draft_becomes_a_row_that_says_where_it_came_from(user):
    assert save(user, make_draft(external_id="a", source="diary", title="Thames", occurred_at="2024-05-03")) == [
        "created"
    ]
    row = Memory.objects.get()
    assert (row.user, row.source, row.external_id, row.title, row.origin) == (user, "diary", "a", "Thames", ORIGIN)
    assert (row.stage, row.attempts, row.revision, row.intake, row.entities) == ("stored", 0, 1, "live", None)
    assert (row.size, row.occurred_precision) == (len("Walked along the river."), "day")


def test_the_same_draft_again_is_unchanged_and_keeps_its_stage(user):
    draft = make_draft(external_id="a", occurred_at="2024-05-03")
    save(user, draft)
    Memory.objects.update(stage="enriched")
    assert save(user, draft, origin="import:2") == ["unchanged"]
    assert Memory.objects.values_list("stage", "revision", "origin").get() == ("enriched", 1, ORIGIN)


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Another"}, {"author": "Ines"}, {"participants": [{"name": "Ines"}]}, {"metadata": {"a": 1}},
        {"occurred_at": "2024-05-04"}, {"occurred_at": "2024-05"}, {"thread_id": "t"}, {"reply_to": "b"},
    ],
    ids=lambda said: ",".join(said),
)  # fmt: skip
def test_a_draft_that_says_anything_else_is_an_edit_that_starts_the_journey_anew(user, said):
    first = {"external_id": "a", "occurred_at": "2024-05-03"}
    save(user, make_draft(**first))
    Memory.objects.update(stage="failed", failed_stage="related", attempts=5)
    assert save(user, make_draft(**(first | said)), origin="import:2") == ["updated"]
    row = Memory.objects.get()
    assert (row.stage, row.failed_stage, row.attempts, row.revision, row.origin) == ("stored", "", 0, 2, "import:2")


def test_what_is_written_is_live_and_what_comes_by_the_thousand_says_so(user):
    store_draft(user=user, draft=make_draft(external_id="note"), origin="api")
    store_drafts(user=user, drafts=[make_draft(external_id="change")], origin="run:2")
    store_drafts(user=user, drafts=[make_draft(external_id="mail")], origin="run:1", lane=Lane.BULK)
    assert dict(Memory.objects.values_list("external_id", "lane")) == {
        "note": Lane.LIVE, "change": Lane.LIVE, "mail": Lane.BULK,
    }  # fmt: skip


def test_whoever_edits_says_in_which_lane_it_goes_anew(user):
    store_drafts(user=user, drafts=[make_draft(external_id="a")], origin="run:1", lane=Lane.BULK)
    edit_memory(memory=Memory.objects.get(), changes={"content": "Walked back."})
    assert Memory.objects.get().lane == Lane.LIVE
    store_drafts(user=user, drafts=[make_draft(external_id="a")], origin="import:2", lane=Lane.BULK)
    assert Memory.objects.get().lane == Lane.BULK


def test_an_old_memory_that_comes_again_with_another_text_is_in_line(user):
    save(user, make_draft(external_id="a"))
    Memory.objects.update(intake="backfill", lane=Lane.BACKFILL, due_at=None)
    assert save(user, make_draft(external_id="a")) == ["unchanged"]
    assert Memory.objects.get().due_at is None
    save(user, make_draft("Walked back.", external_id="a"))
    row = Memory.objects.get()
    assert (row.intake, row.lane, row.due_at is None) == ("live", Lane.LIVE, False)


def test_an_edit_takes_the_row_from_the_worker_that_holds_it(user):
    save(user, make_draft(external_id="a"))
    claim_rows(make_step(pass_on))
    save(user, make_draft("Walked back.", external_id="a"))
    row = Memory.objects.get()
    assert (row.lease_token, row.lease_until, row.size) == (None, None, len("Walked back."))


def test_the_same_key_twice_in_one_batch_is_one_memory_and_the_later_draft_wins(user):
    drafts = [make_draft(text, external_id="a") for text in ("First.", "Second.")]
    assert save(user, *drafts) == ["created", "updated"]
    assert Memory.objects.get().content == "Second."


def test_the_same_id_of_another_source_or_person_is_another_memory(user, other_user):
    save(user, make_draft(external_id="a"), make_draft(external_id="a", source="gmail"))
    save(other_user, make_draft(external_id="a"))
    assert Memory.objects.count() == 3


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Lisbon", date(2024, 5, 3)), ("Asia/Tokyo", date(2024, 5, 4)), ("Pacific/Pago_Pago", date(2024, 5, 3))],
)
def test_a_memorys_day_is_the_one_in_the_persons_own_zone(db, zone, day):
    person = UserFactory(time_zone=zone)
    save(person, make_draft(occurred_at="2024-05-03T22:30Z"))
    assert Memory.objects.get().occurred_on == day


def test_a_preview_says_the_same_and_writes_nothing(user):
    save(
        user,
        make_draft("Old.", external_id="a", occurred_at="2024"),
        make_draft("Same.", external_id="b", occurred_at="2024"),
    )
    drafts = [
        make_draft(text, external_id=key, occurred_at="2024")
        for text, key in (("New.", "a"), ("Same.", "b"), ("More.", "c"))
    ]
    assert preview_drafts(user=user, drafts=drafts) == ["updated", "unchanged", "created"]
    assert sorted(Memory.objects.values_list("content", flat=True)) == ["Old.", "Same."]


def test_an_edit_by_hand_moves_the_day_and_counts_as_a_revision(user):
    memory, _ = store_draft(user=user, draft=make_draft(occurred_at="2024-05-03"), origin="api")
    edited = edit_memory(memory=memory, changes={"occurred_at": make_draft(occurred_at="2024-06-01").occurred_at})
    assert (edited.occurred_on, edited.revision, edited.stage) == (date(2024, 6, 1), 2, "stored")


def test_an_edit_by_hand_that_changes_nothing_is_none(user):
    memory = MemoryFactory(user=user, stage="enriched")
    assert edit_memory(memory=memory, changes={"content": memory.content}).revision == 1
    assert Memory.objects.get().stage == "enriched"


def test_an_erased_key_stays_erased_for_imports(user):
    draft = make_draft(external_id="a")
    memory, _ = store_draft(user=user, draft=draft, origin="api")
    erase_memories(user=user, memory_ids=[memory.pk])
    assert save(user, draft) == preview_drafts(user=user, drafts=[draft]) == ["erased"]
    assert not Memory.objects.exists()


def test_an_erased_key_comes_back_when_its_person_asks_for_it(user):
    draft = make_draft(external_id="a")
    memory, _ = store_draft(user=user, draft=draft, origin="api")
    erase_memories(user=user, memory_ids=[memory.pk])
    again, outcome = store_draft(user=user, draft=draft, origin="api")
    assert (outcome, again.content) == ("created", draft.content)
    assert not Tombstone.objects.exists()


def test_failed_memories_are_put_back_in_line_with_all_attempts_open(user):
    failed = MemoryFactory(user=user, stage="failed", failed_stage="related", attempts=5)
    fine = MemoryFactory(user=user, stage="enriched")
    assert retry_failed(memory_ids=[failed.pk, fine.pk]) == 1
    assert claim_rows(make_step(pass_on)).ids == [failed.pk]
    assert Memory.objects.values_list("attempts", "failed_stage").get(pk=failed.pk) == (1, "")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_the_same_key_make_one_memory(user):
    barrier = Barrier(2, timeout=20)

    def post(content):
        barrier.wait()
        try:
            return store_draft(user=user, draft=make_draft(content, external_id="a"), origin="api")[1]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        outcomes = [sorted(threads.map(post, [f"{n} one", f"{n} two"])) for n in range(5)]
    assert outcomes[0] == ["created", "updated"]
    assert Memory.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_that_somebody_else_is_storing_is_waited_for_and_updated(user, monkeypatch):
    read, rivals = store._read_rows, []

    def read_then_lose_the_race(**asked):
        rows = read(**asked)
        if not rivals:
            rivals.append(True)
            with ThreadPoolExecutor(1) as thread:
                thread.submit(store_from_elsewhere).result()
        return rows

    def store_from_elsewhere():
        MemoryFactory(user=user, external_id="a")
        connections.close_all()

    monkeypatch.setattr(store, "_read_rows", read_then_lose_the_race)
    assert save(user, make_draft("Mine.", external_id="a"), make_draft("New.", external_id="b")) == [
        "updated",
        "created",
    ]
    assert sorted(Memory.objects.values_list("content", flat=True)) == ["Mine.", "New."]


def test_rows_are_locked_in_the_order_in_which_workers_lock_them(user):
    save(user, make_draft(external_id="a"))
    with CaptureQueriesContext(connection) as captured:
        save(user, make_draft("Walked back.", external_id="a"))
    [locking] = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
    assert 'ORDER BY "memories_memory"."id" ASC' in locking


def test_workers_are_woken_once_after_the_commit(user, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        save(user, *(make_draft(external_id=str(n)) for n in range(3)))
        assert woken == []
    assert woken == [("memories.tasks.advance_memories", "stored")]


def test_nobody_is_woken_where_nothing_changed(user, woken, django_capture_on_commit_callbacks):
    save(user, make_draft(external_id="a"))
    with django_capture_on_commit_callbacks(execute=True):
        save(user, make_draft(external_id="a"))
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_was_rolled_back(user, woken):
    with transaction.atomic():
        save(user, make_draft(external_id="a"))
        transaction.set_rollback(True)
    assert woken == []
    assert not Memory.objects.exists()


@pytest.fixture(params=["refuses", "never answers"])
def dead_broker(request, settings, monkeypatch):
    """A broker whose port is closed, or one that is stopped and still accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        monkeypatch.setattr(wakeups, "BREAKER", wakeups.Breaker())
        if request.param == "refuses":
            server.close()
        yield


@pytest.mark.django_db(transaction=True)
def test_a_memory_is_stored_at_once_while_the_broker_is_dead(user, dead_broker):
    seconds = []
    for key in ("a", "b"):
        begun = time.monotonic()
        store_draft(user=user, draft=make_draft(external_id=key), origin="api")
        seconds.append(time.monotonic() - begun)
    assert Memory.objects.count() == 2
    assert seconds[0] < 0.5
    assert wakeups.send_wakeup("memories.tasks.advance_memories", args=["stored"]) is False
    assert seconds[1] < 0.15
