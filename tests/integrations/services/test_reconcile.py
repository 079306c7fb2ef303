"""Our connections are held against those of Nango, which is the stand-in."""

import pytest

from integrations.models import Connection, SyncRun
from integrations.nango import NangoAway, NangoClient, open_client
from integrations.services.reconcile import reconcile_connections
from memories.models import Memory
from tests.factories import MemoryFactory
from tests.fakes.nango import ADDRESS, NOWHERE, connect_gmail

State = Connection.State


def test_a_connection_that_nango_has_not_any_more_is_gone_and_its_memories_stay(user, nango):
    kept = connect_gmail(nango, user, state=State.ACTIVE)
    Connection.objects.update(account="another@post.example")
    row = connect_gmail(nango, user, state=State.ACTIVE)
    run = SyncRun.objects.create(user=user, connection=row)
    MemoryFactory(user=user, source="gmail", account=ADDRESS, external_id="1")
    open_client().delete_connection(provider="gmail", nango_id=row.nango_id)
    assert reconcile_connections() == 1
    for one in (row, kept, run):
        one.refresh_from_db()
    assert (row.state, run.state, kept.state) == (State.GONE, "stopped", State.ACTIVE)
    assert "Connect it again" in row.error
    assert Memory.objects.count() == 1
    assert reconcile_connections() == 0


def test_a_list_that_leaves_a_connection_out_is_not_believed(user, nango, monkeypatch):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    monkeypatch.setattr(NangoClient, "list_connections", lambda self, **_: iter(()))
    assert reconcile_connections() == 0
    row.refresh_from_db()
    assert row.state == State.ACTIVE


def test_a_connection_that_is_back_goes_on(user, nango):
    row = connect_gmail(nango, user, state=State.GONE, error="Nango does not know it")
    SyncRun.objects.create(user=user, connection=row, state="done")
    assert reconcile_connections() == 1
    row.refresh_from_db()
    assert (row.state, row.error) == (State.ACTIVE, "")


def test_a_nango_that_is_away_changes_nothing(user, nango, settings):
    row = connect_gmail(nango, user, state=State.ACTIVE)
    settings.NANGO_BASE_URL = NOWHERE
    with pytest.raises(NangoAway):
        reconcile_connections()
    row.refresh_from_db()
    assert row.state == State.ACTIVE
