"""The end of a run: what was found missing is deleted here too, unless it is so much that its person should decide first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.models import Connection, RemoteItem, SyncChange, SyncRun
from integrations.services.runs import Claim, end_run, lock_claimed_run
from memories.models import Memory
from memories.services.erase import remove_memories
from memories.services.records import write_record

BATCH: Final = 100
FEW_ROWS: Final = 20  # so many may always go
LARGEST_SHARE: Final = 0.2  # of what the connection holds
RECENT: Final = timedelta(days=7)  # runs are counted together, or many small ones could do what a large one may not
FLOOD_ROWS: Final = 1_000  # so many may always come
FLOOD_SHARE: Final = 0.5

GONE_MEMORIES = """
SELECT count(*) FROM integrations_remoteitem i
JOIN memories_memory m ON m.user_id = i.user_id AND m.source = %(source)s AND m.account = %(account)s AND m.external_id = i.remote_id
WHERE i.connection_id = %(connection)s AND i.gone_in IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Excess:
    """Why a run waits for its person: deletions or arrivals, what it would do or has done, and of how many memories."""

    kind: Literal["deletions", "arrivals"]
    told: str
    deletions: int | None = None
    memories: int | None = None


def find_excess(run: SyncRun) -> Excess | None:
    """Whether the run would delete more than its person allowed."""
    gone = count_gone(run)
    if gone <= run.allowed_deletions:
        return None
    deleted = _count_deleted_lately(run)
    if gone + deleted <= FEW_ROWS:
        return None
    total = run.connection.account_memories.count()
    if gone + deleted <= LARGEST_SHARE * (total + deleted):
        return None
    before = f", after {deleted:,} in the last days" if deleted else ""
    told = f"would delete {gone:,} of {total:,} memories{before}"
    return Excess("deletions", told, deletions=gone, memories=total)


def count_gone(run: SyncRun) -> int:
    """Memories whose items are missing at the provider and that are not deleted yet."""
    with database.cursor() as cursor:
        account = {"source": run.connection.provider, "account": run.connection.account}
        cursor.execute(GONE_MEMORIES, {"connection": run.connection_id, **account})
        return int(cursor.fetchone()[0])


def _count_deleted_lately(run: SyncRun) -> int:
    """Deletions of other runs in the last days, but for those that the person agreed to."""
    lately = SyncChange.objects.filter(
        action="deleted",
        created_at__gt=timezone.now() - RECENT,
        run__connection_id=run.connection_id,
        run__allowed_deletions=0,
    )
    return int(lately.exclude(run_id=run.pk).count())


def find_flood(run: SyncRun) -> Excess | None:
    """The same for what comes: a run after the first import that brings or rewrites uncommonly much."""
    came = run.created + run.updated
    if run.arrivals_allowed or run.kind == "first" or came <= FLOOD_ROWS:
        return None
    if came <= FLOOD_SHARE * run.connection.account_memories.count():
        return None
    return Excess("arrivals", f"has brought {came:,} new or changed memories, and more are to come")


def hold_run(claim: Claim, *, excess: Excess) -> None:
    """The run waits for its person's decision, and the connection with it."""
    with transaction.atomic():
        run = lock_claimed_run(claim)
        end_run(run, state=SyncRun.State.HELD, error=excess.told)
        SyncRun.objects.filter(pk=run.pk).update(
            held_for=excess.kind,
            would_delete=excess.deletions,
            would_delete_of=excess.memories,
            attempts=0,
            ended_at=None,
        )
        Connection.objects.filter(pk=run.connection_id).update(
            state=Connection.State.HELD, error=f"The last run {excess.told}."
        )


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
        removed = _remove(run, ids=[item.remote_id for item in items])
        RemoteItem.objects.filter(pk__in=[item.pk for item in items]).delete()
        SyncRun.objects.filter(pk=run.pk).update(deleted=F("deleted") + len(removed))
    return len(items)


def _remove(run: SyncRun, *, ids: Sequence[str]) -> list[Memory]:
    """Remove the memories of these items and keep what they were before the run, for an undo."""
    owner = run.connection.user
    rows = run.connection.account_memories.filter(external_id__in=ids)
    touched = _read_first_changes(run, ids=ids)  # the removal forgets them
    removed = remove_memories(user=owner, memory_ids=list(rows.values_list("pk", flat=True)))
    before = {row.external_id: write_record(row, user=owner) for row in removed} | touched
    SyncChange.objects.bulk_create(
        SyncChange(user_id=run.user_id, run_id=run.pk, remote_id=remote_id, action="deleted", before=record)
        for remote_id, record in before.items()
        if record is not None  # came and went within the run
    )
    return removed


def _read_first_changes(run: SyncRun, *, ids: Sequence[str]) -> dict[str, dict[str, object] | None]:
    """What these items' memories were before this run touched them, where it did."""
    changes = SyncChange.objects.filter(run_id=run.pk, remote_id__in=ids).order_by("-id")
    return dict(changes.values_list("remote_id", "before"))
