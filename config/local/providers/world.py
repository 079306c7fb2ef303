"""Stand-in: the accounts there are, what lies in them, and everything that ever changed in them.

Items are frozen; a change puts a new one in its place and an `Entry` at the end of the account's journal. An API module is
called with the account's lock held and answers from `items`, `journal` and `seq` alone. Cursors hold sequence numbers, so they
stay good when the process is started again with the same items in the same order.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

FIRST_SEQ: Final = 1_000_000  # looks like the numbers of the real ones
FOLDER: Final = "application/vnd.google-apps.folder"
SHORTCUT: Final = "application/vnd.google-apps.shortcut"
MAILS: Final = ("gmail", "zoho_mail")
MOST_KEPT: Final = 64  # lists kept for an account
HIDDEN_LABELS: Final = frozenset({"DRAFT", "SPAM", "TRASH"})
HIDDEN_FOLDERS: Final = frozenset({"Drafts", "Templates", "Outbox", "Spam", "Trash"})

T = TypeVar("T")
Name = tuple[str, str]  # (name, mail address)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `labels` are Gmail's, `folder` is Zoho's; `raw` overrides all that would be written into its MIME."""

    id: str
    thread_id: str
    at: datetime
    sender: Name
    to: tuple[Name, ...]
    subject: str
    text: str
    html: str
    message_id: str
    in_reply_to: str
    labels: frozenset[str]
    folder: str
    raw: bytes | None = None
    version: int = 0  # seq of its last change
    revision: int = 0  # seq of the last change of its content

    @property
    def is_hidden(self) -> bool:
        """Whether it must not become a memory: a draft, spam, in the trash."""
        return bool(self.labels & HIDDEN_LABELS) or self.folder.strip("/").partition("/")[0] in HIDDEN_FOLDERS

    @property
    def truth(self) -> dict[str, str | None]:
        """What its memory says; None where only the reader of `raw` or `html` can tell."""
        if self.raw is not None:
            return {"title": None, "content": None}
        return {"title": self.subject, "content": self.text or None}

    @property
    def content(self) -> tuple[object, ...]:
        return (self.subject, self.text, self.html, self.raw)


@dataclass(frozen=True, slots=True)
class File:
    """A file, a folder or a shortcut (by `mime_type`). `path` begins with "/" and ends with its name."""

    id: str
    path: str
    mime_type: str
    created: datetime
    modified: datetime
    owner: Name
    data: bytes
    text: str | None  # what a reader gets from `data`, None where only a reader can tell
    trashed: bool
    downloadable: bool
    version: int = 0  # seq of its last change
    revision: int = 0  # seq of the last change of its content

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_hidden(self) -> bool:
        """Whether it must not become a memory: in the trash, no content of its own, not to be downloaded."""
        return self.trashed or not self.downloadable or self.mime_type in (FOLDER, SHORTCUT)

    @property
    def truth(self) -> dict[str, str | None]:
        return {"title": self.name, "content": self.text}

    @property
    def content(self) -> tuple[object, ...]:
        return (self.data,)


