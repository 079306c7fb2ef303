"""The stand-in's proxy: what reaches a provider, what comes back, and every fault of a plan."""

import time

import pytest
import urllib3

KINDS = {
    "refresh_backoff": (424, "connection_refresh_backoff"),
    "refresh_exhausted": (424, "server_error"),
    "refresh_failed": (400, "server_error"),
    "connection_unknown": (400, "server_error"),
    "integration_unknown": (404, "unknown_provider_config"),
    "nango_limit": (429, "too_many_request"),
    "plan_limit": (402, "plan_limit"),
}


def test_both_of_nangos_headers_are_needed(ask, through):
    assert ask("/proxy/gmail/v1/users/me/profile").code == "invalid_headers"
    assert through("/profile", headers={"Retries": "many"}).code == "invalid_headers"
    assert through("/profile", headers={"Provider-Config-Key": "nobody"}).code == "unknown_provider_config"
    assert through("/profile", headers={"Connection-Id": "nobody"}).code == "server_error"


def test_a_good_answer_has_nangos_limit_and_few_headers(through):
    reply = through("/profile")
    assert set(reply.headers) == {
        "content-type",
        "content-length",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
    assert int(reply.headers["x-ratelimit-reset"]) > time.time()


def test_only_headers_with_the_prefix_reach_a_provider(ask, stand_in):
    stand_in.add_account("dropbox", "ada", [{"id": "id:a", "path": "/a.txt", "text": "Hello"}])
    nango = {
        "Provider-Config-Key": "dropbox",
        "Connection-Id": stand_in.connect("dropbox", "ada"),
        "Content-Type": "text/plain",
    }
    content = {**nango, "Base-Url-Override": "https://content.dropboxapi.com"}
    asked = {"nango-proxy-dropbox-api-arg": '{"path":"id:a"}', "nango-proxy-content-type": "application/octet-stream"}
    assert ask("/proxy/2/files/download", method="POST", headers={**content, **asked}).body == b"Hello"
    bare = {name.removeprefix("nango-proxy-"): value for name, value in asked.items()}
    assert ask("/proxy/2/files/download", method="POST", headers={**content, **bare}).status == 400


def test_an_error_comes_back_with_its_headers_and_its_body(stand_in, through, connected):
    fault = {
        "kind": "status",
        "status": 429,
        "headers": {"Retry-After": "3", "X-RateLimit-Limit": "7"},
        "body": {"a": 1},
    }
    stand_in.plan(connected, [fault])
    reply = through("/profile")
    assert (reply.status, reply.json, reply.headers["retry-after"]) == (429, {"a": 1}, "3")
    assert reply.headers["x-ratelimit-limit"] != "7"
    assert through("/profile").status == 200


@pytest.mark.parametrize("kind", KINDS)
def test_nangos_own_refusals_have_their_status_and_code(stand_in, through, connected, kind):
    stand_in.plan(connected, [{"kind": kind, "at": 2}])
    assert through("/profile").status == 200
    reply = through("/profile")
    assert (reply.status, reply.code) == KINDS[kind]


def test_nangos_own_limit_says_when_to_come_back(stand_in, through, connected):
    stand_in.plan(connected, [{"kind": "nango_limit", "seconds": 30}])
    headers = through("/profile").headers
    assert headers["retry-after"] == "30"
    assert 25 < int(headers["x-ratelimit-reset"]) - time.time() < 35


def test_an_unreachable_provider_is_told_as_nango_tells_it(stand_in, through, connected):
    stand_in.plan(connected, [{"kind": "unreachable"}])
    reply = through("/profile")
    assert (reply.status, reply.json["code"]) == (500, "ECONNREFUSED")


def test_a_cut_answer_is_cut_and_an_empty_one_empty(stand_in, through, connected):
    stand_in.plan(
        connected, [{"kind": "truncate"}, {"kind": "truncate", "clean": True, "at": 2}, {"kind": "empty", "at": 3}]
    )
    with pytest.raises(urllib3.exceptions.ProtocolError):
        through("/profile")
    cut = through("/profile")
    with pytest.raises(ValueError, match="line 1 column"):
        _ = cut.json
    assert (cut.status, through("/profile").body) == (200, b"")


def test_a_reset_connection_and_one_that_hangs_leave_no_answer(stand_in, through, connected):
    stand_in.plan(connected, [{"kind": "reset"}, {"kind": "hang", "at": 2, "seconds": 0.2}])
    for _ in range(2):
        with pytest.raises(urllib3.exceptions.ProtocolError):
            through("/profile")
    assert [(call["status"], call["fault"]) for call in stand_in.calls(connected)] == [(0, "reset"), (0, "hang")]


def test_calls_are_logged_with_a_time_that_can_be_compared(stand_in, through, connected):
    stand_in.plan(connected, [{"kind": "slow", "seconds": 0.1}])
    before = time.monotonic()
    through("/messages?maxResults=2&labelIds=INBOX")
    [call] = stand_in.calls(connected)
    assert before < call["at"] < time.monotonic() - 0.1
    assert (call["n"], call["path"], call["params"]) == (
        1,
        "/gmail/v1/users/me/messages",
        [["maxResults", "2"], ["labelIds", "INBOX"]],
    )


def test_a_fault_can_come_again_and_wait_for_a_path(stand_in, through, connected):
    stand_in.plan(
        connected,
        [{"kind": "plan_limit", "match": "/labels", "at": 2, "times": 2}, {"kind": "unreachable", "every": 4}],
    )
    asked = ["/labels", "/profile", "/labels", "/labels", "/labels", "/profile", "/profile", "/profile"]
    assert [through(path).status for path in asked] == [200, 200, 402, 402, 200, 200, 200, 500]


def test_something_arrives_or_leaves_after_a_call(stand_in, through, connected, mailbox):
    stand_in.plan(connected, [{"kind": "arrive"}, {"kind": "depart", "at": 2, "ids": ["m0"]}])
    assert [through("/profile").json["messagesTotal"] for _ in range(3)] == [5, 6, 5]
    assert "m0" not in stand_in.truth("gmail", mailbox)


def test_a_fault_nobody_knows_is_refused(stand_in, connected):
    with pytest.raises(Exception, match="no kind of fault"):
        stand_in.plan(connected, [{"kind": "weather"}])


@pytest.mark.parametrize(
    ("provider", "integration", "denied", "throttled"),
    [
        ("gmail", "google-mail", "authError", (403, "userRateLimitExceeded")),
        ("gdrive", "google-drive", "authError", (403, "userRateLimitExceeded")),
        ("dropbox", "dropbox", "invalid_access_token", (429, "too_many_requests")),
        ("zoho_mail", "zoho-mail", "INVALID_OAUTHTOKEN", (429, "THROTTLED")),
    ],
)
def test_each_provider_has_its_own_words_for_no_and_for_too_much(
    ask, stand_in, provider, integration, denied, throttled
):
    stand_in.add_account(provider, "ada")
    nango_id = stand_in.connect(provider, "ada")
    stand_in.plan(nango_id, [{"kind": "denied"}, {"kind": "throttled", "at": 2, "seconds": 9}])
    headers = {"Provider-Config-Key": integration, "Connection-Id": nango_id}
    first, second = (ask("/proxy/x", headers=headers) for _ in range(2))
    assert first.status == 401
    assert denied in first.body.decode()
    assert (second.status, throttled[1] in second.body.decode()) == (throttled[0], True)
    assert second.headers.get("retry-after") == ("9" if provider == "dropbox" else None)


def test_without_nango_only_the_accounts_own_token_opens_it(ask, mailbox):
    assert ask("/gmail/v1/users/me/profile", key=mailbox).status == 200
    assert ask("/gmail/v1/users/me/profile", key="eve").json["error"]["status"] == "UNAUTHENTICATED"
    assert ask("/elsewhere", key=mailbox).status == 404


def test_a_good_status_may_carry_an_error_within(ask, stand_in):
    stand_in.add_account("zoho_mail", "ada")
    nango_id = stand_in.connect("zoho_mail", "ada")
    envelope = {"status": {"code": 500, "description": "Internal Error"}, "data": {}}
    stand_in.plan(nango_id, [{"kind": "status", "status": 200, "body": envelope, "headers": {"X-Zoho": "kept back"}}])
    reply = ask("/proxy/api/accounts", headers={"Provider-Config-Key": "zoho-mail", "Connection-Id": nango_id})
    assert (reply.status, reply.json) == (200, envelope)
    assert "x-zoho" not in reply.headers
