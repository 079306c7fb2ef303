"""A connection is synced: everything there becomes a memory once, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from integrations.errors import (
    ItemRefused,
    RateLimited,
    Refused,
)
from integrations.models import RemoteItem, SyncRun
from integrations.services.decisions import pause_connection, start_due_syncs, start_sync
from integrations.services.sync import sync_connection
from memories.errors import WorkFailed
from memories.models import Lane, Memory
from memories.services.erase import erase_memories
from tests.factories.integrations import ConnectionFactory
from tests.fakes.shelf import Killed
from tests.fakes.syncs import list_texts, make_run_due, read_counts, run_sync, set_connection


def read_rows():
    """Every row that a sync writes beside the run's own, with the transaction that wrote it."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT 'memory', id, xmin::text FROM memories_memory"
            " UNION ALL SELECT 'item', id, xmin::text FROM integrations_remoteitem"
            " UNION ALL SELECT 'change', id, xmin::text FROM integrations_syncchange"
        )
        return sorted(cursor.fetchall())


def is_cursor_behind_rows(shelf, connection):
    """Whatever the saved cursor has passed is stored."""
    connection.refresh_from_db()
    after = (connection.cursor or {}).get("after", "")
    passed = (
        set(shelf.items)
        if (connection.cursor or {}).get("phase") == "changes"
        else {i for i in shelf.items if i <= after}
    )
    return passed <= set(list_texts(connection))


def test_everything_becomes_a_memory_and_carries_its_run(gmail, shelf):
    shelf.fill(37)
    run = run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert (run.state, run.kind, read_counts(run)) == ("done", "first", {"created": 37})
    assert set(Memory.objects.values_list("origin", flat=True)) == {f"run:{run.pk}"}
    assert gmail.next_at > timezone.now()


