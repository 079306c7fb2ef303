"""Arrive: Dropbox's files (API v2, https://www.dropbox.com/developers/documentation/http/documentation).

The cursor of the listing is also the cursor of the changes. Entries count in their order, as the documentation of
files/list_folder asks: a file takes the place of whatever lay at its path, often without a word about that, and "deleted" names a
path and takes all below it along. Dropbox does not say whose a file is, so memories have no author.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from integrations.errors import CursorExpired, ItemRefused, ProviderUnavailable
from integrations.providers.base import (
    Change,
    Cursor,
    Entry,
    Fetch,
    Page,
    PathRemoval,
    Preview,
    Purpose,
    ReadContext,
    Request,
)
from integrations.providers.files import MAX_SIZE, RemoteFile, draft_file, guess_type, make_entry, refuse_early
from integrations.providers.replies import read_json, read_list, read_text
from memories.content.sound import sound_text
from memories.drafts import MemoryDraft

LISTING: Final = "/2/files/list_folder"
PAGE: Final = 500  # large recursive listings time out
PREVIEW_PAGE: Final = 2_000
# What a call without a body says it sends. Told nothing, Nango's proxy says a form, and Dropbox refuses that (400, 'Bad HTTP "Content-Type"').
NO_BODY: Final = ("content-type", "application/json")
NO_BODY_FOR_BYTES: Final = ("content-type", "application/octet-stream")


class Dropbox:
    """Files of a Dropbox."""

    slug: Final = "dropbox"
    unit: Final = "files"
    base_delay: Final = 30.0
    every: Final = timedelta(minutes=5)
    sweep_every: Final = None

    def read_account(self, *, fetch: Fetch) -> str:
        """The address of the account."""
        path = "/2/users/get_current_account"
        request = Request(purpose="account", path=path, method="POST", headers=(NO_BODY,))
        return read_text(read_json(fetch(request)), "email")

    def begin(self, *, fetch: Fetch) -> Cursor:
        """A listing from its first page; its own cursor tells of changes afterwards."""
        return {"phase": "listing", "cursor": ""}

    def begin_sweep(self, cursor: Cursor, *, fetch: Fetch) -> Cursor:
        """List everything again; what happened since `cursor` is part of it."""
        return self.begin(fetch=fetch)

    def read_page(self, cursor: Cursor, *, fetch: Fetch) -> Page:
        """One page of the listing or of the changes."""
        match cursor:
            case {"phase": "listing" | "changes" as phase, "cursor": str(token)} if token or phase == "listing":
                listed = phase == "listing"
            case _:
                raise CursorExpired("the kept cursor is none of Dropbox's")
        reply = _ask("list" if listed else "changes", token, size=PAGE, fetch=fetch)
        changes = _settle([change for entry in read_list(reply, "entries") for change in _read_entry(entry)])
        if not token:  # what lay anywhere before a listing began is gone when that is complete, unless it is shown
            changes = tuple(change for change in changes if isinstance(change, Entry))
        has_more = _has_more(reply)
        onwards = {"phase": "listing" if listed and has_more else "changes", "cursor": read_text(reply, "cursor")}
        return Page(changes, onwards, listed=listed, complete=listed and not has_more, done=not has_more)

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The memory of a file: its own bytes, or an export where it has none (a Paper document)."""
        file = _read_file(entry)
        if not entry.details["downloadable"]:
            return _read_export(file, export_as=entry.details["export_as"], fetch=fetch, context=context)
        refuse_early(file)
        body = _fetch_bytes("download", file, fetch=fetch)
        if file.size is not None and len(body) < file.size:
            raise ProviderUnavailable("the file came cut, or was changed while it was read")
        return draft_file(body, file=file, content_type=file.mime_type, context=context)

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count all files that may hold text; whose they are Dropbox does not say."""
        listed, readable, cursor, has_more = 0, 0, "", True
        while has_more:
            reply = _ask("list", cursor, size=PREVIEW_PAGE, fetch=fetch)
            entries = read_list(reply, "entries")
            changes = [change for entry in entries for change in _read_entry(entry)]
            listed += len(entries)
            readable += sum(1 for change in changes if isinstance(change, Entry) and _may_hold_text(change))
            cursor, has_more = read_text(reply, "cursor"), _has_more(reply)
        return Preview(items=readable, people=None, exact=True, requests=readable + listed // PAGE + 2)


def _ask(purpose: Purpose, cursor: str, *, size: int, fetch: Fetch) -> dict[str, Any]:
    """The page at a cursor; '' is the first one of everything."""
    if cursor:
        request = Request(purpose=purpose, path=f"{LISTING}/continue", method="POST", json={"cursor": cursor})
        return read_json(fetch(request))
    everything = {
        "path": "",  # the root; "/" is refused
        "recursive": True,
        "limit": size,
        "include_deleted": False,
        "include_mounted_folders": True,
    }
    return read_json(fetch(Request(purpose=purpose, path=LISTING, method="POST", json=everything)))


def _has_more(reply: Mapping[str, Any]) -> bool:
    has_more = reply.get("has_more")
    if not isinstance(has_more, bool):
        raise ProviderUnavailable("the answer does not say whether there is more")
    return has_more


def _read_entry(entry: Mapping[str, Any]) -> Iterator[Change]:
    """What an entry means: nothing where it is a folder, which leaves what lies in it as it is.

    A file takes its own path away first, and with it whatever lay there under another id.
    """
    tag = read_text(entry, ".tag")
    path = sound_text(read_text(entry, "path_lower", required=False))  # '' in a folder that is not mounted
    if tag in ("file", "deleted") and path:
        yield PathRemoval(path)
    if tag == "file":
        yield _make_entry(entry, path=path)


def _settle(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The outcome of a page: first all that was taken away or replaced, then what is there.

    A file whose place was taken later on the page should be gone. Its version becomes one that nobody holds, so that it is asked for
    and not merely believed to be there, or not there: the order of a deletion and an arrival at one path decides nothing alone.
    """
    taken: set[str] = set()
    last: dict[str, Entry] = {}
    for change in reversed(changes):
        if isinstance(change, PathRemoval):
            taken.add(change.path)
        elif isinstance(change, Entry) and change.remote_id not in last:
            stays = taken.isdisjoint(_list_places(change.path))
            last[change.remote_id] = change if stays else replace(change, version=f"{change.version}?")
    return (*map(PathRemoval, sorted(taken)), *reversed(last.values()))


