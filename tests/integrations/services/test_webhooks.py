"""What Nango tells is looked into at Nango; Nango is the stand-in."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Connection, ConnectSession, SyncRun, WebhookEvent
from integrations.nango import NangoAway, open_client
from integrations.services.webhooks import handle_webhooks, receive_webhook
from tests.fakes.nango import ADDRESS, NOWHERE, connect_gmail, make_tags

State = Connection.State


def tell(nango_id: str, *, operation: str = "creation", integration: str = "google-mail", **more: Any) -> None:
    body = {"type": "auth", "operation": operation, "connectionId": nango_id, "providerConfigKey": integration}
    receive_webhook(json.dumps(body | more).encode())


def make_session(user: Any) -> ConnectSession:
    expires = timezone.now() + timedelta(minutes=30)
    return ConnectSession.objects.create(user=user, provider="gmail", expires_at=expires)


def connect(nango: Any, user: Any, **fields: Any) -> Connection:
    row = connect_gmail(nango, user, **fields)
    SyncRun.objects.create(user=user, connection=row, state="done")
    return row


def read(row: Connection) -> tuple[str, bool]:
    """Its state, and whether it is due."""
    row.refresh_from_db()
    return row.state, row.next_at is None


def test_a_new_connection_is_taken_in(user, nango):
    nango_id = nango.connect("gmail", ADDRESS, tags=make_tags(make_session(user)))
    tell(nango_id)
    assert handle_webhooks() == 1
    assert Connection.objects.get().nango_id == nango_id
    assert handle_webhooks() == 0


def test_tags_are_read_at_nango_and_not_in_the_message(user, nango):
    session = make_session(user)
    nango_id = nango.connect("gmail", ADDRESS, tags={"end_user_id": str(user.pk)})
    tell(nango_id, tags=make_tags(session), success=True)
    tell("made-up", tags=make_tags(session), success=True)
    assert handle_webhooks() == 2
    assert not Connection.objects.exists()


def test_access_that_was_given_again_lets_a_connection_go_on(user, nango):
    row = connect(nango, user, state=State.NEEDS_REAUTH, next_at=timezone.now())
    tell(row.nango_id, operation="override")
    handle_webhooks()
    assert read(row) == (State.ACTIVE, True)


def test_a_message_of_renewed_access_is_not_believed(user, nango):
    row = connect(nango, user, state=State.NEEDS_REAUTH, next_at=timezone.now())
    nango.plan(row.nango_id, [{"kind": "refresh_exhausted", "every": 1, "match": "/connections/"}])
    tell(row.nango_id, operation="override")
    handle_webhooks()
    assert read(row) == (State.NEEDS_REAUTH, False)


def test_access_that_could_not_be_renewed_makes_a_sync_due_that_will_tell(user, nango):
    row = connect(nango, user, state=State.ACTIVE, next_at=timezone.now() + timedelta(hours=1))
    nango.plan(row.nango_id, [{"kind": "refresh_exhausted", "every": 1, "match": "/connections/"}])
    tell(row.nango_id, operation="refresh", success=False)
    handle_webhooks()
    assert read(row) == (State.ACTIVE, True)


def test_a_made_up_failure_changes_nothing(user, nango):
    row = connect(nango, user, state=State.ACTIVE, next_at=timezone.now() + timedelta(hours=1))
    tell(row.nango_id, operation="refresh", success=False)
    handle_webhooks()
    assert read(row) == (State.ACTIVE, False)


def test_a_connection_that_nango_does_not_know_is_gone(user, nango):
    row = connect(nango, user, state=State.ACTIVE)
    open_client().delete_connection(provider="gmail", nango_id=row.nango_id)
    tell(row.nango_id, operation="refresh")
    handle_webhooks()
    assert read(row)[0] == State.GONE


@pytest.mark.parametrize("more", [{"type": "sync"}, {"type": "forward"}, {"integration": "github"}, {"nango_id": ""}])
def test_what_means_nothing_to_us_asks_nobody(user, nango, settings, more):
    settings.NANGO_BASE_URL = NOWHERE
    tell(**({"nango_id": "c-1"} | more))
    assert handle_webhooks() == 1
    assert not WebhookEvent.objects.filter(handled_at=None).exists()


def test_many_messages_of_one_connection_are_one_look(user, nango):
    nango_id = nango.connect("gmail", ADDRESS, tags=make_tags(make_session(user)))
    for number in range(20):
        tell(nango_id, n=number)
    assert handle_webhooks() == 20
    assert len(nango.calls(nango_id)) == 1


def test_what_cannot_be_asked_now_stays_open(user, nango, settings):
    nango_id = nango.connect("gmail", ADDRESS, tags=make_tags(make_session(user)))
    tell(nango_id)
    url, settings.NANGO_BASE_URL = settings.NANGO_BASE_URL, NOWHERE
    with pytest.raises(NangoAway):
        handle_webhooks()
    settings.NANGO_BASE_URL = url
    assert (handle_webhooks(), Connection.objects.count()) == (1, 1)


def test_what_is_a_day_old_was_found_since(user, nango):
    nango_id = nango.connect("gmail", ADDRESS, tags=make_tags(make_session(user)))
    tell(nango_id)
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(days=2))
    assert (handle_webhooks(), Connection.objects.count()) == (1, 0)


def test_a_connection_that_is_leaving_is_left_alone(user, nango):
    row = connect(nango, user, state=State.LEAVING)
    tell(row.nango_id, operation="override")
    handle_webhooks()
    assert read(row)[0] == State.LEAVING
