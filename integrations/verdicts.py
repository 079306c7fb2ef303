"""Arrive: what a reply means for us. One pure function from a status, its headers and its body to what is to be done.

The tables are in `integrations.rules`: what Nango itself says comes first, then the provider's own words for the case, then the bare status.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from integrations import rules
from integrations.errors import (
    AuthSuspect,
    ConnectionGone,
    CursorExpired,
    ItemMissing,
    ItemRefused,
    Misconfigured,
    NeedsReauth,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.rules import Kind, Purpose, Verdict
from integrations.waits import read_wait, until_midnight

__all__ = ["Kind", "Verdict", "judge", "judge_nango", "raise_verdict", "read_json"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with its body read as JSON where it is JSON (else None)."""

    provider: str
    purpose: Purpose
    status: int
    headers: Mapping[str, str]
    body: bytes
    said: Any
    now: datetime


ERRORS: Final[Mapping[Kind, Callable[[str], Exception]]] = {
    Kind.UNAVAILABLE: ProviderUnavailable,
    Kind.NEEDS_REAUTH: NeedsReauth,
    Kind.AUTH_SUSPECT: AuthSuspect,
    Kind.CONNECTION_GONE: ConnectionGone,
    Kind.MISCONFIGURED: Misconfigured,
    Kind.REFUSED: Refused,
    Kind.CURSOR_EXPIRED: CursorExpired,
    Kind.ITEM_MISSING: ItemMissing,
    Kind.ITEM_REFUSED: ItemRefused,
}


def judge(
    *,
    provider: str,
    purpose: Purpose,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    file: bool = False,
) -> Verdict:
    """Decide what a reply that came through Nango's proxy means.

    `headers` have names in lower case. `file` says that the bytes of a file were asked for: those may be anything, and nothing at
    all if the reply names their type; every other call is answered with JSON. `now` is for waits that are told as a moment.
    """
    said = None if file and status < 300 else read_json(body)
    answer = Answer(provider, purpose, status, headers, body, said, now)
    if 200 <= status < 300:
        return _judge_success(answer, file=file)
    return _with_delay(_judge_error(answer), answer)


