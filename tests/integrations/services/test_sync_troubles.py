"""What goes wrong in a sync: what is waited for, tried again, put aside, and what ends as one failure."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.errors import (
    AuthSuspect,
    ConnectionGone,
    NeedsReauth,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.failures import record_missed, record_task_failure, resolve_settled
from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from integrations.services.decisions import start_due_syncs, start_sync
from integrations.services.sync import sync_connection
from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.models import Memory
from tests.fakes.shelf import Killed
from tests.fakes.syncs import list_texts, make_run_due, run_sync, set_connection


def test_a_transient_error_is_tried_five_times_and_then_one_failure(gmail, shelf):
    shelf.fill(3)
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
    shelf.fill(3)
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
    shelf.fill(3)
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
    shelf.fill(10)
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


def test_one_item_that_always_breaks_stops_neither_its_page_nor_the_run(gmail, shelf):
    shelf.fill(15)
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
    shelf.fill(2)
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


def test_a_tenth_of_a_page_may_be_put_aside_and_no_more(gmail, shelf):
    shelf.page_size = 100
    shelf.fill(100)
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
    shelf.fill(2)
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
    shelf.fill(2)
    shelf.read_account = lambda *, fetch: fetch(None)
    with pytest.raises(ProviderUnavailable, match="too long"):
        run_sync(gmail)
    assert SyncRun.objects.get().state == "waiting"
