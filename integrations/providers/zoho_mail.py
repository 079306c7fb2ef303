"""Arrive: mails of a Zoho Mail account.

Zoho has no feed of changes: the newest pages of each folder are read until they are a day older than what was seen, and once a week
all ids are listed to find what was deleted. Facts are from Zoho's API pages (Get All Accounts, Get All Folders, List Emails, Get
Original Message, Get Email Content): 200 mails a page at most, archived ones only if asked for, times in milliseconds. Users
report 30 requests a minute. `sentDateInGMT` is no UTC (recorded replies are hours off), and other calls than lists give ids as
numbers that JavaScript rounds; neither is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr, getaddresses
from html import unescape
from typing import Any, Final

from integrations.errors import ItemRefused, ProviderUnavailable, Refused
from integrations.providers.base import Cursor, Entry, Fetch, Page, Preview, Purpose, ReadContext, Request
from integrations.providers.replies import quote_part, read_json, read_list, read_object, read_text
from integrations.providers.zoho_source import encode_source
from integrations.providers.zoho_walk import (
    LIMIT,
    Walk,
    begin_changes,
    begin_last_round,
    enter_folders,
    go_on,
    leave_folder,
    read_walk,
    write_walk,
)
from memories.content import ContentError
from memories.content.mime import draft_mail
from memories.drafts import DraftError, MemoryDraft

VERSION: Final = "1"  # a mail's content never changes, wherever it is moved
NO_MAIL: Final = frozenset(
    {"drafts", "templates", "outbox", "spam", "trash"}
)  # types of folders; one's own are of type Inbox
MAILBOX: Final = "ZOHO_ACCOUNT"  # other types are accounts elsewhere that Zoho fetches from
BODY_LIMIT: Final = 36_000_000  # bytes of JSON around 25 MB of mail
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTED: Final = ("receivedTime", "threadId", "sender", "fromAddress", "toAddress", "ccAddress", "subject")


@dataclass(frozen=True, slots=True)
class ZohoMail:
    """Zoho Mail through its REST API; its cursors are written by `zoho_walk`."""

    slug: str = "zoho_mail"
    unit: str = "mails"
    base_delay: float = 45.0
    every: timedelta = timedelta(minutes=10)
    sweep_every: timedelta | None = timedelta(days=7)

    def read_account(self, *, fetch: Fetch) -> str:
        """The mailbox's primary address."""
        return _address(_read_mailbox(fetch))

    def begin(self, *, fetch: Fetch) -> Cursor:
        """List all folders; what is newest in each is noted at its first page."""
        return write_walk(Walk(phase="listing", account=read_text(_read_mailbox(fetch), "accountId")))

    def begin_sweep(self, cursor: Cursor, *, fetch: Fetch) -> Cursor:
        """List all folders twice, for a mail moved meanwhile may be in neither place once; changes go on from their first pages."""
        del fetch
        walk = read_walk(cursor)
        return write_walk(Walk(phase="listing", account=walk.account, marks=walk.marks, again=True))

    def read_page(self, cursor: Cursor, *, fetch: Fetch) -> Page:
        """One call: the folders, or a page of one of them. Raises CursorExpired."""
        walk = read_walk(cursor)
        if not walk.folder:
            return _arrive(enter_folders(walk, _read_folders(walk.account, fetch=fetch)))
        try:
            entries = _read_entries(walk, fetch=fetch)
        except Refused:
            return _turn(_pass_over(walk, fetch=fetch))
        return _turn(go_on(walk, [(entry.remote_id, _time(entry.details)) for entry in entries]), entries)

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The mail, read from its MIME source; where Zoho refuses that, from its text and what the list says of it."""
        received = _time(entry.details)
        try:
            return draft_mail(
                _read_source(entry, fetch=fetch),
                source=self.slug,
                account=context.account,
                external_id=entry.remote_id,
                thread_id=read_text(entry.details, "threadId", required=False),
                received_at=EPOCH + timedelta(milliseconds=received) if received else None,
                metadata={},
                time_zone=context.time_zone,
                now=context.now,
            )
        except (ContentError, DraftError) as error:
            raise ItemRefused(str(error)) from error

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count mails and senders in the lists, which name both."""
        senders: dict[str, str] = {}
        calls = 1
        walk = read_walk(self.begin(fetch=fetch))
        while True:
            page = self.read_page(write_walk(walk), fetch=fetch)
            calls += 1
            senders |= {change.remote_id: _sender(change) for change in page.changes if isinstance(change, Entry)}
            if page.complete:
                break
            walk = read_walk(page.cursor)
        people = len(set(senders.values()) - {""})
        return Preview(items=len(senders), people=people, exact=True, requests=calls + len(senders))


def _arrive(walk: Walk) -> Page:
    """The page without mails that the folders are. Where a listing has been through all of them, for the last time, it is complete."""
    if walk.folder or walk.phase == "changes":
        return _turn(walk)
    if walk.again:
        return _turn(begin_last_round(walk))
    return Page(changes=(), cursor=write_walk(begin_changes(walk)), listed=True, complete=True)


def _turn(walk: Walk, entries: tuple[Entry, ...] = ()) -> Page:
    """The page after which the walk stands like this. Changes end with the last folder; a listing asks whether there are new ones."""
    if walk.phase == "listing":
        return Page(changes=entries, cursor=write_walk(walk), listed=True)
    if walk.folder:
        return Page(changes=entries, cursor=write_walk(walk))
    return Page(changes=entries, cursor=write_walk(begin_changes(walk)), done=True)


