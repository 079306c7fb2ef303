"""What opens, stops and answers runs: the schedule, and the person whose connection it is."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.errors import Conflict
from integrations.flags import list_running_providers
from integrations.models import Connection, RemoteItem, SyncRun
from integrations.providers import PROVIDERS
from integrations.services.removal import count_gone
from integrations.services.runs import end_run, wake_sync
from memories.wakeups import send_wakeup

STARTABLE = (Connection.State.NEW, Connection.State.ACTIVE, Connection.State.PAUSED)


def start_sync(*, connection: Connection) -> SyncRun:
    """Sync now, as its person asks: for a new connection this is the go-ahead, a paused one goes on. Raises Conflict."""
    with transaction.atomic():
        row = _lock(connection)
        _require_startable(row)
        run = _open_run(row)
        Connection.objects.filter(pk=row.pk).update(state=Connection.State.ACTIVE, next_at=None)
    wake_sync(row.pk)
    return run


def start_due_syncs(*, limit: int = 100) -> int:
    """Open a run for every connection whose time has come; returns how many."""
    due = _list_due()
    started = 0
    for pk in list(due.order_by("next_at", "id").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            row = due.filter(pk=pk).select_for_update(skip_locked=True, no_key=True).first()
            if row is None:
                continue
            _open_run(row)
        wake_sync(pk)
        started += 1
    return started


def _list_due() -> Any:
    open_runs = SyncRun.objects.filter(connection=OuterRef("pk"), state__in=SyncRun.OPEN)
    return Connection.objects.filter(
        Q(next_at__lte=Now()) | Q(next_at__isnull=True),
        ~Exists(open_runs),
        state=Connection.State.ACTIVE,
        provider__in=list_running_providers(),
    )


def _open_run(row: Connection) -> SyncRun:
    """The open run of a connection whose row is locked, a new one where there is none."""
    run: SyncRun | None = SyncRun.objects.filter(connection_id=row.pk, state__in=SyncRun.OPEN).first()
    if run is None:
        kind = "first" if row.synced_at is None else "sweep" if _is_sweep_due(row) else "changes"
        run = SyncRun(user_id=row.user_id, connection_id=row.pk, kind=kind)
        run.save()
    elif run.state == SyncRun.State.WAITING and not run.waiting_since:  # after an error; a provider's wait is obeyed
        SyncRun.objects.filter(pk=run.pk).update(due_at=Now())
    return run


def _is_sweep_due(row: Connection) -> bool:
    every = PROVIDERS[row.provider].sweep_every
    return every is not None and (row.swept_at is None or row.swept_at < timezone.now() - every)


def pause_connection(*, connection: Connection) -> None:
    """No more syncs until its person asks for one; a run that is going on stops after its page. Raises Conflict."""
    with transaction.atomic():
        row = _lock(connection)
        _require_startable(row)
        stop_runs(connection_id=row.pk)
        Connection.objects.filter(pk=row.pk).update(state=Connection.State.PAUSED, next_at=None)


def stop_runs(*, connection_id: int) -> None:
    """Take the open run out of its worker's hands; what it stored stays, and the next run goes on from there."""
    going = SyncRun.objects.filter(connection_id=connection_id, state__in=("queued", "waiting", "running", "held"))
    going.update(state=SyncRun.State.STOPPED, ended_at=Now(), lease_until=None, lease_token=None)


def decide_run(*, run: SyncRun, accept: bool) -> None:
    """Answer a held run. Raises Conflict.

    To accept lets it delete what it would delete now (and no more), or bring what else there is. To refuse keeps the memories
    that are missing at the provider, or pauses the connection before more of a flood comes.
    """
    with transaction.atomic():
        row = _lock(run.connection)
        held = SyncRun.objects.select_related("connection").filter(pk=run.pk, state=SyncRun.State.HELD).first()
        if held is None:
            raise Conflict("This run does not wait for a decision.")
        changes = _let_go_on(held) if accept else _refuse(held)
        Connection.objects.filter(pk=row.pk).update(error="", **changes)
    wake_sync(row.pk)


def _let_go_on(run: SyncRun) -> dict[str, Any]:
    """Returns what becomes of the connection."""
    deletions = run.held_for == "deletions"
    allowed: dict[str, Any] = {"allowed_deletions": count_gone(run)} if deletions else {"arrivals_allowed": True}
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.QUEUED, error="", due_at=Now(), **allowed)
    return {"state": Connection.State.ACTIVE, "next_at": None}


def _refuse(run: SyncRun) -> dict[str, Any]:
    """Returns what becomes of the connection."""
    if run.held_for == "arrivals":
        end_run(run, state=SyncRun.State.STOPPED, error="You stopped it.")
        return {"state": Connection.State.PAUSED, "next_at": None}
    keep_memories(connection_id=run.connection_id)
    end_run(run, state=SyncRun.State.STOPPED, error="You kept your memories.")
    every = PROVIDERS[run.connection.provider].every
    return {"state": Connection.State.ACTIVE, "next_at": timezone.now() + every}


def retry_connections(*, ids: Sequence[int]) -> int:
    """Sync connections that failed anew, as an operator asks; returns how many there were."""
    failed = Connection.objects.filter(pk__in=ids, state__in=("active", "needs_reauth", "gone"))
    return int(failed.update(state=Connection.State.ACTIVE, next_at=Now(), auth_failed_since=None))


def retry_items(*, ids: Sequence[int]) -> int:
    """Read items that failed with the next run of their connection; returns how many there were."""
    return int(RemoteItem.objects.filter(pk__in=ids, state=RemoteItem.State.FAILED).update(retry_at=Now()))


def keep_memories(*, connection_id: int) -> None:
    """What is missing at the provider and not yet deleted here stays for good."""
    missing = RemoteItem.objects.filter(connection_id=connection_id, gone_in__isnull=False)
    missing.update(state=RemoteItem.State.KEPT, gone_in=None)


def ask_undo(*, run: SyncRun) -> None:
    """Undo a run: every memory it touched, and that nobody touched since, becomes what it was before. Raises Conflict.

    A held run that is undone leaves its connection paused: going on would bring the same again.
    """
    with transaction.atomic():
        row = _lock(run.connection)
        if SyncRun.objects.filter(connection_id=row.pk, state__in=SyncRun.OPEN).exclude(pk=run.pk).exists():
            raise Conflict("Another run of this connection is going on; try again when it has ended.")
        undone = SyncRun.objects.filter(pk=run.pk, state__in=SyncRun.UNDOABLE).update(
            state=SyncRun.State.UNDOING, due_at=Now(), attempts=0, lease_until=None, lease_token=None
        )
        if not undone:
            raise Conflict("This run cannot be undone: it is still going on, or it was undone before.")
        if row.state == Connection.State.HELD:
            keep_memories(connection_id=row.pk)
            Connection.objects.filter(pk=row.pk).update(state=Connection.State.PAUSED, error="", next_at=None)
    send_wakeup("integrations.tasks.undo_run", args=[run.pk])


def _require_startable(row: Connection) -> None:
    if row.state not in STARTABLE:
        raise Conflict(f"This connection {row.get_state_display()}.")


def _lock(connection: Connection) -> Connection:
    row: Connection = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    return row