def _list_places(path: str) -> Iterator[str]:
    """A path and every folder above it: "/a/b" lies at "/a/b" and in "/a"."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _make_entry(entry: Mapping[str, Any], *, path: str) -> Entry:
    """An entry whose version a move or a new name changes too: the memory tells of both."""
    export_info = entry.get("export_info")
    details = {
        "name": read_text(entry, "name"),
        "path": read_text(entry, "path_display", required=False) or path,
        "modified": _read_either(entry, "client_modified", "server_modified"),
        "size": _read_size(entry),
        "downloadable": entry.get("is_downloadable") is not False,
        "export_as": read_text(export_info, "export_as", required=False) if isinstance(export_info, Mapping) else "",
    }
    content = _read_either(entry, "content_hash", "rev")
    return make_entry(read_text(entry, "id"), details=details, content=content, path=path)


def _read_either(entry: Mapping[str, Any], first: str, second: str) -> str:
    return read_text(entry, first, required=False) or read_text(entry, second, required=False)


def _read_size(entry: Mapping[str, Any]) -> int | None:
    size = entry.get("size")
    return size if isinstance(size, int) else None


def _read_file(entry: Entry) -> RemoteFile:
    told = entry.details
    return RemoteFile(
        source=Dropbox.slug,
        remote_id=entry.remote_id,
        name=told["name"],
        mime_type=guess_type(told["name"]),
        modified=told["modified"],
        path=told["path"],
        size=told["size"],
    )


def _may_hold_text(entry: Entry) -> bool:
    """Whether `read_item` would fetch it."""
    if not entry.details["downloadable"]:
        return bool(entry.details["export_as"])
    try:
        refuse_early(_read_file(entry))
    except ItemRefused:
        return False
    return True


def _read_export(file: RemoteFile, *, export_as: str, fetch: Fetch, context: ReadContext) -> MemoryDraft:
    if not export_as:
        raise ItemRefused("Dropbox does not let it be downloaded")
    body = _fetch_bytes("export", file, fetch=fetch)
    return draft_file(body, file=file, content_type=guess_type(f"export.{export_as}"), context=context)


def _fetch_bytes(verb: str, file: RemoteFile, *, fetch: Fetch) -> bytes:
    """The argument of a call for bytes is a header: JSON in ASCII, everything else escaped."""
    argument = ("dropbox-api-arg", json.dumps({"path": file.remote_id}))
    path = f"/2/files/{verb}"
    request = Request(
        purpose="item", path=path, method="POST", headers=(argument, NO_BODY_FOR_BYTES), host="content", limit=MAX_SIZE
    )
    return fetch(request).body
