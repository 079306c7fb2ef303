"""Failures: whatever has failed for good is one row, however it failed and however often it is reported."""

import pickle

import pytest
from celery.signals import task_failure
from django.db import DatabaseError
from django.utils import timezone

from graph.models import Work
from integrations import failures
from integrations.failures import classify, record_missed, record_unit, resolve_settled, retry_failures
from integrations.models import JobFailure
from integrations.tasks import record_failures
from memories.errors import TransientError, WorkFailed
from memories.models import Memory
from memories.services import extract
from memories.services.erase import erase_memories
from memories.services.store import edit_memory
from memories.tasks import advance_memories
from tests.factories import MemoryFactory, make_due

LONG_AGO = "2020-01-01T00:00Z"


def make_failed(user, **fields):
    return MemoryFactory(user=user, stage="failed", failed_stage="extracted", attempts=5, **fields)


def make_failed_work(user):
    return Work.objects.create(user=user, kind="layout", attempts=5, failed_at=timezone.now())


def fail_for_good(monkeypatch, error):
    """Run the real task on one memory until it fails, with an engine that breaks each time."""

    class Engine:
        version = "broken"

        def extract(self, documents, *, known):
            raise error

    monkeypatch.setattr(extract, "load_engine", lambda name: Engine())
    monkeypatch.setattr("memories.tasks.wake_stage", lambda *_, **__: True)
    for _ in range(5):
        advance_memories.apply(args=["stored"], retries=4)
        make_due()


@pytest.mark.parametrize("error", [ValueError("the text"), TransientError("busy")])
def test_a_memory_that_a_task_gives_up_is_one_failure(user, monkeypatch, error):
    memory = MemoryFactory(user=user)
    fail_for_good(monkeypatch, error)
    row = JobFailure.objects.get()
    assert (row.user, row.unit, row.stage, row.runs) == (user, f"memory:{memory.pk}", "extracted", 5)
    assert (row.kind, row.state) == ("transient-exhausted", "open")
    assert row.first_due == memory.queued_at


def test_a_failure_names_the_place_in_the_code_and_quotes_nothing(user, monkeypatch):
    MemoryFactory(user=user)
    fail_for_good(monkeypatch, ValueError("cannot read 'my secret'"))
    row = JobFailure.objects.get()
    assert row.error == "ValueError"
    assert "extract_memories" in row.traceback
    assert row.traceback.endswith("ValueError")
    assert "my secret" not in row.traceback


def test_a_worker_that_was_killed_each_time_leaves_a_failure_that_says_so(user):
    MemoryFactory(user=user, attempts=5, lease_until=LONG_AGO)
    advance_memories.apply(args=["stored"])
    assert JobFailure.objects.values_list("kind", "runs").get() == ("lost", 5)


def test_reporting_a_failure_twice_makes_one_row(user):
    memory = make_failed(user)
    for _ in range(2):
        task_failure.send(sender=advance_memories, exception=WorkFailed("ValueError", units=[f"memory:{memory.pk}"]))
    record_missed()
    row = JobFailure.objects.get()
    assert row.first_seen < row.last_seen


def test_the_finder_adds_no_failure_to_one_that_is_known_and_keeps_its_error(user):
    memory = make_failed(user)
    record_unit(f"memory:{memory.pk}", error="ValueError", trace="here")
    assert record_missed() == 0
    record_unit(f"memory:{memory.pk}")
    assert JobFailure.objects.values_list("error", "traceback").get() == ("ValueError", "here")


def test_a_failure_survives_the_way_between_processes():
    failure = pickle.loads(pickle.dumps(WorkFailed("busy", units=["memory:1", "memory:2"])))
    assert (str(failure), failure.units) == ("busy", ("memory:1", "memory:2"))


def test_other_errors_of_tasks_are_no_failures(user):
    make_failed(user)
    task_failure.send(sender=advance_memories, exception=ValueError())
    assert not JobFailure.objects.exists()


