"""Celery tasks of this app: load nothing, call one service."""

from typing import Any, NoReturn

from celery import Task, shared_task

from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.pipeline import advance, advance_new, choose_delay, get_step, list_steps
from memories.services.backfill import admit_share
from memories.services.sweep import sweep
from memories.services.tidy import tidy
from memories.wakeups import wake_stage


class RowTask(Task):  # type: ignore[type-arg]
    """A task whose rows count the attempts: Celery's retry is only the wake-up for the `due_at` they already carry."""

    def retry(self, *args: Any, **kwargs: Any) -> NoReturn:
        error = kwargs.get("exc")
        delay = error.delay if isinstance(error, TransientError) else None
        kwargs["countdown"] = choose_delay(self.request.retries + 1) if delay is None else delay
        kwargs["expires"] = None  # a wake-up that nobody took in time is worth nothing; this one was taken
        raise super().retry(*args, **kwargs)


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def advance_memories(takes: str) -> int:
    """Carry what is new through every stage and then one batch of due memories a stage on; wake whoever has work because of it."""
    step = get_step(takes)
    try:
        new = advance_new()
        count = advance(step)
    except (TransientError, WorkBroke, WorkFailed):
        wake_stage(takes)  # the other rows need not wait for the sweeper
        raise
    if new or count:
        wake_stage(takes)
    if count and step.gives in [other.takes for other in list_steps()]:
        wake_stage(step.gives)
    return new + count


@shared_task
def admit_backfill() -> int:
    """Let this minute's share of old memories in."""
    return admit_share()


@shared_task
def sweep_memories() -> int:
    """Wake the stages that have overdue rows and no live lease."""
    return sweep()


@shared_task
def tidy_up() -> int:
    """The nightly tidying."""
    return tidy()
