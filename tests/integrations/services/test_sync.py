"""A connection is synced: everything there becomes a memory once, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from integrations.errors import (
    AuthSuspect,
    ConnectionGone,
    ItemRefused,
    NeedsReauth,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.failures import record_missed, record_task_failure, resolve_settled
from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from integrations.services.decisions import pause_connection, start_due_syncs, start_sync
from integrations.services.sync import sync_connection
from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories.integrations import ConnectionFactory
from tests.fakes.syncs import list_texts, make_run_due, read_counts, run_sync, set_connection


class Killed(BaseException):
    """The worker dies: no except clause of ours sees it."""


def fill(shelf, count):
    shelf.items = {f"m{number:03}": f"Text number {number}." for number in range(count)}


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
    fill(shelf, 37)
    run = run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert (run.state, run.kind, read_counts(run)) == ("done", "first", {"created": 37})
    assert set(Memory.objects.values_list("origin", flat=True)) == {f"run:{run.pk}"}
    assert gmail.next_at > timezone.now()


def test_a_second_sync_writes_nothing_and_reads_no_item(gmail, shelf):
    fill(shelf, 25)
    run_sync(gmail)
    before, shelf.read = read_rows(), []
    run = run_sync(gmail)
    assert (read_rows(), shelf.read, read_counts(run)) == (before, [], {})


def test_what_was_added_changed_and_removed_is_followed(gmail, shelf):
    fill(shelf, 12)
    run_sync(gmail)
    shelf.put(m003="Another text.", n001="A new one.")
    shelf.take("m005")
    run = run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert read_counts(run) == {"created": 1, "updated": 1, "deleted": 1}


def test_a_removed_item_that_comes_back_becomes_a_memory_again(gmail, shelf):
    fill(shelf, 3)
    run_sync(gmail)
    shelf.take("m001")
    run_sync(gmail)
    shelf.put(m001="It is back.")
    run_sync(gmail)
    assert list_texts(gmail)["m001"] == "It is back."


def test_what_its_person_erased_stays_erased(gmail, shelf, user):
    fill(shelf, 3)
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
    fill(shelf, 3)
    shelf.broken["m001"] = ItemRefused("holds no text")
    run = run_sync(gmail)
    assert read_counts(run) == {"created": 2, "skipped": 1}
    assert RemoteItem.objects.get(state="skipped").reason == "holds no text"


@pytest.mark.parametrize("call", range(1, 28))
def test_a_worker_that_dies_at_any_call_loses_and_doubles_nothing(gmail, shelf, call):
    fill(shelf, 23)
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


def test_a_transient_error_is_tried_five_times_and_then_one_failure(gmail, shelf):
    fill(shelf, 3)
    shelf.errors = dict.fromkeys(range(1, 99), ProviderUnavailable("Gmail answered 500"))
    start_sync(connection=gmail)
    for _ in range(4):
        with pytest.raises(TransientError) as told:
            sync_connection(connection_id=gmail.pk)
        assert told.value.delay >= 15
        make_run_due()
    with pytest.raises(WorkFailed) as failed:
        sync_connection(connection_id=gmail.pk)
    for _ in range(2):
        record_task_failure(exception=failed.value)
    record_missed()
    [failure] = JobFailure.objects.all()
    assert (failure.unit, failure.kind, failure.error) == (
        f"connection:{gmail.pk}",
        "transient-exhausted",
        "Gmail answered 500",
    )
    assert shelf.calls == 5


def test_the_failures_of_an_outage_are_one_and_are_resolved_when_it_is_over(gmail, shelf):
    fill(shelf, 3)
    for _ in range(2):
        shelf.errors = {shelf.calls + 1: Refused("Gmail answered 418")}
        with pytest.raises(WorkFailed) as failed:
            run_sync(gmail)
        record_task_failure(exception=failed.value)
    assert JobFailure.objects.get().runs == 2
    assert JobFailure.objects.get().kind == "permanent"
    run_sync(gmail)
    resolve_settled()
    assert JobFailure.objects.get().state == "resolved"


def test_to_wait_as_told_uses_no_attempt(gmail, shelf):
    fill(shelf, 3)
    run = start_sync(connection=gmail)
    for _ in range(9):
        shelf.errors = {shelf.calls + 1: RateLimited("Gmail asks for patience", delay=77)}
        sync_connection(connection_id=gmail.pk)
        run.refresh_from_db()
        assert (run.state, run.attempts) == ("waiting", 0)
        assert timedelta(seconds=70) < run.due_at - timezone.now() < timedelta(seconds=78)
        sync_connection(connection_id=gmail.pk)  # too early: nothing happens
        make_run_due()
    sync_connection(connection_id=gmail.pk)
    assert list_texts(gmail) == shelf.items


@pytest.mark.parametrize(("waited", "least"), [(60, 45), (600, 200), (36_000, 900)])
def test_who_has_waited_long_in_vain_waits_longer(gmail, shelf, waited, least):
    run = start_sync(connection=gmail)
    SyncRun.objects.update(waiting_since=timezone.now() - timedelta(seconds=waited))
    shelf.errors = {1: RateLimited("Zoho says nothing but no", delay=45)}
    sync_connection(connection_id=gmail.pk)
    run.refresh_from_db()
    assert least - 5 < (run.due_at - timezone.now()).total_seconds() < least + 5


def test_after_a_day_of_nothing_but_waiting_the_run_fails(gmail, shelf):
    run = start_sync(connection=gmail)
    SyncRun.objects.update(waiting_since=timezone.now() - timedelta(hours=25))
    shelf.errors = {1: RateLimited("Gmail asks for patience", delay=60)}
    with pytest.raises(WorkFailed, match="a day"):
        sync_connection(connection_id=gmail.pk)
    run.refresh_from_db()
    assert run.state == "failed"


def test_what_could_be_read_before_a_wait_is_kept(gmail, shelf):
    fill(shelf, 10)
    shelf.errors = {6: RateLimited("patience", delay=5)}
    start_sync(connection=gmail)
    sync_connection(connection_id=gmail.pk)
    kept = set(list_texts(gmail))
    assert kept
    shelf.read = []
    make_run_due()
    sync_connection(connection_id=gmail.pk)
    assert set(shelf.read) == set(shelf.items) - kept


@pytest.mark.parametrize(
    ("error", "state"), [(NeedsReauth("withdrawn"), "needs_reauth"), (ConnectionGone("unknown"), "gone")]
)
def test_access_that_is_gone_stops_the_syncs_with_one_failure(gmail, shelf, error, state):
    shelf.errors = {1: error}
    with pytest.raises(WorkFailed) as failed:
        run_sync(gmail)
    record_task_failure(exception=failed.value)
    gmail.refresh_from_db()
    assert (gmail.state, gmail.next_at, JobFailure.objects.get().kind) == (state, None, "auth")
    assert start_due_syncs() == 0


def test_access_that_cannot_be_renewed_is_looked_at_hourly_for_four_days(gmail, shelf):
    shelf.errors = {1: AuthSuspect("could not be renewed")}
    run = run_sync(gmail)
    assert (run.state, gmail.state) == ("stopped", "active")
    assert timedelta(minutes=59) < gmail.next_at - timezone.now() < timedelta(minutes=61)
    set_connection(gmail, auth_failed_since=timezone.now() - timedelta(days=4, hours=1))
    shelf.errors = {2: AuthSuspect("could not be renewed")}
    with pytest.raises(WorkFailed):
        run_sync(gmail)
    gmail.refresh_from_db()
    assert gmail.state == "needs_reauth"


def test_access_to_another_account_is_refused(gmail, shelf):
    shelf.account = "eva@postbox.example"
    with pytest.raises(WorkFailed, match="given to eva"):
        run_sync(gmail)
    gmail.refresh_from_db()
    assert (gmail.state, gmail.account) == ("needs_reauth", "ana@postbox.example")


def test_an_account_connected_twice_goes_on_under_its_first_connection(gmail, shelf, user):
    fill(shelf, 4)
    run_sync(gmail)
    again = ConnectionFactory(user=user, provider="gmail", nango_id="new-access")
    run_sync(again)
    gmail.refresh_from_db()
    assert (gmail.nango_id, gmail.state, again.state) == ("new-access", "active", "leaving")
    assert Memory.objects.count() == 4


def test_one_item_that_always_breaks_stops_neither_its_page_nor_the_run(gmail, shelf):
    fill(shelf, 15)
    shelf.broken["m004"] = ProviderUnavailable("Gmail answered 500")
    start_sync(connection=gmail)
    for _ in range(4):
        with pytest.raises(TransientError):
            sync_connection(connection_id=gmail.pk)
        make_run_due()
    sync_connection(connection_id=gmail.pk)
    assert SyncRun.objects.get().state == "done"
    assert len(list_texts(gmail)) == 14
    record_missed()
    assert JobFailure.objects.get().unit == f"item:{RemoteItem.objects.get(state='failed').pk}"


def test_an_item_put_aside_is_read_when_it_can_be(gmail, shelf):
    fill(shelf, 2)
    run_sync(gmail)
    item = RemoteItem.objects.get(remote_id="m001")
    Memory.objects.filter(external_id="m001").delete()
    details = {"version": item.version, "details": {}}
    RemoteItem.objects.filter(pk=item.pk).update(
        state="failed", version="", details=details, failed_at=timezone.now(), retry_at=timezone.now()
    )
    run_sync(gmail)
    assert list_texts(gmail) == shelf.items
    assert not RemoteItem.objects.filter(state="failed").exists()


def test_what_nobody_foresaw_is_tried_again_and_named_by_its_type_alone(gmail, shelf):
    shelf.errors = {1: KeyError("a person's text")}
    with pytest.raises(WorkBroke, match="KeyError"):
        run_sync(gmail)
    assert SyncRun.objects.get().error == "something broke (KeyError)"


def test_an_expired_cursor_lists_everything_once_more_in_the_same_run(gmail, shelf):
    fill(shelf, 12)
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
    fill(shelf, 12)
    run_sync(gmail)
    del shelf.items["m002"]
    assert read_counts(run_sync(gmail)) == {}
    set_connection(gmail, swept_at=timezone.now() - timedelta(days=8))
    run = run_sync(gmail)
    assert (run.kind, read_counts(run)) == ("sweep", {"unchanged": 11, "deleted": 1})


def test_a_paused_connection_writes_nothing_more(gmail, shelf):
    fill(shelf, 30)
    shelf.on_call = lambda call: pause_connection(connection=gmail) if call == 12 else None
    run_sync(gmail)
    assert SyncRun.objects.get().state == "stopped"
    assert len(list_texts(gmail)) <= 10


def test_switched_off_nothing_is_opened_and_nothing_is_lost(gmail, shelf, monkeypatch):
    fill(shelf, 3)
    start_sync(connection=gmail)
    monkeypatch.setattr("integrations.flags.is_switch_on", lambda name: name != "sync_gmail")
    sync_connection(connection_id=gmail.pk)
    assert (start_due_syncs(), shelf.calls, SyncRun.objects.get().state) == (0, 0, "queued")
    monkeypatch.undo()


def test_due_connections_get_one_run_however_often_they_are_asked(gmail, shelf):
    assert [start_due_syncs(), start_due_syncs()] == [1, 0]
    assert SyncRun.objects.filter(state="queued").count() == 1


def test_a_worker_that_dies_each_time_fails_as_lost(gmail, shelf):
    start_sync(connection=gmail)
    for _ in range(5):
        shelf.errors = {shelf.calls + 1: Killed()}
        with pytest.raises(Killed):
            sync_connection(connection_id=gmail.pk)
        make_run_due()
    with pytest.raises(WorkFailed):
        sync_connection(connection_id=gmail.pk)
    record_missed()
    assert JobFailure.objects.get().kind == "lost"
    assert Connection.objects.get().state == "active"


def test_access_to_another_account_in_the_middle_of_a_run_is_refused(gmail, shelf):
    fill(shelf, 30)
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


def test_a_tenth_of_a_page_may_be_put_aside_and_no_more(gmail, shelf):
    shelf.page_size = 100
    fill(shelf, 100)
    for number in range(10):
        shelf.broken[f"m{number:03}"] = KeyError("poison")
    start_sync(connection=gmail)
    for _ in range(4):
        with pytest.raises(WorkBroke):
            sync_connection(connection_id=gmail.pk)
        make_run_due()
    sync_connection(connection_id=gmail.pk)
    assert (SyncRun.objects.get().state, len(list_texts(gmail))) == ("done", 90)


def test_an_item_that_fails_day_after_day_is_one_failure(gmail, shelf):
    fill(shelf, 2)
    run_sync(gmail)
    shelf.broken["m001"] = ProviderUnavailable("Gmail answered 500")
    failed_at = timezone.now() - timedelta(days=3)
    RemoteItem.objects.filter(remote_id="m001").update(
        state="failed", version="", details={"version": "1", "details": {}}, failed_at=failed_at, retry_at=failed_at
    )
    for _ in range(2):
        run = run_sync(gmail)
        record_missed()
        RemoteItem.objects.filter(state="failed").update(retry_at=failed_at)
    assert (JobFailure.objects.count(), run.skipped) == (1, 0)


def test_a_page_that_takes_for_ever_ends_with_its_turn(gmail, shelf, monkeypatch):
    monkeypatch.setattr("integrations.services.sync.LONGEST_SLICE", -1.0)
    fill(shelf, 2)
    shelf.read_account = lambda *, fetch: fetch(None)
    with pytest.raises(ProviderUnavailable, match="too long"):
        run_sync(gmail)
    assert SyncRun.objects.get().state == "waiting"


def test_an_account_that_the_provider_does_not_name_is_known_by_its_id(gmail, shelf):
    def refuse(*, fetch):
        raise Refused("Dropbox answered 400")

    shelf.read_account = refuse
    set_connection(gmail, account="")
    fill(shelf, 3)
    run_sync(gmail)
    assert gmail.account == gmail.nango_id
    assert list_texts(gmail) == shelf.items