Item = Mail | File


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `before` is None for a new item, `after` is None for one that is gone for good.

    `folder` is set where a folder was moved or removed as a whole: its old path; the entries of what lay in it follow each other.
    """

    seq: int
    id: str
    before: Item | None
    after: Item | None
    folder: str = ""


@dataclass(slots=True)
class Account:
    """One mailbox or drive. Whoever reads or changes it holds `lock`."""

    provider: str
    address: str
    items: dict[str, Any] = field(default_factory=dict)  # id -> Mail or File, by provider
    journal: list[Entry] = field(default_factory=list)  # `seq` ascends, with gaps
    seq: int = FIRST_SEQ
    floor: int = 0  # cursors below it have expired
    shift: int = 0  # rows by which Zoho's offsets are off while a page is bent
    made: int = 0  # ids handed out
    lock: threading.RLock = field(default_factory=threading.RLock)
    kept: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def put(self, item: Item, *, folder: str = "") -> None:
        """Add an item or replace the one with its id."""
        before = self.items.get(item.id)
        self.seq += 1
        same = before is not None and before.content == item.content
        item = replace(item, version=self.seq, revision=before.revision if before and same else self.seq)
        self.items[item.id] = item
        self.journal.append(Entry(self.seq, item.id, before, item, folder))

    def remove(self, item_id: str, *, folder: str = "") -> None:
        """Take an item away for good. Raises KeyError."""
        before = self.items.pop(item_id)
        self.seq += 1
        self.journal.append(Entry(self.seq, item_id, before, None, folder))

    def since(self, seq: int) -> list[Entry]:
        """The entries after `seq`, oldest first."""
        low, high = 0, len(self.journal)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.journal[middle].seq <= seq else (low, middle)
        return self.journal[low:]

    def expire_cursors(self) -> None:
        """From now on every cursor handed out so far has expired; new ones are good."""
        self.seq += 1
        self.floor = self.seq

    def is_expired(self, seq: int) -> bool:
        return seq < self.floor

    def keep(self, name: str, build: Callable[[], T]) -> T:
        """What `build` makes, made anew only after a change of the account."""
        seq, value = self.kept.get(name, (-1, None))
        if seq != self.seq:
            value = build()
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[name] = (self.seq, value)
        return cast("T", value)

    def make_id(self, at: datetime) -> str:
        """A new id in the provider's shape, the same ones in the same order after every start; Zoho's begin with the time."""
        self.made += 1
        digest = hashlib.sha256(f"{self.provider} {self.address} {self.made}".encode()).hexdigest()
        match self.provider:
            case "gmail":
                return f"19{digest[:14]}"
            case "zoho_mail":
                return f"{max(0, int(at.timestamp() * 1000)):013}{int(digest[:16], 16) % 10**6:06}"
            case "gdrive":
                return f"1{digest[:32]}"
            case _:
                return f"id:{digest[:22]}"

    def truth(self) -> dict[str, dict[str, str | None]]:
        """id -> {"title", "content"} of everything that must be a memory."""
        return {item.id: item.truth for item in self.items.values() if not item.is_hidden}


class World:
    """All accounts, by (provider slug, address)."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], Account] = {}

    def add(self, provider: str, address: str) -> Account:
        """The account, made where it was not there."""
        return self.accounts.setdefault((provider, address), Account(provider=provider, address=address))

    def find(self, provider: str, address: str) -> Account:
        """Raises KeyError."""
        return self.accounts[provider, address]

    def of(self, provider: str) -> list[Account]:
        return [account for account in self.accounts.values() if account.provider == provider]


def read_items(account: Account, rows: Iterable[Mapping[str, Any]]) -> list[Item]:
    """Items as the control API gives them. Raises KeyError, ValueError on what cannot be read."""
    read = read_mail if account.provider in MAILS else read_file
    return [read(account, row) for row in rows]


def read_mail(account: Account, row: Mapping[str, Any]) -> Mail:
    at = read_moment(row.get("at"))
    item_id = str(row.get("id") or account.make_id(at))
    is_gmail = account.provider == "gmail"
    raw = row.get("raw")
    return Mail(
        id=item_id,
        thread_id=str(row.get("thread_id") or item_id),
        at=at,
        sender=read_name(row.get("from"), default=account.address),
        to=tuple(read_name(pair, default="") for pair in row.get("to") or [["", account.address]]),
        subject=str(row.get("subject", "")),
        text=str(row.get("text", "")),
        html=str(row.get("html") or ""),
        message_id=str(row.get("message_id") or f"<{item_id}@mail.example>"),
        in_reply_to=str(row.get("in_reply_to") or ""),
        labels=frozenset(row.get("labels", ["INBOX"])) if is_gmail else frozenset(),
        folder="" if is_gmail else str(row.get("folder", "Inbox")),
        raw=None if raw is None else str(raw).encode("latin-1"),
    )


def read_file(account: Account, row: Mapping[str, Any]) -> File:
    modified = read_moment(row.get("modified"))
    item_id = str(row.get("id") or account.make_id(modified))
    path = str(row.get("path") or f"/{item_id.removeprefix('id:')}.txt")
    coded, text = row.get("data_b64"), row.get("text")
    return File(
        id=item_id,
        path=path if path.startswith("/") else f"/{path}",
        mime_type=str(row.get("mime_type", "text/plain")),
        created=read_moment(row["created"]) if row.get("created") else modified,
        modified=modified,
        owner=read_name(row.get("owner"), default=account.address),
        data=base64.b64decode(coded) if coded is not None else str(text or "").encode(),
        text=None if coded is not None and text is None else str(text or ""),
        trashed=bool(row.get("trashed", False)),
        downloadable=bool(row.get("downloadable", True)),
    )


def read_moment(value: object) -> datetime:
    """An aware moment in UTC from ISO 8601. Raises ValueError."""
    moment = datetime.fromisoformat(str(value or "2026-01-01T00:00:00+00:00"))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_name(value: object, *, default: str) -> Name:
    name, address = value if isinstance(value, list | tuple) else ("", default)
    return (str(name), str(address))
