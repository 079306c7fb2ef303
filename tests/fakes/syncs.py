"""Steps of a sync as the workers take them, and what is there afterwards."""

from integrations.models import Connection, SyncRun
from integrations.services.decisions import ask_undo, start_sync
from integrations.services.sync import sync_connection
from integrations.services.undo import undo_run
from memories.models import Memory


def run_sync(connection):
    """Sync to the end of a run in this process; returns the run."""
    run = start_sync(connection=connection)
    sync_connection(connection_id=connection.pk)
    run.refresh_from_db()
    connection.refresh_from_db()
    return run


def make_run_due():
    """As if the worker had died or the wait were over."""
    SyncRun.objects.filter(lease_until__isnull=False).update(lease_until="2001-01-01T00:00Z")
    SyncRun.objects.update(due_at="2001-01-01T00:00Z")


def list_texts(connection):
    rows = Memory.objects.filter(source=connection.provider, account=connection.account)
    return dict(rows.values_list("external_id", "content"))


def read_counts(run):
    return {
        name: getattr(run, name)
        for name in ("created", "updated", "unchanged", "deleted", "skipped")
        if getattr(run, name)
    }


def set_connection(connection, **values):
    Connection.objects.filter(pk=connection.pk).update(**values)
    connection.refresh_from_db()


def undo(run):
    ask_undo(run=run)
    return undo_run(run_id=run.pk)
