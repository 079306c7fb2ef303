"""Around each task: how long it took and what came of it is counted, by its name alone."""

import pytest
from celery.signals import task_failure, task_postrun

from config.counts import TASK_FAILURES, TASK_RETRIES, TASK_SECONDS
from config.signals import STARTED
from integrations import tasks
from integrations.tasks import sync_connection
from memories.errors import TransientError

TASK = "integrations.tasks.sync_connection"


def counted():
    """Runs, retries and failures of the task."""
    series = (TASK_SECONDS.labels(TASK)._sum, TASK_RETRIES.labels(TASK)._value, TASK_FAILURES.labels(TASK)._value)
    return [value.get() for value in series]


@pytest.mark.parametrize(("errors", "retries", "failures"), [
    ([], 0, 0),
    ([ValueError("no")], 0, 1),
    ([TransientError("later")], 1, 0),
])  # fmt: skip
def test_runs_retries_and_failures_are_counted(monkeypatch, errors, retries, failures):
    left = list(errors)

    def sync(connection_id):
        if left:
            raise left.pop()

    monkeypatch.setattr(tasks, "sync", sync)
    before = counted()
    sync_connection.apply(args=[1])
    took, tried_again, failed = (after - earlier for after, earlier in zip(counted(), before, strict=True))
    assert took > 0
    assert (tried_again, failed) == (retries, failures)
    assert STARTED == {}


def test_a_child_that_was_killed_is_counted_by_the_process_that_had_it():
    before = counted()
    task_failure.send(sender=sync_connection, task_id="gone", exception=RuntimeError("killed"))
    assert counted() == [before[0], before[1], before[2] + 1]


def test_the_end_of_a_task_whose_beginning_nobody_saw_is_no_run():
    before = counted()
    task_postrun.send(sender=sync_connection, task_id="unknown", task=sync_connection)
    assert counted() == before
