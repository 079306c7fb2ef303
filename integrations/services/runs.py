"""The life of a run: opened, claimed by one worker for a while, given back, and ended one way or another.

As with a memory's stages the row is the truth. A claim commits its attempt before the work begins and holds a lease; whoever lost the
lease finds another token in the row and may write nothing more. Whatever changes a connection locks its row first, then its run.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn
from uuid import UUID, uuid4

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import Connection, SyncRun
from integrations.providers import PROVIDERS
from memories.errors import WorkFailed
from memories.pipeline import MAX_ATTEMPTS, choose_delay
from memories.wakeups import send_wakeup

LEASE = timedelta(seconds=240)
OVERDUE = timedelta(seconds=20)
SWEEP_SECONDS = 15.0  # between two sweeps; a wake-up of the last one that nobody took is worth nothing
PATIENCE = timedelta(hours=24)  # with a provider that asks us to wait, again and again
LONGEST_WAIT = 900.0  # seconds that we choose ourselves; a provider may tell us to wait longer
AFTER_FAILURE = timedelta(hours=1)
AFTER_AUTH_TROUBLE = timedelta(hours=1)  # Nango counts failures once a day, so asking costs nothing
AUTH_PATIENCE = timedelta(days=4)  # as long as Nango itself tries to renew access
LONGEST_COUNTDOWN = 600.0  # what is due later is left to the sweeper: Celery gives a message out anew after an hour

CLAIM = """
UPDATE integrations_syncrun
SET state = 'running', attempts = attempts + 1, lease_token = %(token)s, lease_until = now() + make_interval(secs => %(lease)s),
    started_at = coalesce(started_at, now())
WHERE connection_id = %(connection)s AND state IN ('queued', 'waiting', 'running') AND due_at <= statement_timestamp()
  AND (lease_until IS NULL OR lease_until < statement_timestamp())
RETURNING id
"""


class LeaseLost(Exception):
    """Another worker has this run now, or it was stopped; nothing more may be written for it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that one worker owns for a while."""

    run_id: int
    connection_id: int
    token: UUID


def wake_sync(connection_id: int, *, countdown: float | None = None, expires: float | None = None) -> None:
    """Tell the sync worker that this connection has a run that is due (then)."""
    if countdown is None or countdown <= LONGEST_COUNTDOWN:
        task = "integrations.tasks.sync_connection"
        send_wakeup(task, args=[connection_id], countdown=countdown, expires=expires)


def sweep_runs() -> int:
    """Wake the runs that are overdue and that no worker has; returns how many."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    overdue = SyncRun.objects.filter(free, due_at__lt=Now() - OVERDUE)
    syncing = list(overdue.filter(state__in=("queued", "waiting", "running")).values_list("connection_id", flat=True))
    undoing = list(overdue.filter(state=SyncRun.State.UNDOING).values_list("pk", flat=True))
    for connection_id in syncing:
        wake_sync(connection_id, expires=SWEEP_SECONDS)
    for pk in undoing:
        send_wakeup("integrations.tasks.undo_run", args=[pk], expires=SWEEP_SECONDS)
    return len(syncing) + len(undoing)


# --- Claimed ----------------------------------------------------------------


def claim_run(*, connection_id: int) -> Claim | None:
    """Take the connection's due run, or None. Raises WorkFailed when it has killed its worker each time."""
    token = uuid4()
    with database.cursor() as cursor:
        cursor.execute(CLAIM, {"token": token, "lease": LEASE.total_seconds(), "connection": connection_id})
        row = cursor.fetchone()
    if row is None:
        return None
    claim = Claim(run_id=row[0], connection_id=connection_id, token=token)
    if SyncRun.objects.filter(pk=claim.run_id, attempts__gt=MAX_ATTEMPTS).exists():
        fail_run(claim, error="the worker died each time")
    return claim


def lock_claimed_run(claim: Claim) -> SyncRun:
    """The run's row and its connection's, locked until the transaction ends, with a new lease. Raises LeaseLost."""
    list(Connection.objects.filter(pk=claim.connection_id).select_for_update(no_key=True).values_list("pk"))
    held = SyncRun.objects.filter(pk=claim.run_id, lease_token=claim.token, state=SyncRun.State.RUNNING)
    run: SyncRun | None = (
        held.select_for_update(no_key=True, of=("self",)).select_related("connection", "connection__user").first()
    )
    if run is None:
        raise LeaseLost
    held.update(lease_until=Now() + LEASE)
    return run


def renew_lease(claim: Claim) -> None:
    """Hold on to the run while its page is being read. Raises LeaseLost."""
    held = SyncRun.objects.filter(pk=claim.run_id, lease_token=claim.token, state=SyncRun.State.RUNNING)
    if not held.update(lease_until=Now() + LEASE):
        raise LeaseLost


# --- Given back -------------------------------------------------------------


def yield_run(claim: Claim) -> None:
    """Let others have the worker; the run goes on where it is, at once."""
    _give_back(claim, state=SyncRun.State.QUEUED, attempts=F("attempts") - 1)
    wake_sync(claim.connection_id)


