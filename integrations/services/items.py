"""Stored: the items of a page become memories, and what we know of them, in short transactions.

`store_read` writes memories and the versions we hold of them; `close_page` writes, in the provider's order, where items lie and
which are missing, and the cursor with it. So a process that dies between the two reads the page again and finds its items known.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import Connection, RemoteItem, SyncChange, SyncRun
from integrations.providers.base import Change, Entry, Page, PathRemoval, Removal
from integrations.services.reading import Read
from integrations.services.runs import Claim, lock_claimed_run
from memories.models import Lane
from memories.services.records import write_record
from memories.services.store import Outcome, store_drafts

RETRY_AFTER = timedelta(days=1)
COUNTS: dict[Outcome, str] = {"created": "created", "updated": "updated", "unchanged": "unchanged", "erased": "skipped"}

MARK_PRESENT = """
UPDATE integrations_remoteitem i
SET path = CASE i.state WHEN 'erased' THEN '' ELSE p.path END, gone_in = NULL, seen = CASE WHEN %(listed)s THEN %(sweep)s ELSE i.seen END,
    state = CASE i.state WHEN 'kept' THEN 'stored' ELSE i.state END
FROM unnest(%(ids)s::text[], %(paths)s::text[]) AS p(remote_id, path)
WHERE i.connection_id = %(connection)s AND i.remote_id = p.remote_id
  AND ((i.path <> p.path AND i.state <> 'erased') OR i.gone_in IS NOT NULL OR i.state = 'kept' OR (%(listed)s AND i.seen <> %(sweep)s))
"""
MARK_GONE = """
UPDATE integrations_remoteitem SET gone_in = %(run)s
WHERE connection_id = %(connection)s AND gone_in IS NULL AND state <> 'kept' AND remote_id = ANY(%(ids)s)
"""
# "/" is followed by "0" in the order of bytes, so this is all that begins with "path/".
MARK_GONE_BELOW = """
UPDATE integrations_remoteitem i SET gone_in = %(run)s
FROM unnest(%(paths)s::text[]) AS p(path)
WHERE i.connection_id = %(connection)s AND i.gone_in IS NULL AND i.state <> 'kept' AND i.path <> ''
  AND (i.path = p.path OR (i.path ~>=~ (p.path || '/') AND i.path ~<~ (p.path || '0')))
