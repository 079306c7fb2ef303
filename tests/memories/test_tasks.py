"""Celery's side of the journey: a task advances one batch and wakes whoever has work because of it."""

import pytest
from celery import current_app
from celery.exceptions import Retry

from memories import tasks
from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.models import Lane, Memory
from memories.tasks import admit_backfill, advance_memories, sweep_memories
from tests.factories import MemoryFactory


@pytest.fixture
def woken(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "wake_stage", sent.append)
    return sent


def break_with(monkeypatch, error):
    def advance_new():
        raise error

    monkeypatch.setattr(tasks, "advance_new", advance_new)


def test_a_new_memory_goes_all_the_way_in_one_task_whatever_stage_that_was_sent_for(user, woken):
    MemoryFactory.create_batch(2, user=user)
    assert advance_memories("related") == 6
    assert woken == ["related"]
    assert set(Memory.objects.values_list("stage", flat=True)) == {"enriched"}


def test_of_the_others_a_task_advances_one_batch_and_wakes_its_stage_and_the_next(user, woken):
    MemoryFactory.create_batch(2, user=user, lane=Lane.BULK)
    assert advance_memories("stored") == 2
    assert woken == ["stored", "extracted"]
    assert set(Memory.objects.values_list("stage", flat=True)) == {"extracted"}


def test_the_last_stage_wakes_only_itself(user, woken):
    MemoryFactory(user=user, stage="related", lane=Lane.BULK, entities=[])
    assert advance_memories("related") == 1
    assert woken == ["related"]


def test_a_task_that_finds_nothing_due_wakes_nobody(db, woken):
    assert advance_memories("stored") == 0
    assert woken == []


@pytest.mark.parametrize("error", [WorkBroke("ValueError"), WorkFailed("ValueError", units=["memory:1"])])
def test_after_a_failure_the_other_rows_are_woken_and_the_error_goes_on(monkeypatch, woken, error):
    break_with(monkeypatch, error)
    with pytest.raises(type(error)):
        advance_memories("stored")
    assert woken == ["stored"]


def test_a_passing_error_comes_back_when_its_rows_are_due(monkeypatch, woken):
    seen = {}
    monkeypatch.setattr(
        advance_memories,
        "signature_from_request",
        lambda *_, **said: type("S", (), {"apply_async": lambda _: seen.update(said)})(),
    )
    break_with(monkeypatch, TransientError("busy", delay=47.5))
    advance_memories.push_request(called_directly=False, retries=0, args=["stored"], kwargs={}, expires="2026-11-22")
    try:
        with pytest.raises(Retry):
            advance_memories.run("stored")
    finally:
        advance_memories.pop_request()
    assert (seen["countdown"], seen["expires"]) == (47.5, None)
    assert advance_memories.max_retries == 4


@pytest.mark.parametrize(
    "task",
    ["config.tasks.note_beat", "config.tasks.watch", "memories.tasks.admit_backfill", "memories.tasks.sweep_memories"],
)
def test_what_watches_does_not_stand_in_the_line_of_an_import(task):
    queues = {name: current_app.amqp.router.route({}, name)["queue"].name for name in (task, advance_memories.name)}
    assert queues[task] == "ticks"
    assert queues[advance_memories.name] == "celery"


def test_the_sweeper_has_a_task(db):
    assert sweep_memories() == 0


def test_letting_old_memories_in_has_a_task(user):
    MemoryFactory.create_batch(2, user=user, intake="backfill", lane=Lane.BACKFILL, due_at=None)
    assert admit_backfill() == 1
