"""Served and arrived: which accounts a person has connected, as records of an export; never an id or a key of Nango's.

A connection that is read back has no access: its person is asked to give it again, for the very account that its memories are of.
Then the first listing finds those memories by their keys and doubles none.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from django.conf import settings

from integrations.models import PROVIDER_NAMES, Connection
from memories.drafts import DraftError, parse_account
from memories.importers import Record, Skip
from memories.models import User
from memories.services.store import Outcome

State = Connection.State
Account = tuple[str, str]  # provider and account, folded
SLUGS: Final = tuple(slug for slug, _ in PROVIDER_NAMES)
MOST: Final = 50  # connections of a person that an import may bring about
ASK: Final = "It came with an import. Give access to go on."


def list_connections(*, user: User) -> Iterator[dict[str, Any]]:
    """The records of a person's connections, those left out that are about to go or never said whose account they are."""
    for row in _list_named(user):
        yield {"record": "connection", "provider": row.provider, "account": row.account, "state": row.state}


def read_connections(*, user: User, records: Sequence[Record], dry_run: bool = False) -> list[Outcome | Skip]:
    """Make the connections that these records tell of, each waiting for access; one that is there already stays as it is."""
    known = {(row.provider, row.account.casefold()) for row in _list_named(user)}
    outcomes: list[Outcome | Skip] = []
    for record in records:
        try:
            outcomes.append(_read(record.fields, user=user, known=known, dry_run=dry_run))
        except DraftError as error:
            outcomes.append(Skip(record.where, str(error)))
    return outcomes


def _list_named(user: User) -> Any:
    return Connection.objects.for_user(user).exclude(state=State.LEAVING).exclude(account="").order_by("pk")


def _read(fields: Mapping[str, object], *, user: User, known: set[Account], dry_run: bool) -> Outcome:
    """Raises DraftError."""
    provider, account = _parse(fields)
    if (provider, account.casefold()) in known:
        return "unchanged"
    if not settings.NANGO_SECRET_KEY:
        raise DraftError("provider", f"this server has no key for Nango, so {provider} cannot be connected")
    if len(known) >= MOST:
        raise DraftError("provider", f"there are {MOST} connections already")
    known.add((provider, account.casefold()))
    if not dry_run:
        Connection.objects.create(
            user=user,
            provider=provider,
            account=account,
            nango_id=f"imported-{uuid4()}",  # Nango knows none such, so giving access makes a new one there
            state=State.NEEDS_REAUTH,
            error=ASK,
        )
    return "created"


def _parse(fields: Mapping[str, object]) -> Account:
    provider, account = fields.get("provider"), parse_account(fields).strip()
    if not isinstance(provider, str) or provider not in SLUGS:
        raise DraftError("provider", f"{str(provider)[:40]!r} is none of {', '.join(SLUGS)}")
    if not account:
        raise DraftError("account", "is missing")
    return provider, account