@pytest.mark.parametrize("unit", ["memory:0", "graph_work:0"])
def test_a_unit_that_is_gone_or_fine_is_not_recorded(user, unit):
    record_unit(unit)
    record_unit(f"memory:{MemoryFactory(user=user).pk}", error="late")
    assert not JobFailure.objects.exists()


def test_several_units_of_one_task_are_a_row_each(user):
    units = [f"memory:{make_failed(user).pk}" for _ in range(3)]
    task_failure.send(sender=advance_memories, exception=WorkFailed("busy", units=units))
    assert sorted(JobFailure.objects.values_list("unit", flat=True)) == sorted(units)


def test_a_graph_job_that_failed_is_recorded_too(user):
    work = make_failed_work(user)
    task_failure.send(sender=advance_memories, exception=WorkFailed("ValueError", units=[f"graph_work:{work.pk}"]))
    assert JobFailure.objects.values_list("user", "stage", "runs").get() == (user.pk, "layout", 5)


def test_what_the_signal_missed_is_found_in_the_rows(user):
    make_failed(user)
    MemoryFactory(user=user)
    assert [record_failures(), record_failures()] == [1, 0]
    assert JobFailure.objects.values_list("kind", "runs", "stage").get() == ("lost", 5, "extracted")


def test_a_graph_job_that_the_signal_missed_is_found_in_its_row_once(user):
    work = make_failed_work(user)
    assert [record_failures(), record_failures()] == [1, 0]
    assert JobFailure.objects.values_list("unit", "kind", "state").get() == (f"graph_work:{work.pk}", "lost", "open")


def test_a_database_that_is_away_leaves_the_failure_to_the_finder(user, monkeypatch, caplog):
    def break_down(*_, **__):
        raise DatabaseError

    monkeypatch.setattr(failures, "record_unit", break_down)
    task_failure.send(sender=advance_memories, exception=WorkFailed("busy", units=["memory:1"]))
    assert "left to the sweeper" in caplog.text


def test_a_memory_that_fails_again_after_a_retry_is_another_failure(user):
    memory = make_failed(user)
    record_missed()
    retry_failures(JobFailure.objects.all())
    Memory.objects.filter(pk=memory.pk).update(stage="failed", failed_stage="extracted")
    record_missed()
    assert sorted(JobFailure.objects.values_list("state", flat=True)) == ["open", "retried"]


def test_a_retry_puts_memories_back_in_line_and_marks_their_failures(user):
    make_failed(user)
    record_missed()
    assert retry_failures(JobFailure.objects.all()) == 1
    assert Memory.objects.values_list("stage", "attempts", "failed_stage").get() == ("stored", 0, "")
    assert JobFailure.objects.get().state == "retried"


def test_a_retry_puts_graph_jobs_back_in_line_too(user):
    work = make_failed_work(user)
    record_unit(f"graph_work:{work.pk}", error="ValueError")
    assert retry_failures(JobFailure.objects.all()) == 1
    assert Work.objects.values_list("attempts", "failed_at").get() == (0, None)


def change(memory):
    edit_memory(memory=memory, changes={"content": "Walked back."})


def erase(memory):
    erase_memories(user=memory.user, memory_ids=[memory.pk])


@pytest.mark.parametrize("settle", [change, erase])
def test_a_failure_is_resolved_when_its_memory_was_edited_or_erased(user, settle):
    memory, other = make_failed(user), make_failed(user)
    record_failures()
    settle(memory)
    record_failures()
    states = dict(JobFailure.objects.values_list("unit", "state"))
    assert states == {f"memory:{memory.pk}": "resolved", f"memory:{other.pk}": "open"}
    assert resolve_settled() == 0


@pytest.mark.parametrize(
    ("error", "kind"), [("", "lost"), ("the worker died each time", "lost"), ("ValueError", "transient-exhausted")]
)
def test_a_failure_without_an_error_of_its_own_was_lost(error, kind):
    assert classify(error) == kind
