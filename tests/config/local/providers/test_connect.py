"""The stand-in's Connect page and its webhooks."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config.local.processes import wait_for


class Came(list):
    """What came, and what is answered to the next ones before 200."""

    def __init__(self):
        super().__init__()
        self.answers = []


@pytest.fixture
def told(stand_in):
    """The webhooks that came, as (body, headers)."""
    came = Came()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers))
            self.send_response(came.answers.pop(0) if came.answers else 200)
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        stand_in.configure(webhook_url=f"http://127.0.0.1:{server.server_address[1]}/webhooks/nango/")
        yield came
        server.shutdown()
        thread.join()


@pytest.fixture
def session(ask):
    return ask(
        "/connect/sessions", method="POST", body={"tags": {"end_user_id": "7"}, "allowed_integrations": ["google-mail"]}
    ).json["data"]


def test_the_page_says_what_it_is_and_whose_account_it_is(ask, mailbox, session):
    page = ask(f"/connect?session_token={session['token']}", key="").body.decode()
    assert "stand-in for the provider" in page
    assert mailbox in page
    assert "Allow" in page
    assert "Refuse" in page


def test_allow_makes_a_connection_with_the_sessions_tags(stand_in, mailbox, session):
    assert "Connected" in stand_in.answer_session(session["token"])
    [connection] = stand_in.connections()
    assert (connection["address"], connection["tags"]) == (mailbox, {"end_user_id": "7"})


def test_a_session_is_good_for_one_answer(stand_in, mailbox, session):
    stand_in.answer_session(session["token"])
    with pytest.raises(Exception, match="no longer good"):
        stand_in.answer_session(session["token"])


def test_the_webhook_of_a_new_connection_is_signed(stand_in, mailbox, session, told):
    stand_in.answer_session(session["token"])
    assert wait_for(lambda: told, seconds=5)
    [(raw, headers)] = told
    body = json.loads(raw)
    assert headers["X-Nango-Hmac-Sha256"] == hmac.new(stand_in.webhook_key.encode(), raw, hashlib.sha256).hexdigest()
    assert (body["type"], body["operation"], body["success"], body["tags"]) == (
        "auth",
        "creation",
        True,
        {"end_user_id": "7"},
    )
    assert body["connectionId"] == stand_in.connections()[0]["nango_id"]


def test_a_refusal_is_told_and_connects_nothing(stand_in, mailbox, session, told):
    assert "Nothing was connected" in stand_in.answer_session(session["token"], allow=False)
    assert wait_for(lambda: told, seconds=5)
    body = json.loads(told[0][0])
    assert (body["success"], stand_in.connections()) == (False, [])


def test_a_renewed_connection_keeps_its_id_and_works_again(ask, stand_in, through, connected, told):
    stand_in.plan(connected, [{"kind": "refresh_exhausted", "every": 1}])
    assert through("/profile").status == 424
    again = {"connection_id": connected, "integration_id": "google-mail"}
    reply = ask("/connect/sessions/reconnect", method="POST", body=again)
    stand_in.answer_session(reply.json["data"]["token"])
    assert wait_for(lambda: told, seconds=5)
    body = json.loads(told[0][0])
    assert (reply.status, body["operation"], body["connectionId"]) == (201, "override", connected)
    assert through("/profile").status == 200


def test_nothing_is_sent_beyond_loopback(stand_in):
    with pytest.raises(Exception, match="loopback alone"):
        stand_in.configure(webhook_url="http://example.com/")


@pytest.mark.parametrize(("answers", "tries"), [([503, 500], 3), ([401], 1)])
def test_trouble_is_told_again_and_a_refusal_is_not(stand_in, told, answers, tries):
    told.answers += answers
    stand_in.tell({"type": "sync", "success": True})
    assert wait_for(lambda: len(told) == tries, seconds=5)
    assert wait_for(lambda: len(stand_in.webhooks()) == tries, seconds=5)
    assert [json.loads(raw) for raw, _ in told] == [{"type": "sync", "success": True}] * tries
