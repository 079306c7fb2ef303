"""Connected: what we hold against what Nango holds. Memories are never deleted here, whatever Nango says."""

from django.db import transaction
from django.utils import timezone

from integrations.errors import ConnectionGone, ConnectionProblem
from integrations.models import Connection
from integrations.nango import NangoClient, open_client
from integrations.services.connect import renew_connection, revive_connection, take_in
from integrations.services.decisions import stop_runs

State = Connection.State
GONE = "Nango does not know this connection any more. Connect it again to go on."


def reconcile_connections() -> int:
    """Hold all our connections against all of Nango's: take in what a lost webhook told of, mark what is gone, revive what is back.

    Returns how many rows changed. Raises NangoAway and Misconfigured.
    """
    client = open_client()
    began = timezone.now()
    listed = list(client.list_connections())
    changed = take_in(client, listed)
    there = {(client.provider_of(found.integration_id), found.nango_id) for found in listed}
    watched = (State.NEW, State.ACTIVE, State.NEEDS_REAUTH, State.GONE)
    for row in Connection.objects.filter(state__in=watched, created_at__lt=began).order_by("pk"):
        is_there = (row.provider, row.nango_id) in there
        if row.state == State.GONE and is_there:
            revive_connection(row.pk)
            changed += 1
        elif row.state != State.GONE and not is_there:
            changed += _check_missing(client, row)
    return changed


def look_at_connection(client: NangoClient, *, provider: str, nango_id: str, renewed: bool) -> None:
    """Something happened to the access of connections that we have. What it was is asked of Nango; a sync tells the rest."""
    rows = list(Connection.objects.filter(provider=provider, nango_id=nango_id).exclude(state=State.LEAVING))
    for row in rows:
        try:
            found = client.read_connection(provider=provider, nango_id=nango_id)
        except ConnectionGone:
            mark_gone(row)
        except ConnectionProblem:
            Connection.objects.filter(pk=row.pk, state=State.ACTIVE).update(next_at=None)
        else:
            if renewed and not found.broken:
                renew_connection(row.pk, nango_id=nango_id)


def _check_missing(client: NangoClient, row: Connection) -> bool:
    """A list may shift while it is read, so a connection that it did not show is asked for by name."""
    try:
        client.read_connection(provider=row.provider, nango_id=row.nango_id)
    except ConnectionGone:
        mark_gone(row)
        return True
    except ConnectionProblem:
        return False
    return False


def mark_gone(row: Connection) -> None:
    """Nango has forgotten it. Its memories stay; connecting it again goes on where it was. A paused one is told when it goes on."""
    with transaction.atomic():
        held = Connection.objects.select_for_update(no_key=True).filter(pk=row.pk, nango_id=row.nango_id)
        if held.exclude(state__in=(State.LEAVING, State.PAUSED)).update(state=State.GONE, error=GONE, next_at=None):
            stop_runs(connection_id=row.pk)
