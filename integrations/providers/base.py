"""Arrive: what every provider answers, page by page, and what it is given to ask with.

A provider is pure but for the `Fetch` it is handed: it stores nothing, waits for nothing and retries nothing. All it needs to go on
is in the cursor, a small JSON object that the caller keeps in the same transaction as the rows of the page, so a process that
dies loses at most the page it was reading. Errors of a call rise as the types of `integrations.errors`; a provider
catches none of them, except to say something better about an item.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from memories.drafts import MemoryDraft

Cursor = dict[str, Any]  # JSON: {"phase": "listing" | "changes", …}; ids and tokens are strings
Purpose = Literal["account", "list", "changes", "item"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call to the provider, through Nango's proxy.

    `path` begins with "/" and everything in it that comes from outside is percent-encoded (`quote_part`). `headers` are those the
    provider shall see. `purpose` tells how an error is to be understood: a 404 of an "item" is a missing item,
    of "changes" a cursor that expired. A body longer than `limit` bytes is `ItemRefused`.
    """

    purpose: Purpose
    path: str
    method: Literal["GET", "POST"] = "GET"
    params: tuple[tuple[str, str], ...] = ()
    json: Mapping[str, object] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    host: Literal["api", "content"] = "api"  # "content": Dropbox's second host, a constant of the client
    limit: int = 30_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back with a 2xx, whole."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


Fetch = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Entry:
    """An item that is there. Where `version` is the one we hold nothing is fetched.

    `path` is where the item lies, in a form that `PathRemoval` can name ('' where that means nothing). `details` is what the page
    said about it and `read_item` needs (JSON).
    """

    remote_id: str
    version: str
    path: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removal:
    """An item that is not there (any more) for us."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class PathRemoval:
    """Whatever lay at this path and below is not there (any more)."""

    path: str


Change = Entry | Removal | PathRemoval


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing or of changes, in the provider's order.

    `cursor` is where the next page begins. `listed` marks entries as part of a full listing; with `complete` that listing ends here
    and has shown everything there is, so what it did not show is gone. With `done` there is nothing more for now and
    `cursor` is where the next run begins.
    """

    changes: tuple[Change, ...]
    cursor: Cursor
    listed: bool = False
    complete: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a first import would bring; `people` is None where the provider cannot tell, `exact` tells whether that figure is counted.

    `requests` is how many calls the import would make.
    """

    items: int
    people: int | None
    exact: bool
    requests: int


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What `read_item` is told about the person: whose account it is, their zone, and the moment."""

    account: str
    time_zone: ZoneInfo
    now: datetime


class Provider(Protocol):
    """One provider, kept in `integrations.providers.PROVIDERS`."""

    @property
    def slug(self) -> str:
        """Its name in rows and URLs, and the `source` of its memories."""
        ...

    @property
    def unit(self) -> str:
        """What an item is called in the plural: "mails", "files"."""
        ...

    @property
    def base_delay(self) -> float:
        """Seconds before the second attempt after a transient error."""
        ...

    @property
    def every(self) -> timedelta:
        """How often a connection is synced."""
        ...

    @property
    def sweep_every(self) -> timedelta | None:
        """How often everything is listed to find what was deleted; None where changes tell it."""
        ...

    def read_account(self, *, fetch: Fetch) -> str:
        """The account's own address or name, the same at every call: `Memory.account`."""
        ...

    def begin(self, *, fetch: Fetch) -> Cursor:
        """A cursor for a full listing; the place from which changes are replayed afterwards is taken first."""
        ...

    def begin_sweep(self, cursor: Cursor, *, fetch: Fetch) -> Cursor:
        """A cursor that lists every id once more and then goes on where `cursor` was."""
        ...

    def read_page(self, cursor: Cursor, *, fetch: Fetch) -> Page:
        """The page that begins at `cursor`. Raises CursorExpired."""
        ...

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The memory an entry becomes. Called from several threads at once.

        Raises:
            ItemMissing: it is not there for us.
            ItemRefused: it cannot become a memory, and why.
        """
        ...

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count what a first import would bring, in few calls, storing nothing."""
        ...
