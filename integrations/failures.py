"""Work that failed for good becomes one `JobFailure`, through Celery's `task_failure` signal.

The signal and not `Task.on_failure`: a child that is killed fires nothing else. What even the signal misses (the database was
down, the whole worker died) `record_missed` finds in the rows themselves.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from traceback import format_tb
from typing import Any

from celery.signals import task_failure
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from integrations.services.decisions import retry_connections, retry_items
from memories.errors import WorkFailed
from memories.models import Memory, Stage
from memories.pipeline import MAX_ATTEMPTS
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
            record_unit(unit, error=str(exception), trace=trace, kind=exception.kind)
    except DatabaseError:
        logger.warning("failures of %s are left to the sweeper", ", ".join(exception.units))


def describe_trace(error: BaseException) -> str:
    """Where an error came from and its type. Its message may quote a person's text, so it is left out."""
    return "".join([*format_tb(error.__traceback__), type(error).__qualname__])


@dataclass(frozen=True, slots=True)
class Failed:
    """A unit's row as it failed."""

    user_id: int
    first_due: datetime
    stage: str
    runs: int
    error: str = ""
    kind: str = ""


def record_unit(unit: str, *, error: str = "", trace: str = "", kind: str = "") -> None:
    """Upsert the failure of one unit of work, like "memory:17", "graph_work:3", "connection:5" or "item:9"."""
    table, _, pk = unit.partition(":")
    row = READERS[table](int(pk))
    if row is None:
        return
    now = timezone.now()
    error, kind = error or row.error, kind or row.kind
    known = {"user_id": row.user_id, "stage": row.stage, "runs": row.runs, "last_seen": now}
    told = {"error": error[:500], "traceback": trace[-20_000:]}
    JobFailure.objects.update_or_create(
        unit=unit,
        first_due=row.first_due,
        defaults=known | {"state": "open"} | (told if error else {}),
        create_defaults=known | told | {"kind": kind or classify(error), "first_seen": now},
    )


def classify(error: str) -> str:
    """The kind of a failure: a worker that died each time left no error of its own."""
    return "lost" if not error or error.startswith("the worker died") else "transient-exhausted"


def _read_memory(pk: int) -> Failed | None:
    row = Memory.objects.filter(pk=pk, stage=Stage.FAILED).first()
    return Failed(row.user_id, row.queued_at, stage=row.failed_stage, runs=row.attempts) if row else None


def _read_work(pk: int) -> Failed | None:
    """A graph job, read by name of its table: this app does not know the graph."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, asked_at, kind, attempts FROM graph_work WHERE id = %s AND failed_at IS NOT NULL", [pk]
        )
        row = cursor.fetchone()
    return Failed(*row) if row else None


def _read_connection(pk: int) -> Failed | None:
    """The last failed run of a connection; its failing began with the first one since it last worked."""
    row: Connection | None = Connection.objects.filter(pk=pk, failing_since__isnull=False).first()
    if row is None or row.failing_since is None:
        return None
    runs = SyncRun.objects.filter(connection_id=pk, state=SyncRun.State.FAILED, ended_at__gte=row.failing_since)
    last = runs.order_by("-id").first()
    kind = last.failure if last else ""
    return Failed(row.user_id, row.failing_since, stage=row.provider, runs=runs.count(), error=row.error, kind=kind)


def _read_item(pk: int) -> Failed | None:
    """An item that alone could not be read."""
    rows = RemoteItem.objects.filter(pk=pk, state=RemoteItem.State.FAILED)
    row = rows.values_list("user_id", "failed_at", "connection__provider", "reason").first()
    if row is None:
        return None
    user_id, failed_at, provider, reason = row
    return Failed(user_id, failed_at, stage=provider, runs=MAX_ATTEMPTS, error=reason)


READERS: dict[str, Callable[[int], Failed | None]] = {
    "memory": _read_memory,
    "graph_work": _read_work,
    "connection": _read_connection,
    "item": _read_item,
}

# Units that failed and the time since when; a failure is of a unit and such a time.
FAILED_UNITS = """
SELECT 'memory:' || id AS unit, queued_at AS first_due FROM memories_memory WHERE stage = 'failed'
UNION ALL SELECT 'connection:' || id, failing_since FROM integrations_connection WHERE failing_since IS NOT NULL
UNION ALL SELECT 'item:' || id, failed_at FROM integrations_remoteitem WHERE state = 'failed'
"""
MISSED = f"""
SELECT u.unit FROM (
    {FAILED_UNITS} UNION ALL SELECT 'graph_work:' || id, asked_at FROM graph_work WHERE failed_at IS NOT NULL
) u WHERE NOT EXISTS (
    SELECT FROM integrations_jobfailure f WHERE f.unit = u.unit AND f.first_due = u.first_due)
ORDER BY u.unit LIMIT %s
"""  # noqa: S608 -- of constants
SETTLED = f"""
UPDATE integrations_jobfailure f SET state = 'resolved'
WHERE f.state = 'open' AND f.unit NOT LIKE 'graph\\_work:%%'
  AND NOT EXISTS (SELECT FROM ({FAILED_UNITS}) u WHERE u.unit = f.unit AND u.first_due = f.first_due)
"""  # noqa: S608 -- of constants


def record_missed(*, limit: int = 500) -> int:
    """Record units that failed and have no failure of their own; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(MISSED, [limit])
        missed = [unit for (unit,) in cursor.fetchall()]
    for unit in missed:
        record_unit(unit)
    return len(missed)


def resolve_settled() -> int:
    """Resolve open failures of units that are in line again, have arrived or are gone; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [])
        return int(cursor.rowcount)


def retry_failures(failures: Sequence[JobFailure]) -> int:
    """Put the units of these failures back in line and mark the failures; returns how many units there were."""
    with transaction.atomic():
        count = retry_failed(memory_ids=_list_ids(failures, table="memory"))
        count += _retry_work(_list_ids(failures, table="graph_work"))
        count += retry_connections(ids=_list_ids(failures, table="connection"))
        count += retry_items(ids=_list_ids(failures, table="item"))
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
