"""A run undone: each memory it touched, and that nobody touched since, becomes what it was before.

What the run brought goes and is not brought back while it stays as it is at the provider; what it deleted comes back and stays.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import RemoteItem, SyncChange, SyncRun
from integrations.services.items import list_memories
from memories.models import Memory
from memories.services.erase import remove_memories
from memories.services.records import read_record
from memories.services.store import store_drafts

BATCH = 200


def undo_run(*, run_id: int) -> int:
    """Carry an undo that was asked for to its end, batch by batch; returns how many memories it put back or took out."""
    count = 0
    while (batch := _undo_batch(run_id)) is not None:
        count += batch
    return count


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
    now = {row.external_id: row for row in list_memories(run.connection).filter(external_id__in=list(left))}
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
    RemoteItem.objects.bulk_create(
        (
            RemoteItem(user_id=run.user_id, connection_id=run.connection_id, remote_id=draft.external_id, state="kept")
            for draft in drafts
        ),
        ignore_conflicts=True,
    )
