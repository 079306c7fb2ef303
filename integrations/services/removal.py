"""The end of a run: what was found missing is deleted here too, unless it is so much that its person should decide first."""

from django.db import transaction
from django.db.models import F

from integrations.models import Connection, RemoteItem, SyncChange, SyncRun
from integrations.services.items import list_memories
from integrations.services.runs import Claim, lock_claimed_run
from memories.services.erase import remove_memories
from memories.services.records import write_record

BATCH = 100
FEW_ROWS = 20  # so many may always go
LARGEST_SHARE = 0.2  # of what the connection holds
FLOOD_ROWS = 1_000  # so many may always come
FLOOD_SHARE = 0.5


def describe_excess(run: SyncRun) -> str:
    """Why a run should wait for its person, in a sentence; '' if it need not."""
    if run.confirmed:
        return ""
    held = RemoteItem.objects.filter(connection_id=run.connection_id, state=RemoteItem.State.STORED)
    total, gone = held.count(), held.filter(gone_in__isnull=False).count()
    if gone > FEW_ROWS and gone > LARGEST_SHARE * total:
        return f"would delete {gone:,} of {total:,} memories"
    return ""


def describe_flood(run: SyncRun) -> str:
    """The same for what comes: a run after the first import that brings or rewrites uncommonly much."""
    if run.confirmed or run.kind == "first":
        return ""
    came = run.created + run.updated
    if came <= FLOOD_ROWS:
        return ""
    total = RemoteItem.objects.filter(connection_id=run.connection_id, state=RemoteItem.State.STORED).count()
    if came <= FLOOD_SHARE * total:
        return ""
    return f"has brought {came:,} new or changed memories, and more are to come"


def remove_missing(claim: Claim) -> None:
    """Delete what is missing, batch by batch, each in a transaction of its own. Raises LeaseLost."""
    while _remove_batch(claim):
        pass


def _remove_batch(claim: Claim) -> int:
    with transaction.atomic():
        run = lock_claimed_run(claim)
        missing = RemoteItem.objects.filter(connection_id=run.connection_id, gone_in__isnull=False)
        items = list(missing.order_by("id")[:BATCH])
        if not items:
            return 0
        deleted = _remove(run, connection=run.connection, ids=[item.remote_id for item in items])
        RemoteItem.objects.filter(pk__in=[item.pk for item in items]).delete()
        SyncRun.objects.filter(pk=run.pk).update(deleted=F("deleted") + deleted)
    return len(items)


def _remove(run: SyncRun, *, connection: Connection, ids: list[str]) -> int:
    """Remove the memories of these items and keep what they were for an undo; returns how many there were."""
    owner = connection.user
    rows = list(list_memories(connection).filter(external_id__in=ids))
    records = {row.external_id: write_record(row, user=owner) for row in rows}
    remove_memories(user=owner, memory_ids=[row.pk for row in rows])
    SyncChange.objects.bulk_create(
        SyncChange(user_id=run.user_id, run_id=run.pk, remote_id=remote_id, action="deleted", before=record)
        for remote_id, record in records.items()
    )
    return len(rows)