def test_the_first_import_stands_behind_what_is_new_and_a_later_change_is_new(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    shelf.put(m003="Another text.")
    run_sync(gmail)
    assert sorted(Memory.objects.values_list("lane", flat=True)) == [Lane.LIVE, *[Lane.BULK] * 3]


def test_a_second_sync_writes_nothing_and_reads_no_item(gmail, shelf):
    shelf.fill(25)
    run_sync(gmail)
    before, shelf.read = read_rows(), []
    run = run_sync(gmail)
    assert (read_rows(), shelf.read, read_counts(run)) == (before, [], {})


def test_what_was_added_changed_and_removed_is_followed(gmail, shelf):
    shelf.fill(12)
    run_sync(gmail)
    shelf.put(m003="Another text.", n001="A new one.")
    shelf.take("m005")
    run = run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert read_counts(run) == {"created": 1, "updated": 1, "deleted": 1}


def test_a_removed_item_that_comes_back_becomes_a_memory_again(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    shelf.take("m001")
    run_sync(gmail)
    shelf.put(m001="It is back.")
    run_sync(gmail)
    assert list_texts(gmail)["m001"] == "It is back."


def test_what_its_person_erased_stays_erased(gmail, shelf, user):
    shelf.fill(3)
    run_sync(gmail)
    erase_memories(user=user, memory_ids=[Memory.objects.get(external_id="m001").pk])
    shelf.put(m001="It was edited there.")
    assert read_counts(run_sync(gmail)) == {"skipped": 1}
    assert "m001" not in list_texts(gmail)


@pytest.mark.parametrize("first", ["removal", "arrival"])
def test_a_move_told_as_removal_and_arrival_deletes_nothing(gmail, shelf, first):
    shelf.items, shelf.paths = {"a": "A letter."}, {"a": "/old/letter"}
    run_sync(gmail)
    memory = Memory.objects.get()
    shelf.paths["a"] = "/new/letter"
    moves = [lambda: shelf.put(a="A letter."), lambda: shelf.journal.append(shelf.path_removal("/old"))]
    for move in moves if first == "arrival" else reversed(moves):
        move()
    assert read_counts(run_sync(gmail)) == {"unchanged": 1}
    assert Memory.objects.get().pk == memory.pk
    assert RemoteItem.objects.get().path == "/new/letter"


def test_a_removed_folder_takes_what_lies_below_and_no_neighbour(gmail, shelf):
    shelf.paths = {"a": "/x/one", "b": "/x/deep/two", "c": "/xy/three", "d": "/x"}
    shelf.items = {key: f"Text {key}." for key in shelf.paths}
    run_sync(gmail)
    shelf.take_path("/x")
    assert read_counts(run_sync(gmail)) == {"deleted": 3}
    assert list(list_texts(gmail)) == ["c"]


def test_an_item_that_cannot_become_a_memory_is_skipped_with_its_reason(gmail, shelf):
    shelf.fill(3)
    shelf.broken["m001"] = ItemRefused("holds no text")
    run = run_sync(gmail)
    assert read_counts(run) == {"created": 2, "skipped": 1}
    assert RemoteItem.objects.get(state="skipped").reason == "holds no text"


@pytest.mark.parametrize("call", range(1, 28))
def test_a_worker_that_dies_at_any_call_loses_and_doubles_nothing(gmail, shelf, call):
    shelf.fill(23)
    shelf.errors = {call: Killed()}
    start_sync(connection=gmail)
    with pytest.raises(Killed):
        sync_connection(connection_id=gmail.pk)
    assert is_cursor_behind_rows(shelf, gmail)
    make_run_due()
    sync_connection(connection_id=gmail.pk)
    assert list_texts(gmail) == shelf.items
    assert SyncRun.objects.get().created == 23
    assert sorted(shelf.read) == sorted(set(shelf.read)) or call > 1


def test_access_to_another_account_is_refused(gmail, shelf):
    shelf.account = "eva@postbox.example"
    with pytest.raises(WorkFailed, match="given to eva"):
        run_sync(gmail)
    gmail.refresh_from_db()
    assert (gmail.state, gmail.account) == ("needs_reauth", "ana@postbox.example")


def test_an_account_connected_twice_goes_on_under_its_first_connection(gmail, shelf, user):
    shelf.fill(4)
    run_sync(gmail)
    again = ConnectionFactory(user=user, provider="gmail", nango_id="new-access")
    run_sync(again)
    gmail.refresh_from_db()
    assert (gmail.nango_id, gmail.state, again.state) == ("new-access", "active", "leaving")
    assert Memory.objects.count() == 4


def test_an_expired_cursor_lists_everything_once_more_in_the_same_run(gmail, shelf):
    shelf.fill(12)
    run_sync(gmail)
    del shelf.items["m002"]
    shelf.items["x"] = "Came while nobody looked."
    shelf.oldest = 99
    shelf.journal = [shelf.path_removal("/nothing")] * 99
    run = run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert (run.kind, read_counts(run)) == ("resync", {"created": 1, "deleted": 1, "unchanged": 11})


def test_a_sweep_finds_what_no_change_told_of(gmail, shelf):
    shelf.sweep_every = timedelta(days=7)
    shelf.fill(12)
    run_sync(gmail)
    del shelf.items["m002"]
    assert read_counts(run_sync(gmail)) == {}
    set_connection(gmail, swept_at=timezone.now() - timedelta(days=8))
    run = run_sync(gmail)
    assert (run.kind, read_counts(run)) == ("sweep", {"unchanged": 11, "deleted": 1})


def test_a_paused_connection_writes_nothing_more(gmail, shelf):
    shelf.fill(30)
    shelf.on_call = lambda call: pause_connection(connection=gmail) if call == 12 else None
    run_sync(gmail)
    assert SyncRun.objects.get().state == "stopped"
    assert len(list_texts(gmail)) <= 10


def test_switched_off_nothing_is_opened_and_nothing_is_lost(gmail, shelf, monkeypatch):
    shelf.fill(3)
    start_sync(connection=gmail)
    monkeypatch.setattr("integrations.flags.is_switch_on", lambda name: name != "sync_gmail")
    sync_connection(connection_id=gmail.pk)
    assert (start_due_syncs(), shelf.calls, SyncRun.objects.get().state) == (0, 0, "queued")
    monkeypatch.undo()


def test_due_connections_get_one_run_however_often_they_are_asked(gmail, shelf):
    assert [start_due_syncs(), start_due_syncs()] == [1, 0]
    assert SyncRun.objects.filter(state="queued").count() == 1


def test_access_to_another_account_in_the_middle_of_a_run_is_refused(gmail, shelf):
    shelf.fill(30)
    shelf.errors = {13: RateLimited("patience", delay=5)}
    start_sync(connection=gmail)
    sync_connection(connection_id=gmail.pk)
    shelf.account = "eva@postbox.example"
    make_run_due()
    with pytest.raises(WorkFailed, match="given to eva"):
        sync_connection(connection_id=gmail.pk)
    assert len(list_texts(gmail)) < 30


@pytest.mark.parametrize("state", ["new", "paused", "held"])
def test_a_second_connection_to_an_account_takes_nobodys_decision(gmail, shelf, user, state):
    set_connection(gmail, state=state)
    run_sync(ConnectionFactory(user=user, provider="gmail", nango_id="new-access"))
    gmail.refresh_from_db()
    assert (gmail.nango_id, gmail.state) == ("new-access", state)
    assert not SyncRun.objects.filter(connection=gmail).exists()


def test_an_account_that_the_provider_does_not_name_is_known_by_its_id(gmail, shelf):
    def refuse(*, fetch):
        raise Refused("Dropbox answered 400")

    shelf.read_account = refuse
    set_connection(gmail, account="")
    shelf.fill(3)
    run_sync(gmail)
    assert gmail.account == gmail.nango_id
    assert list_texts(gmail) == shelf.items
