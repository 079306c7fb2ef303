"""Arrive: mails of a Gmail account.

Everything is listed once; after that the account's history tells what came and went. Facts about the API are from its discovery
document (revision 20261005) and its guides "Synchronize clients with Gmail" and "Usage limits": a list or a history has at most
500 entries a page; a history id is valid for a week or so, sometimes hours, then 404; `messages` and `history` are absent where
there is nothing. A project may use 6,000 units a minute per user (15,000 if older than May 2026): list 5, history 2, get 20 (was 5).
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from math import ceil
from typing import Any, Final

from integrations.errors import CursorExpired, ItemMissing, ItemRefused, ProviderUnavailable
from integrations.providers.base import (
    Change,
    Cursor,
    Entry,
    Fetch,
    Page,
    Preview,
    Purpose,
    ReadContext,
    Removal,
    Request,
)
from integrations.providers.estimates import estimate_distinct, spread
from integrations.providers.replies import quote_part, read_json, read_list, read_object, read_text
from memories.content import ContentError
from memories.content.mime import draft_mail
from memories.drafts import DraftError, MemoryDraft

BASE: Final = "/gmail/v1/users/me"
VERSION: Final = "1"  # a mail's content never changes; a draft gets a new id at every save
HIDDEN: Final = frozenset({"DRAFT", "SPAM", "TRASH"})
NO_DRAFTS: Final = (("q", "-in:drafts"),)  # only to count: what a search leaves out is not gone
LIST_SIZE: Final = 100  # what a process that dies reads again; a larger page saves less than it risks
HISTORY_SIZE: Final = 500
COUNT_SIZE: Final = 500
SAMPLE: Final = 100
# Bytes: 50 MB of mail, the most that Gmail takes in, in base64, and its labels. Reading it holds three times as much (measured), so four
# threads at the largest mails hold 840 MB; of a mail's 50 MB the first 25 are looked at.
LIMIT: Final = 70_000_000
Params = tuple[tuple[str, str], ...]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HISTORY_TYPES: Final = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")


@dataclass(frozen=True, slots=True)
class Gmail:
    """Gmail through its API v1.

    Cursors: `{"phase": "listing", "history", "page"}` and `{"phase": "changes", "history", "page", "next"}`. `history` is the id
    after which changes are read, `page` a page's token ('' = the first), `next` where the following run begins.
    """

    slug: str = "gmail"
    unit: str = "mails"
    base_delay: float = 30.0
    every: timedelta = timedelta(minutes=5)
    sweep_every: timedelta | None = None

    def read_account(self, *, fetch: Fetch) -> str:
        """The account's mail address."""
        return read_text(_ask(fetch, "/profile", purpose="account"), "emailAddress")

    def begin(self, *, fetch: Fetch) -> Cursor:
        """List everything; what changes meanwhile is in the history from here on."""
        return _listing(history=_current_history(fetch))

    def begin_sweep(self, cursor: Cursor, *, fetch: Fetch) -> Cursor:
        """List everything once more; the changes go on where they were."""
        del fetch
        return _listing(history=_text_of(cursor, "history"))

    def read_page(self, cursor: Cursor, *, fetch: Fetch) -> Page:
        """A page of the listing or of the history. Raises CursorExpired."""
        _number(_text_of(cursor, "history"), error=CursorExpired("the kept history id is no number"))
        if cursor.get("phase") == "listing":
            return _read_listing(cursor, fetch=fetch)
        return _read_changes(cursor, fetch=fetch)

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The mail, read from its MIME source."""
        message = _get(entry.remote_id, params=(("format", "raw"),), fetch=fetch)
        labels = _labels(message)
        if HIDDEN & labels:
            raise ItemMissing("the mail is a draft, spam or in the trash")
        try:
            return draft_mail(
                _decode(read_text(message, "raw")),
                source=self.slug,
                account=context.account,
                external_id=entry.remote_id,
                thread_id=read_text(message, "threadId", required=False),
                received_at=_received_at(message),
                metadata={"labels": sorted(labels)},
                time_zone=context.time_zone,
                now=context.now,
            )
        except (ContentError, DraftError) as error:
            raise ItemRefused(str(error)) from error

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count all mails; ask an even sample of them for the sender and estimate how many senders there are."""
        ids = tuple(dict.fromkeys(_every_id(fetch)))
        sample = spread(ids, size=SAMPLE)
        senders = Counter(sender for one in sample if (sender := _sender(one, fetch=fetch)))
        whole = len(sample) == len(ids)
        people = len(senders) if whole else min(estimate_distinct(senders), len(ids))
        requests = len(ids) + max(1, ceil(len(ids) / LIST_SIZE)) + 2  # the profile and the changes
        return Preview(items=len(ids), people=people, exact=whole, requests=requests)


