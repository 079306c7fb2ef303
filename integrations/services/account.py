"""Whose account a connection really is: asked of the provider, since it is the key of the memories."""

from uuid import uuid4

from django.db import transaction

from integrations.errors import NeedsReauth, Refused
from integrations.models import Connection
from integrations.providers.base import Fetch, Provider
from integrations.services.connect import renew_connection
from integrations.services.decisions import stop_runs


class Replaced(Exception):
    """This connection's account was connected before; the former connection goes on with the new access."""


def identify_account(connection: Connection, *, provider: Provider, fetch: Fetch) -> None:
    """Ask for the account's name and hold it against what we know.

    Raises:
        NeedsReauth: access was renewed with another account.
        Replaced: the account had a connection already, which has taken over this one's access.
    """
    account = _read_account(connection, provider=provider, fetch=fetch)
    if connection.account.casefold() == account.casefold():
        return
    if connection.account:
        raise NeedsReauth(f"access was given to {account}, but these memories are those of {connection.account}")
    with transaction.atomic():
        former = _find_former(connection, account=account)
        if former is None:
            Connection.objects.filter(pk=connection.pk).update(account=account)
            connection.account = account
            return
        _hand_over(connection, former=former)
    raise Replaced


def _read_account(connection: Connection, *, provider: Provider, fetch: Fetch) -> str:
    """Its address or name; where the provider refuses to tell (an integration without that scope), what it is known by here."""
    try:
        return provider.read_account(fetch=fetch)
    except Refused:
        return connection.account or connection.nango_id


def _find_former(connection: Connection, *, account: str) -> Connection | None:
    """The person's other connection to this account. All of theirs are locked, so that of two new ones one is the second."""
    theirs = Connection.objects.filter(user_id=connection.user_id, provider=connection.provider)
    rows = list(theirs.order_by("pk").select_for_update(no_key=True))
    return next(
        (
            row
            for row in rows
            if row.pk != connection.pk
            and row.state != Connection.State.LEAVING
            and row.account.casefold() == account.casefold()
        ),
        None,
    )


def _hand_over(connection: Connection, *, former: Connection) -> None:
    """The former connection keeps its cursor and items, and whatever it waits for, and takes the new access.

    The old access leaves with the new row, so what is being read through it stops.
    """
    new_id, old_id = connection.nango_id, former.nango_id
    Connection.objects.filter(pk=connection.pk).update(nango_id=f"leaving-{uuid4()}", state=Connection.State.LEAVING)
    if former.state == Connection.State.ACTIVE:
        stop_runs(connection_id=former.pk)
    renew_connection(former.pk, nango_id=new_id)
    Connection.objects.filter(pk=connection.pk).update(nango_id=old_id, next_at=None)
