"""Celery tasks of this app: load nothing, call one service. Those that wait for others' servers run in the queue `sync`."""

from celery import shared_task

from integrations.errors import ConnectionProblem
from integrations.failures import record_missed, resolve_settled
from integrations.services.connect import adopt_connections, finish_leaving
from integrations.services.decisions import start_due_syncs
from integrations.services.preview import preview_connection as preview
from integrations.services.preview import wake_previews
from integrations.services.reconcile import reconcile_connections as reconcile
from integrations.services.runs import sweep_runs
from integrations.services.sync import sync_connection as sync
from integrations.services.tidy import tidy
from integrations.services.undo import undo_run as undo
from integrations.services.webhooks import handle_webhooks as handle
from memories.errors import TransientError
from memories.tasks import RowTask


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def sync_connection(connection_id: int) -> None:
    """Work on a connection's due run for a while."""
    sync(connection_id=connection_id)


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def preview_connection(connection_id: int) -> None:
    """Count what a first import would bring."""
    preview(connection_id=connection_id)


@shared_task
def undo_run(run_id: int) -> int:
    """Carry an undo to its end."""
    return undo(run_id=run_id)


@shared_task(throws=(TransientError, ConnectionProblem))
def tend_connections() -> int:
    """Let those leave that want to, and take in what came of open sessions."""
    return finish_leaving() + adopt_connections()


@shared_task(throws=(TransientError, ConnectionProblem))
def handle_webhooks() -> int:
    """Look into what Nango told."""
    return handle()


@shared_task(throws=(TransientError, ConnectionProblem))
def reconcile_connections() -> int:
    """Hold our connections against Nango's: a webhook may be lost."""
    return reconcile()


@shared_task
def sweep_syncs() -> int:
    """Open the runs whose time has come and wake whatever is overdue."""
    return start_due_syncs() + sweep_runs() + wake_previews()


@shared_task
def record_failures() -> int:
    """Find failed work that no signal has recorded, and failures that are none any more."""
    resolve_settled()
    return record_missed()


@shared_task
def tidy_syncs() -> int:
    """The nightly tidying."""
    return tidy()
