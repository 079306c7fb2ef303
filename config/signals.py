"""Around each task: which request it was woken by, what its log lines are called, how long it took and what came of it."""

from time import perf_counter
from typing import Any

from celery.signals import (
    before_task_publish,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    task_retry,
)

from config.counts import TASK_FAILURES, TASK_RETRIES, TASK_SECONDS
from config.logs import REQUEST_ID, TASK

HEADER = "request_id"
STARTED: dict[str, float] = {}


@setup_logging.connect(dispatch_uid="keep our logging")
def keep_logging(**_: Any) -> None:
    """Being here is enough: Celery leaves LOGGING alone, and its lines are ours."""


@before_task_publish.connect(dispatch_uid="name the request")
def name_request(headers: dict[str, Any], **_: Any) -> None:
    """Send the request's name along; what a task wakes carries it on."""
    if name := REQUEST_ID.get():
        headers[HEADER] = name


@task_prerun.connect(dispatch_uid="begin a task")
def begin_task(task_id: str, task: Any, **_: Any) -> None:
    REQUEST_ID.set(getattr(task.request, HEADER, None) or "")
    TASK.set((task_id, task.name))
    STARTED[task_id] = perf_counter()


@task_postrun.connect(dispatch_uid="end a task")
def end_task(task_id: str, task: Any, **_: Any) -> None:
    """Count how long it took, its failures and retries included."""
    started = STARTED.pop(task_id, None)
    if started is not None:
        TASK_SECONDS.labels(task.name).observe(perf_counter() - started)
    REQUEST_ID.set("")
    TASK.set(("", ""))


@task_retry.connect(dispatch_uid="count a retry")
def count_retry(sender: Any, **_: Any) -> None:
    TASK_RETRIES.labels(sender.name).inc()


@task_failure.connect(dispatch_uid="count a failure")
def count_failure(sender: Any, **_: Any) -> None:
    """Of a child that was killed this is all there is, in the process that had it."""
    TASK_FAILURES.labels(sender.name).inc()