def _ask(fetch: Fetch, path: str, *, purpose: Purpose, params: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """An answer whose envelope says that all went well."""
    answer = read_json(fetch(Request(purpose=purpose, path=path, params=params, limit=BODY_LIMIT)))
    if str(read_object(answer, "status").get("code")) not in ("200", "201"):
        raise ProviderUnavailable("the answer's envelope holds an error")
    return answer


def _read_mailbox(fetch: Fetch) -> dict[str, Any]:
    """The account that is the mailbox itself; of several the default, else the first."""
    accounts = read_list(_ask(fetch, "/api/accounts", purpose="account"), "data")
    mailboxes = [account for account in accounts if account.get("type") == MAILBOX] or accounts
    if not mailboxes:
        raise ProviderUnavailable("the answer has no account")
    return next((account for account in mailboxes if account.get("isDefaultAccount") is True), mailboxes[0])


def _address(account: Mapping[str, Any]) -> str:
    if address := read_text(account, "primaryEmailAddress", required=False):
        return address
    addresses = read_list(account, "emailAddress", required=False)
    primary = [one for one in addresses if str(one.get("isPrimary")).lower() == "true"]
    return read_text(primary[0] if primary else account, "mailId" if primary else "mailboxAddress")


def _account_path(account: str) -> str:
    return f"/api/accounts/{quote_part(account)}"


def _read_folders(account: str, *, fetch: Fetch) -> tuple[str, ...]:
    """The ids of all folders that hold mails one has sent, got or kept."""
    folders = read_list(_ask(fetch, f"{_account_path(account)}/folders", purpose="list"), "data")
    types = {read_text(folder, "folderId"): read_text(folder, "folderType").lower() for folder in folders}
    if "inbox" not in types.values():
        raise ProviderUnavailable("the answer has no inbox")
    return tuple(folder for folder, kind in types.items() if kind not in NO_MAIL)


def _read_entries(walk: Walk, *, fetch: Fetch) -> tuple[Entry, ...]:
    params = (
        ("folderId", walk.folder),
        ("start", str(walk.start)),
        ("limit", str(LIMIT)),
        ("sortorder", "false"),  # newest first
        ("includeto", "true"),
        ("includearchive", "true"),
    )
    answer = _ask(fetch, f"{_account_path(walk.account)}/messages/view", purpose="list", params=params)
    return tuple(_entry(mail, walk=walk) for mail in read_list(answer, "data"))


def _entry(mail: Mapping[str, Any], *, walk: Walk) -> Entry:
    folder = read_text(mail, "folderId", required=False) or walk.folder
    noted = {key: mail[key] for key in NOTED if isinstance(mail.get(key), str | int)}
    return Entry(
        remote_id=read_text(mail, "messageId"),
        version=VERSION,
        path=folder,
        details={"account": walk.account, "folder": folder, **noted},
    )


def _pass_over(walk: Walk, *, fetch: Fetch) -> Walk:
    """Go past a folder that was deleted since the folders were asked for; one that is still there is a call that was refused."""
    if walk.folder in _read_folders(walk.account, fetch=fetch):
        raise Refused("a folder that is there cannot be listed")
    return leave_folder(replace(walk, newest=0))


def _time(details: Mapping[str, Any]) -> int:
    """When Zoho took the mail in, in milliseconds; 0 where the list does not say so in a way to be believed."""
    text = str(details.get("receivedTime") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 14 else 0


def _read_source(entry: Entry, *, fetch: Fetch) -> bytes:
    account = _account_path(read_text(entry.details, "account"))
    path = f"{account}/messages/{quote_part(entry.remote_id)}/originalmessage"
    try:
        content = read_object(_ask(fetch, path, purpose="item"), "data").get("content")
    except (ItemRefused, Refused):
        content = None
    if isinstance(content, str) and content.strip():
        return encode_source(content)
    return _write_source(entry.details, text=_read_text(account, entry, fetch=fetch))


def _read_text(account: str, entry: Entry, *, fetch: Fetch) -> str:
    """The mail's text as HTML."""
    path = f"{account}/folders/{quote_part(entry.path)}/messages/{quote_part(entry.remote_id)}/content"
    return read_text(read_object(_ask(fetch, path, purpose="item"), "data"), "content", required=False)


def _write_source(details: Mapping[str, Any], *, text: str) -> bytes:
    """A mail made of the text and what the list says, whose characters are escaped as in HTML ("&lt;a@b.org&gt;")."""
    head = "".join(f"{name}: {value}\r\n" for name, value in _list_headers(details) if value)
    kind = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return f"{head}{kind}\r\n{text}".encode(errors="replace")


def _list_headers(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "From", _write_addresses(details.get("fromAddress"), name=_plain(details.get("sender")))
    yield "To", _write_addresses(details.get("toAddress"))
    yield "Cc", _write_addresses(details.get("ccAddress"))
    yield "Subject", Header(_plain(details.get("subject")), "utf-8").encode()
    received = _time(details)
    yield "Date", format_datetime(EPOCH + timedelta(milliseconds=received)) if received else ""


def _plain(value: object) -> str:
    """A field of the list, unescaped and on one line."""
    return " ".join(unescape(value).encode(errors="replace").decode().split()) if isinstance(value, str) else ""


def _write_addresses(value: object, *, name: str = "") -> str:
    """Addresses as a mail's header has them; what is none, like the "Not Provided" of a list, is left out."""
    known = [
        (told or name, address)
        for told, address in getaddresses([_plain(value)])
        if "@" in address and address.isascii()
    ]
    return ", ".join(formataddr((told if told != address else "", address)) for told, address in known)


def _sender(entry: Entry) -> str:
    return _plain(entry.details.get("fromAddress")).lower()
