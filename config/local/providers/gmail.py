"""Stand-in: Gmail's API as far as a reader needs it: profile, messages, history, labels.

Follows https://developers.google.com/workspace/gmail/api/reference/rest; a history id is the account's sequence number.
"""

import base64
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.local.providers.mime import show_headers, snippet, write_mime
from config.local.providers.plan import cut_page
from config.local.providers.server import Request, Response, json_response
from config.local.providers.world import FIRST_SEQ, Account, Entry, Mail

SYSTEM_LABELS: Final = ("CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "STARRED", "UNREAD")
PLACES: Final = {
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "chats": "CHAT",
    "chat": "CHAT",
}  # other places are labels as they stand
UNSEEN: Final = frozenset(["SPAM", "TRASH"])
HISTORY_TYPES: Final = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")
MOST: Final = 500
AGAIN: Final = ".1"  # at the end of a page token: the same page, yet another token
MISSING: Final = "Requested entity was not found."
STATUSES: Final = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
REASONS: Final = {400: "invalidArgument", 403: "forbidden", 404: "notFound"}

Key = tuple[int, str]  # (minus milliseconds, id): newest first


def answer(account: Account, request: Request) -> Response:
    """GET /gmail/v1/users/me/…"""
    match (request.method, *request.parts):
        case ("GET", "gmail", "v1", "users", who, *rest):
            if who not in ("me", account.address):
                return error(403, f"Delegation denied for {account.address}")
            return answer_user(account, request, rest)
    return error(404, MISSING)


def answer_user(account: Account, request: Request, parts: list[str]) -> Response:
    match parts:
        case ["profile"]:
            return json_response(show_profile(account))
        case ["messages"]:
            return list_messages(account, request)
        case ["messages", message_id]:
            mail = account.items.get(message_id)
            return json_response(show_message(mail, request)) if mail else error(404, MISSING)
        case ["history"]:
            return list_history(account, request)
        case ["labels", *label]:
            return show_labels(account, label)
    return error(404, MISSING)


def show_profile(account: Account) -> dict[str, Any]:
    threads = account.keep("threads", lambda: len({mail.thread_id for mail in account.items.values()}))
    return {
        "emailAddress": account.address,
        "messagesTotal": len(account.items),
        "threadsTotal": threads,
        "historyId": str(account.seq),
    }


def list_messages(account: Account, request: Request) -> Response:
    """Newest first. A page token tells after which mail the page begins, so mail that arrives in between moves nothing."""
    size = read_size(request)
    try:
        after = read_token(request.param("pageToken"))
    except ValueError:
        return error(400, "Invalid pageToken")
    wanted = (tuple(request.param_list("labelIds")), request.param("q"), request.param("includeSpamTrash") == "true")
    rows = account.keep(f"list {wanted}", lambda: find_keys(account, *wanted))
    start = bisect_right(rows, after) if after else 0
    page = cut_page(rows, start=start, size=size, bend=request.bend)
    reply: dict[str, Any] = {}
    if page.rows:
        reply["messages"] = [{"id": item_id, "threadId": account.items[item_id].thread_id} for _, item_id in page.rows]
    if page.next is not None:
        reply["nextPageToken"] = write_token(rows[page.next - 1] if page.next else None, again=page.again)
    # The real one is known to guess: hardly ever more than two pages.
    reply["resultSizeEstimate"] = min(len(rows), 2 * size + 1)
    return json_response(reply)


def find_keys(account: Account, labels: tuple[str, ...], query: str, unseen: bool) -> list[Key]:  # noqa: FBT001 - the parts of a key
    checks = [check_word(word) for word in query.split()]
    asks_for_unseen = (
        unseen or UNSEEN & set(labels) or any(word in query for word in ("in:spam", "in:trash", "in:anywhere"))
    )
    return sorted(
        (-milliseconds(mail), mail.id)
        for mail in account.items.values()
        if (asks_for_unseen or not UNSEEN & mail.labels)
        and mail.labels.issuperset(labels)
        and all(check(mail) for check in checks)
    )


def check_word(word: str) -> Callable[[Mail], bool]:
    """A word of `q`: in:, label:, after:, before: (seconds since 1970), a "-" in front, or a word to be found in the mail."""
    if word.startswith("-") and len(word) > 1:
        inner = check_word(word[1:])
        return lambda mail: not inner(mail)
    name, _, value = word.partition(":")
    match name:
        case "in" | "label" | "is" if value == "anywhere":
            return lambda _mail: True
        case "in" | "label" | "is":
            label = PLACES.get(value.lower(), value.upper())
            return lambda mail: label in mail.labels
        case "after" | "before" if value.isdigit():
            sign = 1 if name == "after" else -1
            return lambda mail: sign * mail.at.timestamp() >= sign * int(value)
    return lambda mail: word.lower() in f"{mail.subject} {mail.text} {mail.sender}".lower()


def show_message(mail: Mail, request: Request) -> dict[str, Any]:
    """The formats minimal, metadata, raw; `full` shows the text of the mail as its only part."""
    mime = write_mime(mail)
    shown = {
        **name_message(mail),
        "snippet": snippet(mail),
        "sizeEstimate": len(mime),
        "historyId": str(mail.version),
        "internalDate": str(milliseconds(mail)),
    }
    match request.param("format", "full"):
        case "raw":
            return {**shown, "raw": base64.urlsafe_b64encode(mime).decode()}
        case "minimal":
            return shown
        case "metadata":
            return {**shown, "payload": show_payload(mail, only=request.param_list("metadataHeaders"))}
    body = {"size": len(mail.text.encode()), "data": base64.urlsafe_b64encode(mail.text.encode()).decode()}
    return {**shown, "payload": {"partId": "", "filename": "", **show_payload(mail, only=[]), "body": body}}


def show_payload(mail: Mail, *, only: list[str]) -> dict[str, Any]:
    wanted = {name.lower() for name in only}
    headers = [
        {"name": name, "value": value} for name, value in show_headers(mail) if not wanted or name.lower() in wanted
    ]
    kind = "multipart/alternative" if mail.html and mail.text else "text/html" if mail.html else "text/plain"
    return {"mimeType": kind, "headers": headers}


def list_history(account: Account, request: Request) -> Response:
    """Records after startHistoryId, oldest first; `historyId` is the mailbox's present one on every page."""
    start, token = request.param("startHistoryId"), request.param("pageToken")
    if not start.isdigit() or (token and not token.removesuffix(AGAIN).isdigit()):
        return error(
            400, "Invalid value at 'start_history_id'" if start else "Missing/invalid parameter: startHistoryId"
        )
    if int(start) < FIRST_SEQ or account.is_expired(int(start)):
        return error(404, MISSING)
    types = request.param_list("historyTypes") or list(HISTORY_TYPES)
    since = int(token.removesuffix(AGAIN) or start)
    records = [(entry.seq, record) for entry in account.since(since) if (record := show_entry(entry, types=types))]
    page = cut_page(records, start=0, size=read_size(request), bend=request.bend)
    reply: dict[str, Any] = {"history": [record for _, record in page.rows]} if page.rows else {}
    if page.next is not None:
        reply["nextPageToken"] = f"{records[page.next - 1][0] if page.next else since}{AGAIN if page.again else ''}"
    return json_response({**reply, "historyId": str(account.seq)})


def show_entry(entry: Entry, *, types: list[str]) -> dict[str, Any] | None:
    """A history record, None where nothing of these types happened."""
    before, after = entry.before, entry.after
    mail = after or before
    if not isinstance(mail, Mail):
        return None
    old = before.labels if isinstance(before, Mail) else frozenset[str]()
    new = after.labels if isinstance(after, Mail) else frozenset[str]()
    happened: Mapping[str, list[dict[str, Any]]] = {
        "messageAdded": [{"message": name_message(mail)}] if before is None else [],
        "messageDeleted": [{"message": name_message(mail)}] if after is None else [],
        "labelAdded": write_labels(mail, new - old) if before and after else [],
        "labelRemoved": write_labels(mail, old - new) if before and after else [],
    }
    told = {PLURALS[name]: rows for name, rows in happened.items() if rows and name in types}
    short = {"id": mail.id, "threadId": mail.thread_id}
    return {"id": str(entry.seq), "messages": [short], **told} if told else None


PLURALS: Final = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def write_labels(mail: Mail, labels: frozenset[str]) -> list[dict[str, Any]]:
    return [{"message": name_message(mail), "labelIds": sorted(labels)}] if labels else []


def name_message(mail: Mail) -> dict[str, Any]:
    """`labelIds` is absent where there are none."""
    named: dict[str, Any] = {"id": mail.id, "threadId": mail.thread_id}
    return {**named, "labelIds": sorted(mail.labels)} if mail.labels else named


def labels_of(account: Account) -> list[str]:
    used = account.keep("labels", lambda: {label for mail in account.items.values() for label in mail.labels})
    return [*SYSTEM_LABELS, *sorted(used.difference(SYSTEM_LABELS))]


def name_label(label: str) -> dict[str, str]:
    return {"id": label, "name": label, "type": "system" if label in SYSTEM_LABELS else "user"}


def show_labels(account: Account, named: list[str]) -> Response:
    """All labels, or the one that is named."""
    if not named:
        return json_response({"labels": [name_label(label) for label in labels_of(account)]})
    label = "/".join(named)
    if label not in labels_of(account):
        return error(404, MISSING)
    total = sum(label in mail.labels for mail in account.items.values())
    unread = sum(mail.labels.issuperset([label, "UNREAD"]) for mail in account.items.values())
    return json_response({**name_label(label), "messagesTotal": total, "messagesUnread": unread})


def milliseconds(mail: Mail) -> int:
    return int(mail.at.timestamp() * 1000)


def read_size(request: Request) -> int:
    size = request.param("maxResults")
    return max(1, min(MOST, int(size))) if size.isdigit() else 100


def write_token(key: Key | None, *, again: bool) -> str:
    text = f"{key[0]} {key[1]}" if key else "0"
    return base64.urlsafe_b64encode(f"{text}{AGAIN if again else ''}".encode()).decode()


def read_token(token: str) -> Key | None:
    """Raises ValueError."""
    text = base64.urlsafe_b64decode(token).decode().removesuffix(AGAIN)
    if text in ("", "0"):
        return None
    number, _, item_id = text.partition(" ")
    return int(number), item_id


def error(status: int, message: str) -> Response:
    """Google's shape of an error."""
    errors = [{"message": message, "domain": "global", "reason": REASONS[status]}]
    return json_response(
        {"error": {"code": status, "message": message, "errors": errors, "status": STATUSES[status]}}, status=status
    )