def _ask(fetch: Fetch, path: str, *, purpose: Purpose, params: Params = ()) -> dict[str, Any]:
    return read_json(fetch(Request(purpose=purpose, path=BASE + path, params=params, limit=LIMIT)))


def _get(remote_id: str, *, params: Params, fetch: Fetch) -> dict[str, Any]:
    message = _ask(fetch, f"/messages/{quote_part(remote_id)}", purpose="item", params=params)
    if read_text(message, "id") != remote_id:
        raise ProviderUnavailable("the answer is another mail's")
    return message


def _current_history(fetch: Fetch) -> str:
    return _history_id(_ask(fetch, "/profile", purpose="account"))


def _history_id(answer: Mapping[str, Any]) -> str:
    history = read_text(answer, "historyId")
    _number(history, error=ProviderUnavailable("the answer's history id is no number"))
    return history


def _number(text: str, *, error: Exception) -> int:
    """An id of the history (uint64, sent as text), whose order is the order of time."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise error
    return int(text)


def _text_of(cursor: Cursor, key: str) -> str:
    return str(cursor.get(key) or "")


def _listing(*, history: str, page: str = "") -> Cursor:
    return {"phase": "listing", "history": history, "page": page}


def _changes(*, history: str, page: str = "", following: str = "") -> Cursor:
    return {"phase": "changes", "history": history, "page": page, "next": following}


def _read_listing(cursor: Cursor, *, fetch: Fetch) -> Page:
    history, page = _text_of(cursor, "history"), _text_of(cursor, "page")
    ids, following = _list_ids(page, size=LIST_SIZE, fetch=fetch)
    return Page(
        changes=tuple(Entry(remote_id=remote_id, version=VERSION) for remote_id in ids),
        cursor=_listing(history=history, page=following) if following else _changes(history=history),
        listed=True,
        complete=not following,
    )


def _list_ids(page: str, *, size: int, fetch: Fetch, query: Params = ()) -> tuple[tuple[str, ...], str]:
    """A page's ids, newest first, and the token of the page after it ('' = none). Spam and trash are left out, drafts are not."""
    params = (("maxResults", str(size)), *query, *_token(page))
    answer = _ask(fetch, "/messages", purpose="list", params=params)
    if "messages" not in answer and "resultSizeEstimate" not in answer:
        raise ProviderUnavailable("the answer is no list of mails")
    ids = tuple(read_text(message, "id") for message in read_list(answer, "messages", required=False))
    return ids, _next_token(answer, asked=page)


def _token(page: str) -> Params:
    return (("pageToken", page),) if page else ()


def _next_token(answer: Mapping[str, Any], *, asked: str) -> str:
    token = read_text(answer, "nextPageToken", required=False)
    if token and token == asked:
        raise ProviderUnavailable("the page names itself as the next one")
    return token


