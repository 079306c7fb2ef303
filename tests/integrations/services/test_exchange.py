"""Connections in an export, and what becomes of them where it is read back."""

import pytest

from integrations.models import Connection
from integrations.services.connect import adopt_connections, disconnect, finish_leaving, open_session
from integrations.services.exchange import list_connections, read_connections
from memories.importers import Record, Skip
from tests.factories.integrations import ConnectionFactory
from tests.fakes.nango import ADDRESS

State = Connection.State


def make(**fields):
    return [Record("line 1", "connection", {"provider": "gmail", "account": ADDRESS, "state": "active"} | fields)]


def test_a_connection_goes_out_without_anything_of_nangos(user, other_user):
    ConnectionFactory(user=user, account=ADDRESS, nango_id="nango-secret", cursor={"page": "secret"})
    ConnectionFactory(user=other_user, account="other@post.example")
    assert list(list_connections(user=user)) == [
        {"record": "connection", "provider": "gmail", "account": ADDRESS, "state": "active"}
    ]


def test_one_that_is_leaving_or_has_no_account_yet_stays_out(user):
    ConnectionFactory(user=user, account="", state=State.NEW)
    ConnectionFactory(user=user, account=ADDRESS, state=State.LEAVING)
    assert list(list_connections(user=user)) == []


def test_one_that_is_read_back_waits_for_access_to_that_account(user, nango):
    assert read_connections(user=user, records=make() * 2) == ["created", "unchanged"]
    row = Connection.objects.get(user=user)
    assert (row.provider, row.account, row.state) == ("gmail", ADDRESS, State.NEEDS_REAUTH)


def test_access_can_be_given_to_one_that_was_read_back(user, nango):
    read_connections(user=user, records=make())
    row = Connection.objects.get()
    opened = open_session(user=user, provider="gmail", connection=row)
    nango.answer_session(opened.token, address=ADDRESS)
    assert adopt_connections() == 1
    row.refresh_from_db()
    assert (row.state, row.nango_id, row.account) == (State.NEW, nango.connections()[0]["nango_id"], ADDRESS)


def test_one_that_was_read_back_can_be_disconnected(user, nango):
    read_connections(user=user, records=make())
    disconnect(connection=Connection.objects.get(), erase=False)
    assert finish_leaving() == 1
    assert not Connection.objects.exists()


def test_one_that_is_there_stays_as_it_is(user):
    row = ConnectionFactory(user=user, account=ADDRESS.upper(), nango_id="there")
    assert read_connections(user=user, records=make()) == ["unchanged"]
    assert Connection.objects.get() == row


def test_a_dry_run_makes_none(user, nango):
    assert read_connections(user=user, records=make(), dry_run=True) == ["created"]
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"provider": "myspace"}, "provider: 'myspace' is none of gmail"),
        ({"provider": 7}, "provider: '7' is none of"),
        ({"account": ""}, "account: is missing"),
        ({"account": "x" * 256}, "account: is longer than 255 characters"),
        ({"account": "a\x00"}, "account: holds a NUL character"),
    ],
)
def test_one_that_cannot_be_is_named_with_its_reason(user, nango, fields, reason):
    (skip,) = read_connections(user=user, records=make(**fields))
    assert isinstance(skip, Skip)
    assert skip.reason.startswith(reason)


def test_a_server_without_a_key_makes_none_that_could_never_leave(user, settings):
    settings.NANGO_SECRET_KEY = ""
    (skip,) = read_connections(user=user, records=make())
    assert "no key for Nango" in skip.reason
    assert not Connection.objects.exists()


def test_a_file_cannot_bring_about_any_number_of_them(user, nango):
    records = [make(account=f"{number}@post.example")[0] for number in range(51)]
    outcomes = read_connections(user=user, records=records)
    assert outcomes[:50] == ["created"] * 50
    assert isinstance(outcomes[50], Skip)
