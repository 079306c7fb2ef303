"""Work that failed for good becomes one `JobFailure`, through Celery's `task_failure` signal.

The signal and not `Task.on_failure`: a child that is killed fires nothing else. What even the signal misses (the database was
down, the whole worker died) `record_missed` finds in the rows themselves.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from traceback import format_tb
from typing import Any

from celery.signals import task_failure
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from integrations.models import JobFailure
from memories.errors import WorkFailed
from memories.models import Memory, Stage
from memories.services.store import retry_failed

logger = logging.getLogger(__name__)


@task_failure.connect(dispatch_uid="record job failures")
def record_task_failure(exception: BaseException | None = None, **_: Any) -> None:
    """Record the units of a WorkFailed at once; trying is enough, the row itself still says `failed`."""
    if not isinstance(exception, WorkFailed):
        return
    trace = describe_trace(exception.__cause__ or exception.__context__ or exception)
    try:
        for unit in exception.units:
            record_unit(unit, error=str(exception), trace=trace)
    except DatabaseError:
        logger.warning("failures of %s are left to the sweeper", ", ".join(exception.units))


def describe_trace(error: BaseException) -> str:
    """Where an error came from and its type. Its message may quote a person's text, so it is left out."""
    return "".join([*format_tb(error.__traceback__), type(error).__qualname__])


def record_unit(unit: str, *, error: str = "", trace: str = "") -> None:
    """Upsert the failure of one unit of work, like "memory:17" or "graph_work:3"."""
    table, _, pk = unit.partition(":")
    row = _read_memory(int(pk)) if table == "memory" else _read_work(int(pk))
    if row is None:
        return
    user_id, first_due, stage, runs = row
    now = timezone.now()
    JobFailure.objects.update_or_create(
        unit=unit,
        first_due=first_due,
        defaults={"user_id": user_id, "stage": stage, "runs": runs, "last_seen": now, "state": "open"}
        | ({"error": error[:500], "traceback": trace[-20_000:]} if error else {}),
        create_defaults={
            "user_id": user_id,
            "stage": stage,
            "runs": runs,
            "kind": classify(error),
            "error": error[:500],
            "traceback": trace[-20_000:],
            "first_seen": now,
            "last_seen": now,
        },
    )


def classify(error: str) -> str:
    """The kind of a failure: a worker that died each time left no error of its own."""
    return "lost" if not error or error.startswith("the worker died") else "transient-exhausted"


def _read_memory(pk: int) -> tuple[int, datetime, str, int] | None:
    rows = Memory.objects.filter(pk=pk, stage=Stage.FAILED)
    return rows.values_list("user_id", "queued_at", "failed_stage", "attempts").first()


def _read_work(pk: int) -> tuple[int, datetime, str, int] | None:
    """A graph job, read by name of its table: this app does not know the graph."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, asked_at, kind, attempts FROM graph_work WHERE id = %s AND failed_at IS NOT NULL", [pk]
        )
        row: tuple[int, datetime, str, int] | None = cursor.fetchone()
    return row


def record_missed(*, limit: int = 500) -> int:
    """Record memories in `failed` that have no failure of their own; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM memories_memory m WHERE m.stage = 'failed' AND NOT EXISTS ("
            " SELECT FROM integrations_jobfailure f WHERE f.unit = 'memory:' || m.id AND f.first_due = m.queued_at)"
            " ORDER BY m.id LIMIT %s",
            [limit],
        )
        missed = [pk for (pk,) in cursor.fetchall()]
    for pk in missed:
        record_unit(f"memory:{pk}")
    return len(missed)


def resolve_settled() -> int:
    """Resolve open failures of memories that are in line again, have arrived or are gone; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_jobfailure f SET state = 'resolved' WHERE f.state = 'open' AND f.unit LIKE 'memory:%%' AND NOT EXISTS ("
            " SELECT FROM memories_memory m WHERE m.id = split_part(f.unit, ':', 2)::bigint"
            " AND m.stage = 'failed' AND m.queued_at = f.first_due)",
            [],
        )
        return int(cursor.rowcount)


def retry_failures(failures: Sequence[JobFailure]) -> int:
    """Put the units of these failures back in line and mark the failures; returns how many units there were."""
    with transaction.atomic():
        count = retry_failed(memory_ids=_list_ids(failures, table="memory"))
        count += _retry_work(_list_ids(failures, table="graph_work"))
        JobFailure.objects.filter(pk__in=[failure.pk for failure in failures]).update(state="retried")
    return count


def _list_ids(failures: Sequence[JobFailure], *, table: str) -> list[int]:
    units = (failure.unit.partition(":") for failure in failures)
    return [int(pk) for name, _, pk in units if name == table]


def _retry_work(ids: Sequence[int]) -> int:
    """Graph jobs, by name of their table; the sweeper wakes a worker for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE graph_work SET failed_at = NULL, attempts = 0, asked_at = now(), due_at = now()"
            " WHERE id = ANY(%s) AND failed_at IS NOT NULL",
            [list(ids)],
        )
        return int(cursor.rowcount)