def _read_changes(cursor: Cursor, *, fetch: Fetch) -> Page:
    history, page = _text_of(cursor, "history"), _text_of(cursor, "page")
    answer = _ask(fetch, "/history", purpose="changes", params=_history_params(history, page=page))
    current = _history_id(answer)
    if int(current) < int(history):
        _refuse_future(history, fetch=fetch)
    # What happens while pages are read may be missing from them: the next run begins where the first page's answer was.
    following = _later(history, _text_of(cursor, "next") if page else current)
    changes = tuple(change for record in read_list(answer, "history", required=False) for change in _changes_of(record))
    token = _next_token(answer, asked=page)
    if token:
        return Page(changes=changes, cursor=_changes(history=history, page=token, following=following))
    return Page(changes=changes, cursor=_changes(history=following), done=True)


def _history_params(history: str, *, page: str) -> Params:
    types = tuple(("historyTypes", name) for name in HISTORY_TYPES)
    return (("startHistoryId", history), ("maxResults", str(HISTORY_SIZE)), *types, *_token(page))


def _refuse_future(history: str, *, fetch: Fetch) -> None:
    """Tell an answer that lags behind (go on, we lose nothing) from a history id that this account never reached.

    Waiting for the account to reach it would pass over everything that happens until then.
    """
    if int(_current_history(fetch)) < int(history):
        raise CursorExpired("the kept history id is ahead of the account's")


def _later(first: str, second: str) -> str:
    return max(first, second, key=lambda text: int(text) if text.isascii() and text.isdigit() else 0)


def _changes_of(record: Mapping[str, Any]) -> Iterator[Change]:
    """What a record of the history means, in the order in which it can have happened.

    A mail that leaves spam for the trash loses one label and gets the other in the same record, so what is added comes last.
    """
    for added in read_list(record, "messagesAdded", required=False):
        if not HIDDEN & _labels(read_object(added, "message")):
            yield Entry(remote_id=read_text(read_object(added, "message"), "id"), version=VERSION)
    for removed in read_list(record, "labelsRemoved", required=False):
        if HIDDEN & _labels(removed) and not HIDDEN & _labels(read_object(removed, "message")):
            yield Entry(remote_id=read_text(read_object(removed, "message"), "id"), version=VERSION)
    for labelled in read_list(record, "labelsAdded", required=False):
        if HIDDEN & _labels(labelled):
            yield Removal(remote_id=read_text(read_object(labelled, "message"), "id"))
    for deleted in read_list(record, "messagesDeleted", required=False):
        yield Removal(remote_id=read_text(read_object(deleted, "message"), "id"))


def _labels(obj: Mapping[str, Any]) -> frozenset[str]:
    """The labels of a mail or of an event; a mail without any has no list."""
    labels = obj.get("labelIds")
    return frozenset(label for label in labels if isinstance(label, str)) if isinstance(labels, list) else frozenset()


def _decode(raw: str) -> bytes:
    """The bytes behind base64url, which may come without its padding."""
    try:
        return base64.b64decode(raw.rstrip("=") + "=" * (-len(raw.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ItemRefused("the mail's source is not readable") from None


def _received_at(message: Mapping[str, Any]) -> datetime | None:
    """When Gmail took the mail in, in UTC (`internalDate`, milliseconds as text)."""
    try:
        return EPOCH + timedelta(milliseconds=int(read_text(message, "internalDate")))
    except (ValueError, OverflowError):
        return None


def _every_id(fetch: Fetch) -> Iterator[str]:
    page = ""
    while True:
        ids, page = _list_ids(page, size=COUNT_SIZE, fetch=fetch, query=NO_DRAFTS)
        yield from ids
        if not page:
            return


def _sender(remote_id: str, *, fetch: Fetch) -> str:
    """Who sent a mail, '' where that is not told or the mail is gone by now."""
    try:
        message = _get(remote_id, params=(("format", "metadata"), ("metadataHeaders", "From")), fetch=fetch)
    except (ItemMissing, ItemRefused):
        return ""
    payload = message.get("payload")
    headers = read_list(payload, "headers", required=False) if isinstance(payload, dict) else []
    values = (
        read_text(header, "value", required=False) for header in headers if str(header.get("name")).lower() == "from"
    )
    return parseaddr(next(values, ""))[1].lower()
