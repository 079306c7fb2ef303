"""Connected: sessions in which a person gives access, connections that come of them, and how they leave again.

Whatever Nango tells is held against sessions that we opened ourselves. Its server is never asked inside a transaction, and every step
may be done twice or by two workers at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.errors import AuthSuspect, Conflict, ConnectionGone, ConnectionProblem, NeedsReauth
from integrations.models import Connection, ConnectSession, SyncRun
from integrations.nango import NangoClient, NangoConnection, Session, open_client
from integrations.services.decisions import stop_runs
from memories.errors import TransientError
from memories.services.erase import remove_memories
from memories.wakeups import send_wakeup

State = Connection.State
SESSION_LIFE = timedelta(minutes=30)
GRACE = timedelta(
    days=1
)  # a connection may be taken in so long after its session ended: we, or Nango, may have been away
POLLED = timedelta(minutes=2)  # so long after its end a session is still looked for at every turn
LEAVING_AGAIN = timedelta(minutes=2)
ERASED_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What the person's browser needs to give access at Nango, until `expires_at`."""

    token: str
    connect_link: str
    expires_at: datetime


# --- Opened -----------------------------------------------------------------


def open_session(*, user: Any, provider: str, connection: Connection | None = None) -> OpenedSession:
    """Let a person connect an account of a provider, or give access again to the one of `connection`.

    Raises:
        NotConfigured: this server has no key for Nango.
        NangoAway: Nango does not answer.
        Misconfigured: Nango refuses us.
        Conflict: the connection is being disconnected.
    """
    client = open_client()
    if connection is not None and connection.state == State.LEAVING:
        raise Conflict("This connection is being disconnected.")
    expires = timezone.now() + SESSION_LIFE
    row = ConnectSession.objects.create(user=user, provider=provider, connection=connection, expires_at=expires)
    tags = {"end_user_id": str(user.pk), "lifegraph_session": str(row.key)}
    try:
        session = _ask_for_session(client, provider=provider, connection=connection, tags=tags)
    except Exception:
        ConnectSession.objects.filter(pk=row.pk).delete()
        raise
    ConnectSession.objects.filter(pk=row.pk).update(expires_at=session.expires_at)
    return OpenedSession(token=session.token, connect_link=session.connect_link, expires_at=session.expires_at)


def _ask_for_session(
    client: NangoClient, *, provider: str, connection: Connection | None, tags: dict[str, str]
) -> Session:
    if connection is None or not _is_known(client, connection):
        return client.create_session(provider=provider, tags=tags)
    return client.create_reconnect_session(provider=provider, nango_id=connection.nango_id, tags=tags)


def _is_known(client: NangoClient, connection: Connection) -> bool:
    """Whether Nango still has this connection, with good access or not."""
    try:
        client.read_connection(provider=connection.provider, nango_id=connection.nango_id)
    except ConnectionGone:
        return False
    except (NeedsReauth, AuthSuspect):
        return True
    return True


# --- Taken in ---------------------------------------------------------------


def adopt_connections() -> int:
    """Take in what came of the sessions that are open now; returns how many connections. Raises NangoAway."""
    sessions = list(_list_open(since=POLLED))
    if not sessions:
        return 0
    client = open_client()
    count = 0
    for user_id in sorted({session.user_id for session in sessions}):
        count += take_in(client, client.list_connections(end_user_id=str(user_id)))
    return count


def adopt_connection(client: NangoClient, *, provider: str, nango_id: str) -> bool:
    """Look at one connection at Nango and take it in, if it came of a session of ours."""
    return bool(take_in(client, [client.read_connection(provider=provider, nango_id=nango_id)]))


def take_in(client: NangoClient, listed: Iterable[NangoConnection]) -> int:
    """Take in those that name an open session of ours; returns how many did."""
    sessions = {str(session.key): session for session in _list_open(since=GRACE)}
    count = 0
    for found in listed:
        session = sessions.get(found.tags.get("lifegraph_session", ""))
        if session is not None and _belongs(found, session=session, provider=client.provider_of(found.integration_id)):
            count += _use_session(session, nango_id=found.nango_id)
    return count


def _list_open(*, since: timedelta) -> Any:
    return ConnectSession.objects.filter(used_at__isnull=True, expires_at__gt=timezone.now() - since)


def _belongs(found: NangoConnection, *, session: ConnectSession, provider: str | None) -> bool:
    """Whether a connection is of the very person and provider whose session it names."""
    return provider == session.provider and found.tags.get("end_user_id") == str(session.user_id)