"""
MARK_UNSEEN = """
UPDATE integrations_remoteitem SET gone_in = %(run)s
WHERE connection_id = %(connection)s AND gone_in IS NULL AND state <> 'kept' AND seen < %(sweep)s
"""


def list_unknown(page: Page, *, connection_id: int) -> list[Entry]:
    """The entries of a page of which we do not hold that version; of an item that comes twice the later one."""
    latest = {change.remote_id: change for change in page.changes if isinstance(change, Entry)}
    rows = RemoteItem.objects.filter(connection_id=connection_id, remote_id__in=list(latest))
    held = dict(rows.values_list("remote_id", "version"))
    return [entry for entry in latest.values() if held.get(entry.remote_id) != entry.version]


def list_failed(*, connection_id: int, limit: int = 20) -> list[Entry]:
    """Items that could not be read some time ago and are to be tried again."""
    rows = RemoteItem.objects.filter(
        connection_id=connection_id, state=RemoteItem.State.FAILED, gone_in__isnull=True, retry_at__lte=Now()
    ).order_by("retry_at", "id")
    return [Entry(row.remote_id, path=row.path, **row.details) for row in rows[:limit]]


def drop_failed(*, connection_id: int, ids: Sequence[str]) -> None:
    """Forget items that could not be read and turn out to be missing."""
    RemoteItem.objects.filter(connection_id=connection_id, remote_id__in=ids, state=RemoteItem.State.FAILED).delete()


def store_read(read: Read, *, claim: Claim, sweep: int) -> None:
    """Write what was read, in one transaction. Raises LeaseLost."""
    with transaction.atomic():
        run = lock_claimed_run(claim)
        outcomes = _store_drafts(read, run=run)
        failed_before = _write_items(read, outcomes=outcomes, run=run, sweep=sweep)
        counts = Counter(COUNTS[outcome] for outcome in outcomes)
        counts["skipped"] += len(read.refused) + len(read.failed) - failed_before
        _count(run, counts)


def _store_drafts(read: Read, *, run: SyncRun) -> list[Outcome]:
    drafts = [draft for _, draft in read.drafts]
    if not drafts:
        return []
    ids = [draft.external_id for draft in drafts]
    held = run.connection.account_memories.filter(external_id__in=ids).order_by("pk").select_for_update(no_key=True)
    before = {row.external_id: row for row in held}  # locked, so that no edit comes between this and the writing
    owner = run.connection.user
    records = {remote_id: write_record(row, user=owner) for remote_id, row in before.items()}
    revisions = {remote_id: row.revision for remote_id, row in before.items()}
    lane = Lane.BULK if run.kind == "first" else Lane.LIVE
    outcomes = store_drafts(user=owner, drafts=drafts, origin=run.origin, lane=lane)
    SyncChange.objects.bulk_create(
        SyncChange(
            user_id=run.user_id,
            run_id=run.pk,
            remote_id=draft.external_id,
            action=outcome,
            before=records.get(draft.external_id),
            revision=revisions.get(draft.external_id, 0) + 1,
        )
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if outcome in ("created", "updated")
    )
    return outcomes


def _write_items(read: Read, *, outcomes: Sequence[Outcome], run: SyncRun, sweep: int) -> int:
    """Write what we know of these items; returns how many of the failed ones had failed before."""
    failed_at = _read_failed(run, ids=[entry.remote_id for entry, _ in read.failed])
    rows = [
        *(
            _build_stored(entry, outcome=outcome, run=run, sweep=sweep)
            for (entry, _), outcome in zip(read.drafts, outcomes, strict=True)
        ),
        *(_build_item(entry, run=run, sweep=sweep, state="skipped", reason=reason) for entry, reason in read.refused),
        *(
            _build_failed(entry, run=run, sweep=sweep, reason=reason, failed_at=failed_at.get(entry.remote_id))
            for entry, reason in read.failed
        ),
    ]
    RemoteItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=["version", "path", "state", "reason", "seen", "gone_in", "details", "failed_at", "retry_at"],
    )
    return len(failed_at)


def _read_failed(run: SyncRun, *, ids: Sequence[str]) -> dict[str, datetime]:
    """Since when these items have failed, those that have."""
    rows = RemoteItem.objects.filter(
        connection_id=run.connection_id, remote_id__in=ids, state=RemoteItem.State.FAILED, failed_at__isnull=False
    )
    return dict(rows.values_list("remote_id", "failed_at"))


def _build_stored(entry: Entry, *, outcome: Outcome, run: SyncRun, sweep: int) -> RemoteItem:
    """Of what its person erased not even the path is kept."""
    if outcome == "erased":
        return _build_item(replace(entry, path=""), run=run, sweep=sweep, state=RemoteItem.State.ERASED)
    return _build_item(entry, run=run, sweep=sweep, state=RemoteItem.State.STORED)


def _build_item(entry: Entry, *, run: SyncRun, sweep: int, state: str, reason: str = "") -> RemoteItem:
    return RemoteItem(
        user_id=run.user_id,
        connection_id=run.connection_id,
        remote_id=entry.remote_id,
        version=entry.version,
        path=entry.path,
        state=state,
        reason=reason[:255],
        seen=sweep,
    )


def _build_failed(entry: Entry, *, run: SyncRun, sweep: int, reason: str, failed_at: datetime | None) -> RemoteItem:
    """No version is held of it, so that it is read again when it is listed, and at the latest tomorrow."""
    row = _build_item(replace(entry, version=""), run=run, sweep=sweep, state=RemoteItem.State.FAILED, reason=reason)
    row.details = {"version": entry.version, "details": dict(entry.details)}
    row.failed_at = failed_at or timezone.now()
    row.retry_at = timezone.now() + RETRY_AFTER
    return row


def _count(run: SyncRun, counts: Counter[str]) -> None:
    """Add to the run's counts. What was stored is progress, so the attempts begin anew."""
    added = {name: F(name) + number for name, number in counts.items() if number}
    if added:
        SyncRun.objects.filter(pk=run.pk).update(attempts=1, waiting_since=None, error="", **added)


def close_page(page: Page, *, claim: Claim, sweep: int, missing: Sequence[str], unchanged: int) -> None:
    """Write the page's effects in their order, and its cursor, in one transaction. Raises LeaseLost."""
    with transaction.atomic():
        run = lock_claimed_run(claim)
        for marks in _list_marks(page, missing=missing):
            _mark(marks, run=run, sweep=sweep, listed=page.listed)
        if page.complete:
            _execute(MARK_UNSEEN, {"run": run.pk, "connection": run.connection_id, "sweep": sweep})
        Connection.objects.filter(pk=run.connection_id).update(cursor=page.cursor, sweep=sweep)
        SyncRun.objects.filter(pk=run.pk).update(
            pages=F("pages") + 1, unchanged=F("unchanged") + unchanged, attempts=1, waiting_since=None, error=""
        )


def _list_marks(page: Page, *, missing: Sequence[str]) -> Iterator[list[Change]]:
    """Neighbours of one kind together."""
    changes: list[Change] = [*page.changes, *(Removal(remote_id) for remote_id in missing)]
    for _, group in groupby(changes, key=type):
        yield list(group)


def _mark(changes: list[Change], *, run: SyncRun, sweep: int, listed: bool) -> None:
    place: dict[str, Any] = {"run": run.pk, "connection": run.connection_id, "sweep": sweep, "listed": listed}
    match changes[0]:
        case PathRemoval():
            paths = [change.path for change in changes if isinstance(change, PathRemoval)]
            _execute(MARK_GONE_BELOW, {**place, "paths": paths})
        case Removal():
            _execute(
                MARK_GONE, {**place, "ids": [change.remote_id for change in changes if isinstance(change, Removal)]}
            )
        case Entry():
            latest = {change.remote_id: change.path for change in changes if isinstance(change, Entry)}
            _execute(MARK_PRESENT, {**place, "ids": list(latest), "paths": list(latest.values())})


def _execute(statement: str, parameters: dict[str, Any]) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