def wait_for_provider(claim: Claim, *, seconds: float, reason: str) -> None:
    """Wait as we are told, and longer the longer we have waited in vain. No attempt is used.

    Raises WorkFailed after a day of nothing but waiting.
    """
    now = timezone.now()
    since = SyncRun.objects.values_list("waiting_since", flat=True).get(pk=claim.run_id) or now
    if since < now - PATIENCE:
        fail_run(claim, error=f"the provider has kept us waiting for a day: {reason}")
    seconds = max(seconds, min(LONGEST_WAIT, (now - since).total_seconds() / 3))
    _give_back(
        claim,
        state=SyncRun.State.WAITING,
        due_at=Now() + timedelta(seconds=seconds),
        attempts=F("attempts") - 1,
        error=reason[:500],
        waiting_since=since,
    )
    wake_sync(claim.connection_id, countdown=seconds)


def postpone_run(claim: Claim, *, base: float, reason: str) -> float:
    """Try again later, by growing delays of which the first is about `base` seconds; returns the seconds.

    Raises WorkFailed when the attempts are used up.
    """
    attempts = SyncRun.objects.values_list("attempts", flat=True).get(pk=claim.run_id)
    if attempts >= MAX_ATTEMPTS:
        fail_run(claim, error=reason)
    seconds = choose_delay(attempts, base=base)
    _give_back(claim, state=SyncRun.State.WAITING, due_at=Now() + timedelta(seconds=seconds), error=reason[:500])
    return seconds


def _give_back(claim: Claim, **changes: Any) -> None:
    held = SyncRun.objects.filter(pk=claim.run_id, lease_token=claim.token, state=SyncRun.State.RUNNING)
    held.update(lease_until=None, lease_token=None, **changes)


# --- Ended ------------------------------------------------------------------


def finish_run(claim: Claim) -> None:
    """The run is done; the connection's next one is due after the provider's interval."""
    with transaction.atomic():
        run = lock_claimed_run(claim)
        now = timezone.now()
        changes: dict[str, Any] = {
            "synced_at": now,
            "next_at": now + PROVIDERS[run.connection.provider].every,
            "failing_since": None,
            "auth_failed_since": None,
            "error": "",
        }
        if run.kind != "changes":
            changes["swept_at"] = now
        Connection.objects.filter(pk=run.connection_id).update(**changes)
        end_run(run, state=SyncRun.State.DONE)


def fail_run(claim: Claim, *, error: str, state: str = "", kind: str = "") -> NoReturn:
    """End the run as failed; the connection is tried again in an hour, or stays in `state` until somebody acts.

    Raises WorkFailed. Its unit is the connection and not the run, so that an outage of days is one failure.
    """
    with transaction.atomic():
        run = lock_claimed_run(claim)
        now = timezone.now()
        changes: dict[str, Any] = {"error": error[:500], "next_at": now + AFTER_FAILURE}
        if state:
            changes |= {"state": state, "next_at": None}
        if run.connection.failing_since is None:
            changes["failing_since"] = now
        Connection.objects.filter(pk=run.connection_id).update(**changes)
        end_run(run, state=SyncRun.State.FAILED, error=error)
        SyncRun.objects.filter(pk=run.pk).update(failure=kind)
    raise WorkFailed(error, units=[f"connection:{claim.connection_id}"], kind=kind)


def fail_undo(run_id: int) -> NoReturn:
    """An undo broke at every attempt; what it has not undone stays as the run left it. Raises WorkFailed."""
    error = "it could not be undone to the end"
    with transaction.atomic():
        run: SyncRun = SyncRun.objects.select_for_update(no_key=True).get(pk=run_id)
        Connection.objects.filter(pk=run.connection_id, failing_since__isnull=True).update(failing_since=timezone.now())
        end_run(run, state=SyncRun.State.FAILED, error=error)
    raise WorkFailed(error, units=[f"connection:{run.connection_id}"], kind="permanent")


def suspend_run(claim: Claim, *, error: str) -> None:
    """Access could not be renewed today: look again in an hour, and after four days ask the person. Raises WorkFailed then."""
    since = Connection.objects.values_list("auth_failed_since", flat=True).get(pk=claim.connection_id)
    now = timezone.now()
    if since is not None and since < now - AUTH_PATIENCE:
        fail_run(claim, error=error, state=Connection.State.NEEDS_REAUTH, kind="auth")
    with transaction.atomic():
        run = lock_claimed_run(claim)
        Connection.objects.filter(pk=run.connection_id).update(
            error=error[:500], auth_failed_since=since or now, next_at=now + AFTER_AUTH_TROUBLE
        )
        end_run(run, state=SyncRun.State.STOPPED, error=error)


def end_run(run: SyncRun, *, state: str, error: str = "") -> None:
    """Write how a run ended; call it in the transaction that locked the run."""
    SyncRun.objects.filter(pk=run.pk).update(
        state=state, error=error[:500], ended_at=Now(), lease_until=None, lease_token=None
    )
