"""A provider without a network: a shelf of items with a journal of what happened to them, and errors at chosen calls."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from integrations.errors import CursorExpired, ItemMissing
from integrations.providers.base import Change, Entry, Page, PathRemoval, Preview, Removal
from memories.drafts import parse_draft


class Killed(BaseException):
    """The worker dies: no except clause of ours sees it."""


@dataclass
class Shelf:
    """Items are texts by id; `errors` are raised at the n-th call, pages and items counted together, from 1."""

    slug: str = "gmail"
    unit: str = "mails"
    base_delay: float = 30.0
    every: timedelta = timedelta(minutes=5)
    sweep_every: timedelta | None = None
    account: str = "ana@postbox.example"
    page_size: int = 10
    items: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    errors: dict[int, BaseException] = field(default_factory=dict)
    broken: dict[str, BaseException] = field(default_factory=dict)  # raised whenever that item is read
    oldest: int = 0  # a cursor before it has expired
    calls: int = 0
    read: list[str] = field(default_factory=list)
    on_call: Callable[[int], object] = lambda call: None

    def __post_init__(self):
        self.lock = threading.Lock()

    def fill(self, count):
        """Items m000, m001, … without a journal."""
        self.items = {f"m{number:03}": f"Text number {number}." for number in range(count)}

    def put(self, **items):
        for remote_id, text in items.items():
            self.items[remote_id] = text
            self.journal.append(self._entry(remote_id))

    def take(self, *ids):
        for remote_id in ids:
            del self.items[remote_id]
            self.journal.append(Removal(remote_id))

    def take_path(self, path):
        self.items = {key: text for key, text in self.items.items() if not self._lies_below(key, path)}
        self.journal.append(PathRemoval(path))

    def path_removal(self, path):
        return PathRemoval(path)

    def _lies_below(self, remote_id, path):
        place = self.paths.get(remote_id, "")
        return place == path or place.startswith(f"{path}/")

    def _entry(self, remote_id):
        return Entry(remote_id, version=str(hash(self.items[remote_id])), path=self.paths.get(remote_id, ""))

    def _call(self):
        with self.lock:
            self.calls += 1
            number = self.calls
            error = self.errors.pop(number, None)
        self.on_call(number)
        if error is not None:
            raise error

    def read_account(self, *, fetch):
        return self.account

    def begin(self, *, fetch):
        return {"phase": "listing", "after": "", "journal": len(self.journal)}

    def begin_sweep(self, cursor, *, fetch):
        return {"phase": "listing", "after": "", "journal": cursor["journal"]}

    def read_page(self, cursor, *, fetch):
        self._call()
        if cursor["phase"] == "listing":
            return self._list(cursor)
        if cursor["journal"] < self.oldest:
            raise CursorExpired("forgotten")
        return self._follow(cursor)

    def _list(self, cursor):
        ids = [remote_id for remote_id in sorted(self.items) if remote_id > cursor["after"]]
        shown, left = ids[: self.page_size], ids[self.page_size :]
        following = {**cursor, "after": shown[-1]} if left else {"phase": "changes", "journal": cursor["journal"]}
        return Page(tuple(map(self._entry, shown)), following, listed=True, complete=not left)

    def _follow(self, cursor):
        at = cursor["journal"]
        changes = tuple(self.journal[at : at + self.page_size])
        following = {"phase": "changes", "journal": at + len(changes)}
        return Page(changes, following, done=following["journal"] >= len(self.journal))

    def read_item(self, entry, *, fetch, context):
        self._call()
        if entry.remote_id in self.broken:
            raise self.broken[entry.remote_id]
        if entry.remote_id not in self.items:
            raise ItemMissing("gone")
        with self.lock:
            self.read.append(entry.remote_id)
        raw = {
            "content": self.items[entry.remote_id],
            "external_id": entry.remote_id,
            "occurred_at": datetime(2024, 5, 3, 9, tzinfo=UTC).isoformat(),
            "source": self.slug,
        }
        return replace(parse_draft(raw, time_zone=context.time_zone, now=context.now), account=context.account)

    def preview(self, *, fetch):
        self._call()
        return Preview(items=len(self.items), people=3, exact=True, requests=len(self.items))
