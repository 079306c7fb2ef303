"""Whatever a run did can be undone, and what its person erased is no part of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.errors import Conflict
from integrations.failures import record_missed
from integrations.models import Connection, JobFailure, RemoteItem, SyncChange, SyncRun
from integrations.services.decisions import ask_undo, start_sync
from integrations.services.forget import forget_memories
from integrations.services.tidy import tidy
from integrations.services.undo import undo_run
from memories.errors import WorkFailed
from memories.models import Memory, Tombstone
from memories.services.erase import erase_memories
from memories.services.store import edit_memory
from tests.fakes.syncs import list_texts, make_run_due, run_sync, undo


def test_undone_a_run_leaves_everything_as_it_was(gmail, shelf):
    shelf.fill(30)
    run_sync(gmail)
    before = list_texts(gmail)
    shelf.put(m001="Overwritten.", n001="New.", n002="New too.")
    shelf.take("m002", "m003")
    run = run_sync(gmail)
    assert undo(run) == 5
    run.refresh_from_db()
    assert (list_texts(gmail), run.state) == (before, "undone")


def test_what_was_undone_stays_undone_through_later_syncs(gmail, shelf):
    shelf.fill(30)
    run_sync(gmail)
    before = list_texts(gmail)
    shelf.put(m001="Overwritten.", n001="New.")
    shelf.take("m002")
    undo(run_sync(gmail))
    shelf.oldest = 99
    shelf.journal += [shelf.path_removal("/nothing")] * 99
    run_sync(gmail)
    assert list_texts(gmail) == before


def test_an_item_that_changes_after_its_undo_is_followed_again(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    shelf.put(n001="New.")
    undo(run_sync(gmail))
    shelf.put(n001="Newer.")
    run_sync(gmail)
    assert list_texts(gmail)["n001"] == "Newer."


def test_what_somebody_wrote_since_is_left_alone_by_an_undo(gmail, shelf):
    shelf.fill(3)
    run = run_sync(gmail)
    edit_memory(memory=Memory.objects.get(external_id="m000"), changes={"content": "My own words."})
    shelf.put(m001="Changed by a later run.")
    run_sync(gmail)
    assert undo(run) == 1
    assert list_texts(gmail) == {"m000": "My own words.", "m001": "Changed by a later run."}


def test_undoing_leaves_no_tombstones(gmail, shelf):
    shelf.fill(3)
    undo(run_sync(gmail))
    assert not Tombstone.objects.exists()


def test_an_undo_that_was_cut_short_goes_on(gmail, shelf, monkeypatch):
    monkeypatch.setattr("integrations.services.undo.BATCH", 10)
    shelf.fill(25)
    run = run_sync(gmail)
    ask_undo(run=run)
    monkeypatch.setattr("integrations.services.undo._put_back", stop_at(2))
    with pytest.raises(KeyboardInterrupt):
        undo_run(run_id=run.pk)
    assert Memory.objects.count() == 15
    monkeypatch.undo()
    assert undo_run(run_id=run.pk) == 0  # somebody else may be at it still
    make_run_due()
    undo_run(run_id=run.pk)
    assert Memory.objects.count() == 0


def stop_at(number):
    calls = []

    def stop(*_args, **_kwargs):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt

    return stop


def test_a_run_is_undone_once_and_not_beside_another(gmail, shelf):
    shelf.fill(3)
    run = run_sync(gmail)
    other = start_sync(connection=gmail)
    with pytest.raises(Conflict, match="Another run"):
        ask_undo(run=run)
    SyncRun.objects.filter(pk=other.pk).update(state="done")
    undo(run)
    with pytest.raises(Conflict, match="cannot be undone"):
        ask_undo(run=run)


def test_what_its_person_erases_leaves_nothing_to_undo(gmail, shelf, user):
    shelf.fill(3)
    shelf.paths = dict.fromkeys(shelf.items, "/letters/of love")
    run_sync(gmail)
    shelf.put(m001="Overwritten.")
    run = run_sync(gmail)
    erase_memories(user=user, memory_ids=[Memory.objects.get(external_id="m001").pk])
    assert not SyncChange.objects.filter(remote_id="m001").exists()
    assert RemoteItem.objects.get(remote_id="m001").path == ""
    undo(run)
    assert "m001" not in list_texts(gmail)


def test_memories_without_an_account_have_nothing_to_forget(user, django_assert_num_queries):
    with django_assert_num_queries(1):
        forget_memories(user_id=user.pk, memory_ids=[1])


def test_after_a_month_there_is_nothing_left_to_undo(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    SyncChange.objects.update(created_at=timezone.now() - timedelta(days=31))
    run_sync(gmail)
    SyncRun.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert tidy() == 4
    assert SyncRun.objects.count() == 1


def test_nobody_else_s_memories_are_touched(gmail, shelf, other_user):
    stranger = Memory.objects.create(
        user=other_user, source="gmail", account=gmail.account, external_id="m001", content="Theirs.", size=7,
        occurred_at=timezone.now(), occurred_on=timezone.now().date(), content_hash="x",
    )  # fmt: skip
    shelf.fill(3)
    run = run_sync(gmail)
    shelf.take("m001")
    run_sync(gmail)
    undo(run)
    assert Memory.objects.get(pk=stranger.pk).content == "Theirs."
    assert Connection.objects.get().user_id != other_user.pk


def test_what_was_changed_and_deleted_in_one_run_comes_back_as_it_was_before(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    shelf.put(m001="Changed.", n001="Came.")
    shelf.page_size = 2
    shelf.put(m002="Another page.")
    shelf.on_call = lambda call: (
        shelf.take("m001", "n001") if "m001" in shelf.items and "m001" in shelf.read[3:] else None
    )
    run = run_sync(gmail)
    assert "m001" not in list_texts(gmail)
    undo(run)
    assert list_texts(gmail) == {f"m{number:03}": f"Text number {number}." for number in range(3)}


def test_runs_are_undone_one_after_the_other_the_latest_first(gmail, shelf):
    shelf.fill(3)
    first = run_sync(gmail)
    shelf.put(m001="Second.")
    second = run_sync(gmail)
    shelf.put(m001="Third.")
    third = run_sync(gmail)
    undo(third)
    assert list_texts(gmail)["m001"] == "Second."
    undo(second)
    assert list_texts(gmail)["m001"] == "Text number 1."
    undo(first)
    assert list_texts(gmail) == {}


def test_an_undo_that_always_breaks_ends_as_a_failure(gmail, shelf, monkeypatch):
    shelf.fill(3)
    run = run_sync(gmail)
    ask_undo(run=run)
    monkeypatch.setattr("integrations.services.undo._undo", stop_at(1))
    for _ in range(5):
        monkeypatch.setattr("integrations.services.undo._undo", stop_at(1))
        with pytest.raises(KeyboardInterrupt):
            undo_run(run_id=run.pk)
        make_run_due()
    with pytest.raises(WorkFailed, match="to the end"):
        undo_run(run_id=run.pk)
    run.refresh_from_db()
    record_missed()
    assert (run.state, JobFailure.objects.count()) == ("failed", 1)


def test_of_what_its_person_erased_no_place_is_written_down_again(gmail, shelf, user):
    shelf.fill(3)
    shelf.paths = dict.fromkeys(shelf.items, "/letters/of love")
    run_sync(gmail)
    erase_memories(user=user, memory_ids=[Memory.objects.get(external_id="m001").pk])
    shelf.put(m001="Changed.")
    shelf.oldest = 99
    shelf.journal += [shelf.path_removal("/nothing")] * 99
    run_sync(gmail)
    item = RemoteItem.objects.get(remote_id="m001")
    assert (item.state, item.path, item.details) == ("erased", "", None)


def test_an_edit_of_this_very_moment_can_be_undone_to(gmail, shelf):
    shelf.fill(3)
    run_sync(gmail)
    edit_memory(memory=Memory.objects.get(external_id="m001"), changes={"content": "My own words."})
    shelf.put(m001="Changed there.")
    run = run_sync(gmail)
    undo(run)
    assert list_texts(gmail)["m001"] == "My own words."