def judge_nango(status: int, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Verdict:
    """Decide what a reply of Nango's own API means, where no provider is in between."""
    answer = Answer("", "account", status, headers, body, read_json(body), now)
    if 200 <= status < 300:
        return rules.FINE
    if status == 404 and str(_dict(_dict(answer.said).get("error")).get("code")) in rules.NANGO_NOT_FOUND:
        return rules.NANGO_GONE
    return _with_delay(_judge_nango(answer) or _judge_stranger(status), answer)


def raise_verdict(verdict: Verdict) -> None:
    """Raise the type of `integrations.errors` that a verdict stands for; nothing where all is fine."""
    if verdict.kind is Kind.FINE:
        return
    if verdict.kind is Kind.RATE_LIMITED:
        raise RateLimited(verdict.reason, delay=verdict.delay or 1.0)
    raise ERRORS[verdict.kind](verdict.reason)


def read_json(body: bytes) -> Any:
    """The JSON of a body; None if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _judge_success(answer: Answer, *, file: bool) -> Verdict:
    if file:
        return rules.FINE if answer.body or "content-type" in answer.headers else rules.EMPTY
    if not answer.body.strip():
        return rules.EMPTY
    if not isinstance(answer.said, dict | list):
        return rules.BROKEN
    said = _judge_zoho(answer) if answer.provider == "zoho_mail" else None
    return _with_delay(said, answer) if said else rules.FINE


def _judge_error(answer: Answer) -> Verdict:
    return _judge_nango(answer) or JUDGES[answer.provider](answer) or _judge_status(answer, status=answer.status)


def _judge_nango(answer: Answer) -> Verdict | None:
    """Nango's own errors have a code in words; none of the four providers' has."""
    error = _dict(_dict(answer.said).get("error"))
    code = error.get("code")
    if not isinstance(code, str):
        return None
    if answer.status >= 500:  # whatever it says: a Nango without its database does not know any connection
        return rules.NANGO_FAILS
    message = str(error.get("message", "")).lower()
    for known, part, verdict in rules.NANGO:
        if code == known and part in message:
            return verdict
    return rules.NANGO_STATUSES.get(answer.status, rules.NANGO_REFUSES)


def _judge_stranger(status: int) -> Verdict:
    """Where Nango should be, something answers that does not speak like it."""
    return rules.NANGO_FAILS if status >= 500 or status in (408, 429) else rules.NANGO_REFUSES


def _judge_google(answer: Answer) -> Verdict | None:
    error = _dict(_dict(answer.said).get("error"))
    table = rules.GOOGLE | rules.GOOGLE_ITEMS if answer.purpose == "item" else rules.GOOGLE
    for reason in _list_google_reasons(error):
        if verdict := table.get(reason):
            return verdict
    if answer.status == 400 and answer.purpose in ("list", "changes"):
        return _judge_google_place(answer, error)
    return None


def _list_google_reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for part in (*_list(error.get("errors")), *_list(error.get("details"))):
        yield str(_dict(part).get("reason", ""))
    yield str(error.get("status", ""))


def _judge_google_place(answer: Answer, error: Mapping[str, Any]) -> Verdict | None:
    """A 400 that complains of our page token. Drive does not always name the parameter."""
    places = {str(_dict(part).get("location", "")) for part in _list(error.get("errors"))} - {""}
    message = str(error.get("message", ""))
    if places & rules.GOOGLE_PLACES or any(place in message for place in rules.GOOGLE_PLACES):
        return rules.EXPIRED
    return rules.EXPIRED if answer.provider == "gdrive" and not places else None


def _judge_dropbox(answer: Answer) -> Verdict | None:
    if answer.status == 400 and answer.purpose in ("list", "changes"):
        return rules.EXPIRED if b"cursor" in answer.body[:2000].lower() else None
    table = rules.DROPBOX | rules.DROPBOX_ITEMS if answer.purpose == "item" else rules.DROPBOX
    tags = "/".join(_list_dropbox_tags(_dict(answer.said).get("error")))
    return next((verdict for start, verdict in table.items() if f"{tags}/".startswith(f"{start}/")), None)


def _list_dropbox_tags(error: object) -> Iterator[str]:
    """The tags from the outside in: {".tag": "path", "path": {".tag": "not_found"}} gives path, not_found."""
    told = _dict(error)
    part = told.get("reason", told)  # of a 429 the tag lies below `reason`
    for _ in range(5):
        tag = _dict(part).get(".tag")
        if not isinstance(tag, str):
            return
        yield tag
        part = part.get(tag)


def _judge_zoho(answer: Answer) -> Verdict | None:
    """Zoho's envelope, `{"status": {"code", "description"}, "data"}`, counts for more than the status it comes with.

    What throttles may answer in the words of Zoho's other products, `{"code", "message"}`.
    """
    said = _dict(answer.said)
    status, data = _dict(said.get("status")), _dict(said.get("data"))
    code = data.get("errorCode") or said.get("errorCode") or ""
    if verdict := rules.ZOHO.get(str(code)):
        return verdict
    told = status.get("code")
    number = told if isinstance(told, int) and told >= 400 else answer.status
    words = [code, status.get("description"), data.get("moreInfo"), said.get("code"), said.get("message")]
    if number in (400, 403) and rules.ZOHO_LIMIT.search(" ".join(map(str, words))):
        return rules.LIMITED
    if number < 300:
        return rules.REFUSED if code else None
    return _judge_status(answer, status=number)


def _judge_status(answer: Answer, *, status: int) -> Verdict:
    if _is_of_a_stranger(answer):
        return rules.STRANGER
    keys = ((answer.provider, answer.purpose, status), (None, answer.purpose, status), (None, None, status))
    for key in keys:
        if verdict := rules.STATUSES.get(key):
            return verdict
    if status == 503 and "retry-after" in answer.headers:
        return rules.LIMITED
    if 300 <= status < 500:
        return _refuse(answer, status=status)
    return rules.UNAVAILABLE


def _is_of_a_stranger(answer: Answer) -> bool:
    """Whether what is said of an item are not the provider's words, which are JSON: a page of a proxy's, or of a guard against robots.

    Only Dropbox says something as a plain sentence: that a call is wrong in itself (400).
    """
    if answer.purpose != "item" or not 400 <= answer.status < 500 or isinstance(answer.said, dict):
        return False
    is_sentence = answer.headers.get("content-type", "").lower().startswith("text/plain")
    return answer.status != 429 and not (answer.provider == "dropbox" and answer.status == 400 and is_sentence)


def _refuse(answer: Answer, *, status: int) -> Verdict:
    if answer.purpose == "item" and status >= 400:
        return Verdict(Kind.ITEM_REFUSED, f"the provider does not hand it out ({status})")
    return Verdict(Kind.REFUSED, f"the provider refuses the call ({status})")


def _with_delay(verdict: Verdict, answer: Answer) -> Verdict:
    """Fill in how long to wait, where a verdict is to wait and does not say so itself."""
    if verdict.kind is not Kind.RATE_LIMITED or verdict.delay is not None:
        return verdict
    if verdict is rules.LIMITED_FOR_THE_DAY:
        return Verdict(verdict.kind, verdict.reason, until_midnight(answer.now))
    delay = read_wait(answer.headers, answer.said, now=answer.now, reset=verdict is rules.NANGO_LIMITED)
    return Verdict(
        verdict.kind, verdict.reason, rules.WAITS.get(answer.provider, rules.NANGO_BACKOFF) if delay is None else delay
    )


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


JUDGES: Final[Mapping[str, Callable[[Answer], Verdict | None]]] = {
    "gmail": _judge_google,
    "gdrive": _judge_google,
    "dropbox": _judge_dropbox,
    "zoho_mail": _judge_zoho,
}
