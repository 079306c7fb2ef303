"""The table of replies and what they mean, row by row."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations import errors
from integrations.verdicts import Kind, Verdict, judge, judge_nango, raise_verdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # 4 in the morning in Los Angeles


def ask(
    provider: str, purpose: Any, status: int, body: Any = b"", headers: Any = None, *, file: bool = False
) -> Verdict:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(
        provider=provider, purpose=purpose, status=status, headers=headers or {}, body=sent, now=NOW, file=file
    )


def nango(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def google(reason: str, *, location: str = "", message: str = "") -> dict[str, Any]:
    part = {"domain": "global", "reason": reason} | (
        {"location": location, "locationType": "parameter"} if location else {}
    )
    return {"error": {"code": 403, "message": message, "errors": [part]}}


def dropbox(tag: str, inner: str = "") -> dict[str, Any]:
    return {
        "error_summary": f"{tag}/{inner}/..",
        "error": {".tag": tag} | ({tag: {".tag": inner}} if inner else {}),
    }


def zoho(code: int, error: str = "", description: str = "") -> dict[str, Any]:
    return {"status": {"code": code, "description": description}, "data": {"errorCode": error} if error else {}}


CREDENTIALS = "Failed to get connection credentials: 'The external API returned an error when trying to refresh'"
DROPBOX_CURSOR = b'Error in call to API function "files/list_folder/continue": Invalid "cursor" parameter: malformed'
K = Kind

TABLE = [
    # Nango's own words
    ("gmail", "list", 429, nango("too_many_request"), K.RATE_LIMITED),
    ("gmail", "item", 424, nango("connection_refresh_backoff"), K.RATE_LIMITED),
    (
        "gmail",
        "item",
        424,
        nango("server_error", "The refresh limit has been reached for this connection"),
        K.NEEDS_REAUTH,
    ),
    ("gmail", "item", 424, nango("invalid_credentials"), K.NEEDS_REAUTH),
    ("gmail", "item", 424, nango("server_error", "something new"), K.AUTH_SUSPECT),
    ("gmail", "item", 400, nango("server_error", CREDENTIALS), K.AUTH_SUSPECT),
    ("gmail", "item", 400, nango("server_error", "Failed to get connection"), K.CONNECTION_GONE),
    ("gmail", "item", 404, nango("unknown_provider_config"), K.MISCONFIGURED),
    ("gmail", "item", 400, nango("invalid_headers"), K.MISCONFIGURED),
    ("gmail", "list", 401, nango("unknown_user_account"), K.MISCONFIGURED),
    ("gmail", "list", 403, nango("forbidden"), K.MISCONFIGURED),
    ("gmail", "list", 402, nango("plan_limit"), K.MISCONFIGURED),
    ("gmail", "list", 500, nango("server_error", "Failed to get connection"), K.UNAVAILABLE),
    ("gmail", "list", 500, {"message": "", "code": "ECONNREFUSED", "status": 500, "method": "GET"}, K.UNAVAILABLE),
    # Gmail
    ("gmail", "item", 403, google("rateLimitExceeded"), K.RATE_LIMITED),
    ("gmail", "list", 403, google("userRateLimitExceeded"), K.RATE_LIMITED),
    ("gmail", "list", 403, google("dailyLimitExceeded"), K.RATE_LIMITED),
    ("gmail", "list", 403, google("insufficientPermissions"), K.NEEDS_REAUTH),
    ("gmail", "list", 403, google("accessNotConfigured"), K.MISCONFIGURED),
    (
        "gmail",
        "item",
        400,
        google("failedPrecondition"),
        K.REFUSED,
    ),  # of the whole mailbox, so no mail is skipped for it
    ("gdrive", "item", 403, google("domainPolicy"), K.REFUSED),
    ("gmail", "list", 403, {"error": {"code": 403, "status": "RESOURCE_EXHAUSTED"}}, K.RATE_LIMITED),
    ("gmail", "list", 403, {"error": {"details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}, K.NEEDS_REAUTH),
    ("gmail", "list", 429, google("rateLimitExceeded"), K.RATE_LIMITED),
    ("gmail", "list", 401, google("authError"), K.NEEDS_REAUTH),
    ("gmail", "list", 401, b"", K.NEEDS_REAUTH),
    ("gmail", "item", 404, google("notFound"), K.ITEM_MISSING),
    ("gmail", "changes", 404, google("notFound"), K.CURSOR_EXPIRED),
    ("gmail", "changes", 400, google("invalidArgument", location="startHistoryId"), K.CURSOR_EXPIRED),
    ("gmail", "list", 400, google("invalidArgument", message="Invalid pageToken"), K.CURSOR_EXPIRED),
    ("gmail", "list", 400, google("invalidArgument", location="q"), K.REFUSED),
    ("gmail", "list", 404, google("notFound"), K.REFUSED),
    ("gmail", "list", 503, google("backendError"), K.UNAVAILABLE),
    # Drive
    ("gdrive", "list", 400, google("invalid", location="pageToken"), K.CURSOR_EXPIRED),
    ("gdrive", "changes", 400, {"error": {"code": 400, "message": "Invalid Value"}}, K.CURSOR_EXPIRED),
    ("gdrive", "changes", 404, b"", K.CURSOR_EXPIRED),
    ("gdrive", "changes", 410, b"", K.CURSOR_EXPIRED),
    ("gdrive", "list", 400, google("invalidParameter", location="fields"), K.REFUSED),
    ("gdrive", "item", 400, google("invalid"), K.ITEM_REFUSED),
    ("gdrive", "item", 403, google("exportSizeLimitExceeded"), K.ITEM_REFUSED),
    ("gdrive", "item", 403, google("cannotDownloadAbusiveFile"), K.ITEM_REFUSED),
    ("gdrive", "item", 403, google("insufficientFilePermissions"), K.ITEM_REFUSED),
    ("gdrive", "item", 403, google("somethingNew"), K.ITEM_REFUSED),
    ("gdrive", "list", 403, google("somethingNew"), K.REFUSED),
    ("gdrive", "item", 404, google("notFound"), K.ITEM_MISSING),
    ("gdrive", "item", 413, google("uploadTooLarge"), K.ITEM_REFUSED),
    ("gdrive", "item", 403, google("downloadQuotaExceeded"), K.UNAVAILABLE),
    # Dropbox
    ("dropbox", "changes", 409, dropbox("reset"), K.CURSOR_EXPIRED),
    ("dropbox", "list", 409, dropbox("reset"), K.CURSOR_EXPIRED),
    ("dropbox", "changes", 400, DROPBOX_CURSOR, K.CURSOR_EXPIRED),
    ("dropbox", "changes", 422, dropbox("invalid_root", "team"), K.CURSOR_EXPIRED),
    ("dropbox", "item", 422, dropbox("invalid_root", "team"), K.UNAVAILABLE),
    ("dropbox", "list", 400, b'Error in call: request body: "path": expected string', K.REFUSED),
    ("dropbox", "item", 409, dropbox("path", "not_found"), K.ITEM_MISSING),
    ("dropbox", "item", 409, dropbox("path", "restricted_content"), K.ITEM_REFUSED),
    ("dropbox", "item", 409, dropbox("path", "something_new"), K.ITEM_REFUSED),
    ("dropbox", "item", 409, dropbox("unsupported_file"), K.ITEM_REFUSED),
    ("dropbox", "item", 409, dropbox("path", "locked"), K.UNAVAILABLE),
    ("dropbox", "list", 409, dropbox("path", "not_found"), K.REFUSED),
    ("dropbox", "list", 401, dropbox("expired_access_token"), K.NEEDS_REAUTH),
    ("dropbox", "list", 401, dropbox("missing_scope"), K.NEEDS_REAUTH),
    ("dropbox", "list", 429, {"error": {"reason": {".tag": "too_many_requests"}, "retry_after": 7}}, K.RATE_LIMITED),
    ("dropbox", "list", 503, b"", K.UNAVAILABLE),
    # Zoho, whose envelope counts for more than the status
    ("zoho_mail", "list", 200, zoho(200), K.FINE),
    ("zoho_mail", "list", 200, zoho(401, "INVALID_OAUTHTOKEN"), K.NEEDS_REAUTH),
    ("zoho_mail", "list", 404, zoho(404, "INVALID_OAUTHSCOPE"), K.NEEDS_REAUTH),
    ("zoho_mail", "list", 400, zoho(400, "URL_THROTTLES_LIMIT_EXCEEDED"), K.RATE_LIMITED),
    ("zoho_mail", "list", 200, zoho(400, "", "You have been throttled"), K.RATE_LIMITED),
    ("zoho_mail", "list", 400, {"code": "throttle"}, K.RATE_LIMITED),
    ("zoho_mail", "item", 400, {"code": 45, "message": "Too many requests"}, K.RATE_LIMITED),
    ("zoho_mail", "list", 200, zoho(500, "", "Internal Error"), K.UNAVAILABLE),
    ("zoho_mail", "item", 200, zoho(404, "", "Invalid Input"), K.ITEM_MISSING),
    ("zoho_mail", "item", 400, zoho(400, "EXTRA_PARAM_FOUND"), K.ITEM_REFUSED),
    ("zoho_mail", "list", 200, zoho(200, "SOMETHING_NEW"), K.REFUSED),
    ("zoho_mail", "list", 429, b"", K.RATE_LIMITED),
    # The bare status
    ("gdrive", "list", 500, b"<html>", K.UNAVAILABLE),
    ("dropbox", "account", 408, b"", K.UNAVAILABLE),
    ("gmail", "list", 302, b"", K.REFUSED),
    ("gmail", "item", 302, b"", K.REFUSED),
    ("gmail", "item", 418, {"error": {"code": 418}}, K.ITEM_REFUSED),
    ("gmail", "account", 418, b"", K.REFUSED),
    ("gmail", "item", 404, b"<html>no such page</html>", K.UNAVAILABLE),  # no provider says that an item is missing so
    ("gdrive", "item", 403, b"<html>We're sorry... automated queries</html>", K.UNAVAILABLE),
    ("gmail", "item", 401, b"<html>who are you?</html>", K.UNAVAILABLE),
    ("zoho_mail", "item", 400, b"Bad Request", K.UNAVAILABLE),
    ("dropbox", "item", 400, b"<html>Bad Request</html>", K.UNAVAILABLE),
    ("dropbox", "item", 413, b"<html>Request Entity Too Large</html>", K.UNAVAILABLE),
    ("gmail", "item", 418, b'["no", "object"]', K.UNAVAILABLE),
    ("gmail", "item", 413, nango("payload_too_large"), K.MISCONFIGURED),  # Nango's own words are none about the item
    ("gmail", "item", 429, b"<html>slowly</html>", K.RATE_LIMITED),
    # A success that is none
    ("gmail", "item", 200, b'{"raw": ""}', K.FINE),
    ("gmail", "list", 200, b"", K.UNAVAILABLE),
    ("gmail", "item", 200, b" ", K.UNAVAILABLE),
    ("gmail", "list", 200, b'{"messages": [{"id": "1', K.UNAVAILABLE),
    ("gmail", "list", 200, b'"\xff', K.UNAVAILABLE),
    ("gmail", "list", 200, b"null", K.UNAVAILABLE),
    ("gmail", "list", 200, b"[" * 100_000, K.UNAVAILABLE),
    ("gmail", "list", 204, b"", K.UNAVAILABLE),
]


@pytest.mark.parametrize(("provider", "purpose", "status", "body", "kind"), TABLE)
def test_every_reply_has_one_meaning(provider: str, purpose: str, status: int, body: Any, kind: Kind) -> None:
    assert ask(provider, purpose, status, body).kind is kind


WAITS = [
    ("seconds", "dropbox", 429, {"retry-after": "12"}, b"", 12),
    ("a date", "gmail", 429, {"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}, b"", 90),
    ("a date gone by", "gmail", 429, {"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, b"", 1),
    ("none", "gmail", 429, {}, b"", 60),
    ("none, Dropbox", "dropbox", 429, {}, b"", 30),
    ("none, Zoho", "zoho_mail", 429, {}, b"", 45),
    ("nonsense", "gmail", 429, {"retry-after": "soon"}, b"", 60),
    ("not a number", "gmail", 429, {"retry-after": "nan"}, b"", 60),
    ("at once", "gmail", 429, {"retry-after": "0"}, b"", 1),
    ("for ever", "gmail", 429, {"retry-after": "9" * 5000}, b"", 3600),
    ("in the body of Dropbox", "dropbox", 429, {}, {"error": {"reason": {".tag": "x"}, "retry_after": 7}}, 7),
    ("in the message of Gmail", "gmail", 429, {}, google("x", message="Retry after 2026-11-22T12:00:40.123Z"), 40),
    ("the day's allowance", "gmail", 403, {}, google("dailyLimitExceeded"), 3600),
    ("Nango's backoff", "gmail", 424, {"retry-after": "5"}, nango("connection_refresh_backoff"), 60),
    ("Nango's window", "gmail", 429, {"x-ratelimit-reset": f"{NOW.timestamp() + 33:.0f}"}, nango("too_many_request"), 33),
    ("Nango's wait before its window", "gmail", 429, {"retry-after": "3", "x-ratelimit-reset": "9"}, nango("too_many_request"), 3),
    ("Nango's window does not bind a provider", "gmail", 429, {"x-ratelimit-reset": "9"}, b"", 60),
    ("a 503 that asks for it", "dropbox", 503, {"retry-after": "8"}, b"", 8),
]  # fmt: skip


@pytest.mark.parametrize(("name", "provider", "status", "headers", "body", "seconds"), WAITS)
def test_a_wait_is_read_wherever_it_is_told(
    name: str, provider: str, status: int, headers: Any, body: Any, seconds: int
) -> None:
    verdict = ask(provider, "list", status, body, headers)
    assert (verdict.kind, verdict.delay) == (Kind.RATE_LIMITED, seconds), name


def test_the_days_allowance_is_awaited_to_midnight_on_the_pacific_coast() -> None:
    late = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
    body = json.dumps(google("dailyLimitExceeded")).encode()
    verdict = judge(provider="gmail", purpose="list", status=403, headers={}, body=body, now=late)
    assert verdict.delay == 600


def test_a_call_that_dropbox_calls_wrong_in_a_plain_sentence_is_its_own_verdict() -> None:
    body, headers = b'Error in call to API function "files/download"', {"content-type": "text/plain; charset=utf-8"}
    assert ask("dropbox", "item", 400, body, headers).kind is Kind.ITEM_REFUSED
    assert ask("gdrive", "item", 400, body, headers).kind is Kind.UNAVAILABLE


def test_a_file_may_be_anything_even_broken_json() -> None:
    assert ask("gdrive", "item", 200, b'{"half', {"content-type": "application/json"}, file=True).kind is Kind.FINE


def test_a_file_may_be_empty_if_its_type_is_told() -> None:
    assert ask("gdrive", "item", 200, b"", {"content-type": "text/csv"}, file=True).kind is Kind.FINE
    assert ask("gdrive", "item", 200, b"", {"content-length": "0"}, file=True).kind is Kind.UNAVAILABLE


def test_the_error_of_a_file_is_read_all_the_same() -> None:
    assert (
        ask("gdrive", "item", 403, google("fileNotDownloadable"), file=True).reason == "it has no content to download"
    )


def test_no_reason_quotes_the_reply() -> None:
    canary = "Dear-Ana-canary"
    for provider, purpose, status, _, _ in TABLE:
        for body in (nango("server_error", canary), google(canary, message=canary), zoho(status, canary, canary)):
            assert canary not in ask(provider, purpose, status, body).reason


WORDS = st.sampled_from(
    [
        "error",
        "errors",
        "code",
        "reason",
        ".tag",
        "status",
        "data",
        "errorCode",
        "message",
        "details",
        "retry_after",
        "path",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    provider=st.sampled_from(["gmail", "gdrive", "dropbox", "zoho_mail"]),
    purpose=st.sampled_from(["account", "list", "changes", "item"]),
    status=st.integers(100, 599),
    body=ANYTHING.map(lambda said: json.dumps(said).encode()) | st.binary(max_size=40),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-reset", "content-type"]),
        st.text(max_size=40) | st.floats().map(str),
    ),
)
def test_whatever_comes_has_a_meaning_and_a_wait_of_a_second_to_an_hour(
    provider: str, purpose: Any, status: int, body: bytes, headers: dict[str, str]
) -> None:
    verdict = ask(provider, purpose, status, body, headers)
    assert (verdict.delay is not None) == (verdict.kind is Kind.RATE_LIMITED)
    assert 1 <= (verdict.delay or 1) <= 3600
    assert isinstance(judge_nango(status, headers=headers, body=body, now=NOW).kind, Kind)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {}, Kind.FINE),
        (404, nango("not_found"), Kind.CONNECTION_GONE),
        (404, b"<html>no such page</html>", Kind.MISCONFIGURED),
        (401, nango("malformed_auth_header"), Kind.MISCONFIGURED),
        (424, nango("invalid_credentials"), Kind.NEEDS_REAUTH),
        (429, nango("too_many_request"), Kind.RATE_LIMITED),
        (429, b"", Kind.UNAVAILABLE),
        (502, b"", Kind.UNAVAILABLE),
    ],
)
def test_nangos_own_replies_have_one_meaning_too(status: int, body: Any, kind: Kind) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert judge_nango(status, headers={}, body=sent, now=NOW).kind is kind


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.FINE])
def test_every_kind_but_fine_is_an_error_of_its_own(kind: Kind) -> None:
    with pytest.raises(Exception, match="why") as caught:
        raise_verdict(Verdict(kind, "why", 5.0))
    assert type(caught.value).__module__ == errors.__name__
    assert getattr(caught.value, "seconds", 5.0) == 5.0


def test_what_is_fine_raises_nothing() -> None:
    assert raise_verdict(Verdict(Kind.FINE)) is None
