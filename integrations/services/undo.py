"""A run undone: each memory it touched, and that nobody touched since, becomes what it was before.

What the run brought goes and is not brought back while it stays as it is at the provider; what it deleted comes back and stays.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import RemoteItem, SyncChange, SyncRun
from integrations.services.runs import fail_undo
from memories.models import Memory
from memories.pipeline import MAX_ATTEMPTS
from memories.services.erase import remove_memories
from memories.services.records import read_record
from memories.services.store import store_drafts

BATCH = 200
AGAIN = timedelta(minutes=2)  # longer than a batch takes


def undo_run(*, run_id: int) -> int:
    """Carry an undo that was asked for to its end, batch by batch; returns how many memories it put back or took out.

    Raises WorkFailed when it broke at every attempt.
    """
    if not _claim(run_id):
        return 0
    count = 0
    while (batch := _undo_batch(run_id)) is not None:
        count += batch
    return count


def _claim(run_id: int) -> bool:
    """Count an attempt, and keep others away for a while; what breaks is tried again by the sweeper."""
    due = SyncRun.objects.filter(pk=run_id, state=SyncRun.State.UNDOING, due_at__lte=Now())
    if not due.update(attempts=F("attempts") + 1, due_at=Now() + AGAIN):
        return False
    if SyncRun.objects.filter(pk=run_id, attempts__gt=MAX_ATTEMPTS).exists():
        fail_undo(run_id)
    return True


def _undo_batch(run_id: int) -> int | None:
    """Undo what a run did to some items; None when there are none left (or somebody else is at it)."""
    with transaction.atomic():
        run = _lock(run_id)
        if run is None:
            return None
        changes = SyncChange.objects.filter(run_id=run.pk)
        ids = list(changes.order_by("remote_id").values_list("remote_id", flat=True).distinct()[:BATCH])
        if not ids:
            SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.UNDONE, ended_at=Now())
            return None
        batch = changes.filter(remote_id__in=ids)
        count = _undo(run, changes=list(batch.order_by("id")))
        batch.delete()
        SyncRun.objects.filter(pk=run.pk).update(attempts=1, due_at=Now() + AGAIN)
    return count


def _lock(run_id: int) -> SyncRun | None:
    run: SyncRun | None = (
        SyncRun.objects.filter(pk=run_id, state=SyncRun.State.UNDOING)
        .select_related("connection__user")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    return run


def _undo(run: SyncRun, *, changes: Sequence[SyncChange]) -> int:
    """Of each item the first change tells what was before the run, the last one what the run left."""
    first = {change.remote_id: change for change in reversed(changes)}
    left = {change.remote_id: change for change in changes}
    now = {row.external_id: row for row in run.connection.account_memories.filter(external_id__in=list(left))}
    untouched = [pk for pk, change in left.items() if _is_untouched(change, run=run, memory=now.get(pk))]
    created = [remote_id for remote_id in untouched if first[remote_id].before is None]
    remove_memories(
        user=run.connection.user, memory_ids=[now[remote_id].pk for remote_id in created if remote_id in now]
    )
    RemoteItem.objects.filter(connection_id=run.connection_id, remote_id__in=created).update(
        state=RemoteItem.State.UNDONE
    )
    _put_back(run, records=[record for remote_id in untouched if (record := first[remote_id].before)])
    return len(untouched)


def _is_untouched(change: SyncChange, *, run: SyncRun, memory: Memory | None) -> bool:
    if memory is None:
        return change.action == "deleted"
    return change.action != "deleted" and memory.origin == run.origin and memory.revision == change.revision


def _put_back(run: SyncRun, *, records: Sequence[dict[str, object]]) -> None:
    """Memories as they were. Items that are missing at the provider stay all the same, though every listing will miss them."""
    owner = run.connection.user
    drafts = [read_record(record, user=owner, now=timezone.now()) for record in records]
    store_drafts(user=owner, drafts=drafts, origin=f"undo:{run.pk}")
    _hand_back(run, ids=[draft.external_id for draft in drafts])
    RemoteItem.objects.bulk_create(
        (
            RemoteItem(user_id=run.user_id, connection_id=run.connection_id, remote_id=draft.external_id, state="kept")
            for draft in drafts
        ),
        ignore_conflicts=True,
    )


def _hand_back(run: SyncRun, *, ids: Sequence[str]) -> None:
    """What the run before had written is that run's again, so that it can be undone next."""
    changes = SyncChange.objects.filter(run__connection_id=run.connection_id, remote_id__in=ids).exclude(run_id=run.pk)
    latest = {change.remote_id: change for change in changes.select_related("run").order_by("id")}
    memories = list(run.connection.account_memories.filter(external_id__in=list(latest)))
    for memory in memories:
        change = latest[memory.external_id]
        change.revision, memory.origin = memory.revision, change.run.origin
    SyncChange.objects.bulk_update([latest[memory.external_id] for memory in memories], ["revision"])
    Memory.objects.bulk_update(memories, ["origin"])
