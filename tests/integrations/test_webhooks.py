"""The door: signatures over raw bytes, one row a body, 5xx for trouble of ours and nothing else."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from integrations.models import WebhookEvent

PATH = "/webhooks/nango/"
KEY = "signing-key"
BODY = json.dumps(
    {
        "from": "nango",
        "type": "auth",
        "operation": "creation",
        "connectionId": "c-1",
        "providerConfigKey": "google-mail",
    }
).encode()


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.NANGO_WEBHOOK_KEY = KEY


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr("integrations.services.webhooks.send_wakeup", sent.append)
    return sent


def sign(body: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def post(body: bytes = BODY, *, signature: str | None = None) -> Any:
    told = sign(body) if signature is None else signature
    client = Client(enforce_csrf_checks=True)
    return client.post(PATH, body, content_type="application/json", headers={"X-Nango-Hmac-Sha256": told})


def test_a_signed_message_is_kept_and_somebody_is_woken(db, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert post().status_code == 200
    event = WebhookEvent.objects.get()
    told = (event.kind, event.operation, event.integration, event.nango_id, event.times, event.handled_at)
    assert told == ("auth", "creation", "google-mail", "c-1", 1, None)
    assert woken == ["integrations.tasks.handle_webhooks"]


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0" * 64,
        "ä",
        sign(BODY)[:-1],
        sign(BODY).upper(),
        sign(BODY + b" "),
        sign(BODY, "another key"),
        hashlib.sha256(KEY.encode() + BODY).hexdigest(),  # the legacy signature is none
    ],
)
def test_a_wrong_signature_is_401_and_leaves_nothing(db, signature):
    answer = post(signature=signature)
    assert (answer.status_code, answer.content) == (401, b"")
    assert not WebhookEvent.objects.exists()


def test_a_missing_signature_gets_the_same_answer(db):
    missing, wrong = Client().post(PATH, BODY, content_type="application/json"), post(signature="0")
    assert (missing.status_code, missing.content) == (wrong.status_code, wrong.content) == (401, b"")


def test_the_signature_is_checked_before_the_body_is_looked_at(db, monkeypatch):
    monkeypatch.setattr("integrations.webhooks.receive_webhook", lambda body: pytest.fail("it was looked at"))
    assert post(b"{", signature="0").status_code == 401


def test_while_a_key_is_replaced_both_are_good(db, settings):
    settings.NANGO_WEBHOOK_KEY = f"new-key, {KEY}"
    bodies = [json.dumps({"type": "auth", "n": n}).encode() for n in range(2)]
    assert post(bodies[0], signature=sign(bodies[0], "new-key")).status_code == 200
    assert post(bodies[1], signature=sign(bodies[1], KEY)).status_code == 200
    assert post(b"{}", signature=sign(b"{}", f"new-key, {KEY}")).status_code == 401
    assert post(b"{}", signature=sign(b"{}", "")).status_code == 401


@pytest.mark.parametrize("key", ["", " ", ","])
def test_without_a_key_there_is_no_such_address(db, settings, key):
    settings.NANGO_WEBHOOK_KEY = key
    assert post(signature=sign(BODY, "")).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nothing_but_post_is_allowed(db, method):
    assert getattr(Client(), method)(PATH).status_code == 405


def test_fifty_replays_have_one_effect(db, woken):
    assert {post().status_code for _ in range(50)} == {200}
    event = WebhookEvent.objects.get()
    assert (event.times, event.handled_at) == (50, None)


def test_a_replay_of_what_was_just_handled_is_only_counted(db):
    post()
    handled = timezone.now() - timedelta(seconds=30)
    WebhookEvent.objects.update(handled_at=handled)
    post()
    event = WebhookEvent.objects.get()
    assert (event.times, event.handled_at) == (2, handled)


def test_the_same_message_some_time_later_is_looked_into_again(db):
    post()
    WebhookEvent.objects.update(handled_at=timezone.now() - timedelta(minutes=2), received_at="2026-01-01T00:00Z")
    post()
    event = WebhookEvent.objects.get()
    assert (event.times, event.handled_at) == (2, None)
    assert timezone.now() - event.received_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "never heard of"}',
        b'{"type": 7, "operation": {"a": []}, "connectionId": null}',
        b'{"type": "' + b"x" * 300 + b'", "connectionId": "' + b"y" * 900 + b'"}',
        b'{"type": "a\\u0000b", "connectionId": "\\ud800"}',
        b"[1, 2]",
        b"no json",
        b"\xff\x00",
        b"",
        b"[" * 50_000,
    ],
)
def test_a_signed_message_of_any_kind_is_200(db, body):
    assert post(body).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_a_message_over_a_megabyte_is_refused(db):
    assert post(b" " * 1_000_001).status_code == 413
    assert post(b" " * 1_000_000).status_code == 200


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_while_the_database_is_down_nango_is_asked_to_come_again(db, monkeypatch, error):
    def fail(*_: Any) -> None:
        raise error("no connection")

    with monkeypatch.context() as down:
        down.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
        answer, unsigned = post(), post(signature="0")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert unsigned.status_code == 401


def test_a_message_costs_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(3) as queries:
        post()
    assert [query["sql"].split()[0] for query in queries.captured_queries] == ["SAVEPOINT", "INSERT", "RELEASE"]


def test_nothing_of_a_body_is_kept_but_what_it_is_about(db):
    post(json.dumps({"type": "forward", "payload": {"canary": "canary"}}).encode())
    assert "canary" not in str(WebhookEvent.objects.values().get())