def _use_session(session: ConnectSession, *, nango_id: str) -> bool:
    """Use up a session and make or renew the connection with it; False if another worker did."""
    with transaction.atomic():
        if not ConnectSession.objects.filter(pk=session.pk, used_at__isnull=True).update(used_at=Now()):
            return False
        if session.connection_id is None:
            pk = _make_connection(session, nango_id=nango_id)
        else:
            pk = session.connection_id
            renew_connection(pk, nango_id=nango_id)
    send_wakeup("integrations.tasks.preview_connection", args=[pk])
    return True


def _make_connection(session: ConnectSession, *, nango_id: str) -> int:
    row, _ = Connection.objects.get_or_create(user_id=session.user_id, provider=session.provider, nango_id=nango_id)
    return int(row.pk)


def renew_connection(pk: int, *, nango_id: str) -> None:
    """Access was given again, perhaps under another id. What waits for its person goes on waiting."""
    Connection.objects.filter(pk=pk).update(nango_id=nango_id, auth_failed_since=None)
    revive_connection(pk)


def revive_connection(pk: int) -> None:
    """A connection that lacked access is in sync again, or waits for its go-ahead if it never had one; it is due now."""
    back = State.ACTIVE if SyncRun.objects.filter(connection_id=pk).exists() else State.NEW
    lacking = Connection.objects.filter(pk=pk, state__in=(State.NEEDS_REAUTH, State.GONE))
    lacking.update(state=back, error="", next_at=None)
    Connection.objects.filter(pk=pk, state__in=(State.NEW, State.ACTIVE)).update(error="", next_at=None)


# --- Left -------------------------------------------------------------------


def disconnect(*, connection: Connection, erase: bool) -> None:
    """End a connection: no sync from now on. Access is given back, and its memories go if `erase`, in the background."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        stop_runs(connection_id=row.pk)
        Connection.objects.filter(pk=row.pk).update(
            state=State.LEAVING, erase_memories=erase or row.erase_memories, error="", next_at=None
        )
    send_wakeup("integrations.tasks.tend_connections")


def finish_leaving() -> int:
    """Carry what is leaving on, each connection by one worker; returns how many have left.

    Memories go first, since they need nobody; where Nango is away the row stays, and with it the duty to give access back.
    """
    left = 0
    for pk in list(_list_leaving().order_by("pk").values_list("pk", flat=True)[:20]):
        if _list_leaving().filter(pk=pk).update(next_at=Now() + LEAVING_AGAIN):
            left += _leave(Connection.objects.select_related("user").get(pk=pk))
    return left


def _list_leaving() -> Any:
    """Those whose turn has come; an undo that was asked for before is let through first."""
    undoing = SyncRun.objects.filter(connection=OuterRef("pk"), state=SyncRun.State.UNDOING)
    due = Q(next_at__isnull=True) | Q(next_at__lte=Now())
    return Connection.objects.filter(due, ~Exists(undoing), state=State.LEAVING)


def _leave(row: Connection) -> bool:
    if row.erase_memories:
        _remove_memories(row)
    try:
        _give_back_access(row)
    except (ConnectionProblem, TransientError) as told:
        reason = f"Access could not be given back yet: {told}."
        Connection.objects.filter(pk=row.pk).update(error=reason[:500])
        return False
    return bool(Connection.objects.filter(pk=row.pk, state=State.LEAVING).delete()[0])


def _remove_memories(row: Connection) -> None:
    """Take out the memories of the account, unless another connection of the person's brings them. Should the account be
    connected anew they come anew; a memory that was erased by itself stays erased.
    """
    twins = Connection.objects.filter(user_id=row.user_id, provider=row.provider, account=row.account)
    if not row.account or twins.exclude(pk=row.pk).exclude(state=State.LEAVING).exists():
        return
    while ids := list(row.account_memories.order_by("pk").values_list("pk", flat=True)[:ERASED_TOGETHER]):
        remove_memories(user=row.user, memory_ids=ids)
        Connection.objects.filter(pk=row.pk).update(next_at=Now() + LEAVING_AGAIN)


def _give_back_access(row: Connection) -> None:
    twins = Connection.objects.filter(provider=row.provider, nango_id=row.nango_id).exclude(pk=row.pk)
    if not twins.exists():
        open_client().delete_connection(provider=row.provider, nango_id=row.nango_id)
