"""Whose account a connection really is: asked of the provider, since it is the key of the memories."""

from uuid import uuid4

from django.db import transaction

from integrations.errors import NeedsReauth
from integrations.models import Connection
from integrations.providers.base import Fetch, Provider


class Replaced(Exception):
    """This connection's account was connected before; the former connection goes on with the new access."""


def identify_account(connection: Connection, *, provider: Provider, fetch: Fetch) -> None:
    """Ask for the account's name and hold it against what we know.

    Raises:
        NeedsReauth: access was renewed with another account.
        Replaced: the account had a connection already, which has taken over this one's access.
    """
    account = provider.read_account(fetch=fetch)
    if connection.account.casefold() == account.casefold():
        return
    if connection.account:
        raise NeedsReauth(f"access was given to {account}, but these memories are those of {connection.account}")
    with transaction.atomic():
        others = Connection.objects.filter(user_id=connection.user_id, provider=connection.provider, account=account)
        former = others.exclude(pk=connection.pk).exclude(state=Connection.State.LEAVING).select_for_update().first()
        if former is None:
            Connection.objects.filter(pk=connection.pk).update(account=account)
            connection.account = account
            return
        _hand_over(connection, former=former)
    raise Replaced


def _hand_over(connection: Connection, *, former: Connection) -> None:
    """The former connection keeps its cursor and items and takes the new access; the old access leaves with the new row."""
    new_id, old_id = connection.nango_id, former.nango_id
    Connection.objects.filter(pk=connection.pk).update(nango_id=f"leaving-{uuid4()}", state=Connection.State.LEAVING)
    Connection.objects.filter(pk=former.pk).update(
        nango_id=new_id, state=Connection.State.ACTIVE, error="", auth_failed_since=None, next_at=None
    )
    Connection.objects.filter(pk=connection.pk).update(nango_id=old_id)
