"""Accounts are connected, taken in once, given access again, and leave; Nango is the stand-in."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection as database
from django.utils import timezone

from integrations import nango as client_module
from integrations.errors import Conflict, Misconfigured
from integrations.models import Connection, ConnectSession, RemoteItem, SyncRun
from integrations.nango import NangoAway, NotConfigured, open_client
from integrations.services.connect import adopt_connections, disconnect, finish_leaving, open_session
from integrations.services.reconcile import reconcile_connections
from memories.models import Memory, Tombstone
from tests.factories import MemoryFactory
from tests.factories.integrations import ConnectionFactory
from tests.fakes.nango import ADDRESS, NOWHERE, connect_gmail, make_tags

State = Connection.State


def make_session(user: Any, provider: str = "gmail", **fields: Any) -> ConnectSession:
    fields = {"expires_at": timezone.now() + timedelta(minutes=30)} | fields
    return ConnectSession.objects.create(user=user, provider=provider, **fields)


def count_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    ask = client_module.Transport.ask
    monkeypatch.setattr(
        client_module.Transport,
        "ask",
        lambda self, method, path, **rest: asked.append(f"{method} {path}") or ask(self, method, path, **rest),
    )
    return asked


# --- Opened -----------------------------------------------------------------


def test_a_person_opens_a_session_and_comes_back_with_a_connection(user, nango):
    opened = open_session(user=user, provider="gmail")
    assert opened.connect_link.startswith(nango.url)
    assert timedelta(minutes=29) < opened.expires_at - timezone.now() <= timedelta(minutes=30)
    nango.answer_session(opened.token, address=ADDRESS)
    assert adopt_connections() == 1
    row = Connection.objects.get()
    assert (row.user, row.provider, row.state, row.account) == (user, "gmail", State.NEW, "")
    assert row.nango_id == nango.connections()[0]["nango_id"]


def test_a_connection_is_taken_in_once(user, nango):
    opened = open_session(user=user, provider="gmail")
    nango.answer_session(opened.token, address=ADDRESS)
    assert [adopt_connections(), adopt_connections(), reconcile_connections()] == [1, 0, 0]


def test_a_person_who_refuses_has_no_connection(user, nango):
    opened = open_session(user=user, provider="gmail")
    nango.answer_session(opened.token, allow=False)
    assert adopt_connections() == 0


def test_a_server_without_a_key_opens_nothing(user, settings):
    settings.NANGO_SECRET_KEY = ""
    with pytest.raises(NotConfigured):
        open_session(user=user, provider="gmail")
    assert not ConnectSession.objects.exists()


def test_a_session_that_nango_did_not_open_is_none(user, nango, settings):
    settings.NANGO_SECRET_KEY = "wrong"
    with pytest.raises(Misconfigured):
        open_session(user=user, provider="gmail")
    settings.NANGO_BASE_URL = NOWHERE
    with pytest.raises(NangoAway):
        open_session(user=user, provider="gmail")
    assert not ConnectSession.objects.exists()


# --- Taken in ---------------------------------------------------------------


def test_nobody_asks_nango_while_no_session_is_open(user, nango, monkeypatch):
    asked = count_pages(monkeypatch)
    make_session(user, used_at=timezone.now())
    make_session(user, expires_at=timezone.now() - timedelta(hours=1))
    assert (adopt_connections(), asked) == (0, [])


def test_a_connection_must_name_an_open_session_of_that_very_person_and_provider(user, other_user, nango):
    mine = make_session(user)
    late = make_session(user, expires_at=timezone.now() - timedelta(days=2))
    used = make_session(user, used_at=timezone.now())
    theirs = make_session(other_user)
    for tags in (
        {},
        {"end_user_id": str(user.pk)},
        make_tags(mine) | {"lifegraph_session": str(uuid4())},
        make_tags(mine) | {"lifegraph_session": "nonsense"},
        make_tags(mine) | {"end_user_id": str(other_user.pk)},
        make_tags(theirs) | {"end_user_id": str(user.pk)},
        make_tags(late),
        make_tags(used),
    ):
        nango.connect("gmail", ADDRESS, tags=tags)
    nango.connect("dropbox", ADDRESS, tags=make_tags(mine))
    assert (adopt_connections(), reconcile_connections()) == (0, 0)
    nango.connect("gmail", ADDRESS, tags=make_tags(mine))
    assert adopt_connections() == 1


def test_what_came_of_a_session_while_we_were_away_is_found_by_the_hour(user, nango):
    session = make_session(user, expires_at=timezone.now() - timedelta(hours=5))
    nango.connect("gmail", ADDRESS, tags=make_tags(session))
    assert (adopt_connections(), reconcile_connections()) == (0, 1)
    assert Connection.objects.get().state == State.NEW


@pytest.mark.django_db(transaction=True)
def test_many_workers_take_a_connection_in_once(user, nango):
    session = make_session(user)
    nango.connect("gmail", ADDRESS, tags=make_tags(session))
    counts: list[int] = []

    def work() -> None:
        counts.append(adopt_connections())
        database.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (sum(counts), len(counts), Connection.objects.count()) == (1, 6, 1)


# --- Access again -----------------------------------------------------------


def reconnect(nango: Any, user: Any, row: Connection) -> Connection:
    opened = open_session(user=user, provider="gmail", connection=row)
    assert adopt_connections() == 0  # nothing has happened yet
    nango.answer_session(opened.token, address=ADDRESS)
    assert adopt_connections() == 1
    row.refresh_from_db()
    return row


def test_access_that_is_given_again_lets_the_connection_go_on_where_it_was(user, nango):
    row = connect_gmail(nango, user, state=State.NEEDS_REAUTH, error="gone", cursor={"phase": "changes"})
    SyncRun.objects.create(user=user, connection=row, state="failed")
    old_id = row.nango_id
    row = reconnect(nango, user, row)
    assert (row.state, row.error, row.nango_id, row.cursor) == (State.ACTIVE, "", old_id, {"phase": "changes"})
    assert Connection.objects.count() == 1


def test_access_that_is_given_again_is_no_go_ahead(user, nango):
    row = connect_gmail(nango, user, state=State.NEEDS_REAUTH, error="gone")
    assert reconnect(nango, user, row).state == State.NEW


@pytest.mark.parametrize("state", [State.PAUSED, State.HELD])
def test_what_waits_for_its_person_goes_on_waiting(user, nango, state):
    row = connect_gmail(nango, user, state=state, error="would delete 30 of 40")
    row = reconnect(nango, user, row)
    assert (row.state, row.error) == (state, "would delete 30 of 40")


def test_a_connection_that_nango_has_forgotten_is_connected_under_a_new_id(user, nango):
    row = connect_gmail(nango, user, state=State.GONE)
    SyncRun.objects.create(user=user, connection=row, state="failed")
    open_client().delete_connection(provider="gmail", nango_id=row.nango_id)
    row = reconnect(nango, user, row)
    assert (row.state, row.nango_id) == (State.ACTIVE, nango.connections()[0]["nango_id"])
    assert Connection.objects.count() == 1


def test_access_that_nango_has_given_up_can_be_given_again(user, nango):
    row = connect_gmail(nango, user, state=State.NEEDS_REAUTH)
    nango.plan(row.nango_id, [{"kind": "refresh_exhausted", "every": 1, "match": "/connections/"}])
    assert reconnect(nango, user, row).state == State.NEW


def test_what_is_leaving_takes_no_new_access(user, nango):
    with pytest.raises(Conflict):
        open_session(user=user, provider="gmail", connection=connect_gmail(nango, user, state=State.LEAVING))


# --- Left -------------------------------------------------------------------


def fill(user: Any, row: Connection, *, count: int = 3) -> None:
    for number in range(count):
        MemoryFactory(user=user, source="gmail", account=ADDRESS, external_id=f"m{number}")
        RemoteItem.objects.create(user=user, connection=row, remote_id=f"m{number}")
    MemoryFactory(user=user, source="gmail", account="", external_id="imported")
    MemoryFactory(user=user, source="gmail", account="other@post.example", external_id="m0")


@pytest.mark.parametrize(("erase", "left"), [(True, 2), (False, 5)])
def test_a_connection_leaves_with_its_access_and_its_memories_if_asked(user, nango, erase, left):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    fill(user, row)
    run = SyncRun.objects.create(user=user, connection=row)
    disconnect(connection=row, erase=erase)
    run.refresh_from_db()
    assert (run.state, Connection.objects.get().state) == ("stopped", State.LEAVING)
    assert finish_leaving() == 1
    assert (Memory.objects.count(), nango.connections()) == (left, [])
    assert not Connection.objects.exists()
    assert not RemoteItem.objects.exists()
    assert not SyncRun.objects.exists()


def test_memories_leave_in_batches_and_may_come_again(user, nango, monkeypatch):
    monkeypatch.setattr("integrations.services.connect.ERASED_TOGETHER", 2)
    row = connect_gmail(nango, user, state=State.ACTIVE)
    fill(user, row, count=5)
    disconnect(connection=row, erase=True)
    assert finish_leaving() == 1
    assert (Memory.objects.count(), Tombstone.objects.count()) == (2, 0)


def test_another_persons_memories_of_the_same_account_stay(user, other_user, nango):
    MemoryFactory(user=other_user, source="gmail", account=ADDRESS, external_id="m0")
    disconnect(connection=connect_gmail(nango, user, state=State.ACTIVE), erase=True)
    finish_leaving()
    assert Memory.objects.get().user == other_user


def test_memories_that_another_connection_brings_stay(user, nango):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    fill(user, row)
    disconnect(connection=row, erase=True)
    twin = connect_gmail(nango, user, state=State.ACTIVE)
    finish_leaving()
    assert (Memory.objects.count(), Connection.objects.get().pk) == (5, twin.pk)


def test_an_import_without_an_account_is_not_a_connections(user, nango):
    row = connect_gmail(nango, user, state=State.NEW)
    Connection.objects.filter(pk=row.pk).update(account="")
    fill(user, row)
    disconnect(connection=row, erase=True)
    assert (finish_leaving(), Memory.objects.count()) == (1, 5)


def test_while_nango_is_away_the_memories_go_and_the_duty_stays(user, nango, settings):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    fill(user, row)
    disconnect(connection=row, erase=True)
    url = settings.NANGO_BASE_URL
    settings.NANGO_BASE_URL = NOWHERE
    assert finish_leaving() == 0
    row.refresh_from_db()
    assert (row.state, Memory.objects.count()) == (State.LEAVING, 2)
    assert row.error.startswith("Access could not be given back yet: Nango does not answer")
    settings.NANGO_BASE_URL = url
    assert finish_leaving() == 0  # not at once again
    Connection.objects.update(next_at=timezone.now())
    assert (finish_leaving(), nango.connections()) == (1, [])


def test_a_connection_that_nango_has_forgotten_leaves_all_the_same(user, nango):
    row = connect_gmail(nango, user, state=State.GONE)
    open_client().delete_connection(provider="gmail", nango_id=row.nango_id)
    disconnect(connection=row, erase=False)
    assert finish_leaving() == 1


def test_disconnecting_twice_erases_if_it_was_asked_once(user, nango):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    disconnect(connection=row, erase=True)
    disconnect(connection=row, erase=False)
    assert Connection.objects.get().erase_memories


def test_an_undo_is_let_through_first(user, nango):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    run = SyncRun.objects.create(user=user, connection=row, state="undoing")
    disconnect(connection=row, erase=False)
    assert finish_leaving() == 0
    SyncRun.objects.filter(pk=run.pk).update(state="undone")
    assert finish_leaving() == 1


def test_access_that_another_row_uses_is_not_given_back(user, other_user, nango):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    ConnectionFactory(user=other_user, provider="gmail", account=ADDRESS, nango_id=row.nango_id)
    disconnect(connection=row, erase=False)
    assert (finish_leaving(), len(nango.connections())) == (1, 1)
