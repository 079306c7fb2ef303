"""Arrive: Dropbox's files (API v2, https://www.dropbox.com/developers/documentation/http/documentation).

The cursor of the listing is also the cursor of the changes. Entries count in their order, as the documentation of
files/list_folder asks: a file takes the place of whatever lay at its path, often without a word about that, and "deleted" names a
path and takes all below it along. Dropbox does not say whose a file is, so memories have no author.

A member of a team with a team space has a root above the own folder, which has to be named at every call
(https://www.dropbox.com/developers/reference/path-root-header-modes); the cursor holds it, '' where there is none.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from integrations.errors import CursorExpired, ItemRefused, ProviderUnavailable, Refused
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
ACCOUNT: Final = "/2/users/get_current_account"
# What a call says it sends. Told nothing, Nango's proxy may say a form, and Dropbox refuses that (400, 'Bad HTTP "Content-Type"').
# Where Dropbox expects null nothing is sent: Nango itself takes no JSON that is neither an object nor a list (express.json, strict).
JSON: Final = ("content-type", "application/json")
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
        return read_text(_ask_account(fetch), "email")

    def begin(self, *, fetch: Fetch) -> Cursor:
        """A listing from its first page; its own cursor tells of changes afterwards."""
        return {"phase": "listing", "cursor": "", "root": _ask_root(fetch)}

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
        root = str(cursor.get("root") or "")
        reply = _ask("list" if listed else "changes", token, root=root, size=PAGE, fetch=fetch)
        changes = _settle([change for entry in read_list(reply, "entries") for change in _read_entry(entry, root=root)])
        if not token:  # what lay anywhere before a listing began is gone when that is complete, unless it is shown
            changes = tuple(change for change in changes if isinstance(change, Entry))
        has_more = _has_more(reply)
        phase = "listing" if listed and has_more else "changes"
        onwards = {"phase": phase, "cursor": read_text(reply, "cursor"), "root": root}
        return Page(changes, onwards, listed=listed, complete=listed and not has_more, done=not has_more)

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The memory of a file: its own bytes, or an export where it has none (a Paper document)."""
        file = _read_file(entry)
        if not entry.details["downloadable"]:
            return _read_export(entry, fetch=fetch, context=context)
        refuse_early(file)
        body = _fetch_bytes("download", entry, fetch=fetch)
        if file.size is not None and len(body) < file.size:
            raise ProviderUnavailable("the file came cut, or was changed while it was read")
        return draft_file(body, file=file, content_type=file.mime_type, context=context)

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count all files that may hold text; whose they are Dropbox does not say."""
        listed, readable, cursor, has_more = 0, 0, "", True
        root = _ask_root(fetch)
        while has_more:
            reply = _ask("list", cursor, root=root, size=PREVIEW_PAGE, fetch=fetch)
            entries = read_list(reply, "entries")
            changes = [change for entry in entries for change in _read_entry(entry, root=root)]
            listed += len(entries)
            readable += sum(1 for change in changes if isinstance(change, Entry) and _may_hold_text(change))
            cursor, has_more = read_text(reply, "cursor"), _has_more(reply)
        return Preview(items=readable, people=None, exact=True, requests=readable + listed // PAGE + 3)


def _ask_account(fetch: Fetch) -> dict[str, Any]:
    return read_json(fetch(Request(purpose="account", path=ACCOUNT, method="POST", headers=(JSON,))))


def _ask_root(fetch: Fetch) -> str:
    """The root to be named; where Dropbox does not tell of the account it is the person's own folder."""
    try:
        return _find_root(_ask_account(fetch))
    except Refused:
        return ""


def _find_root(account: Mapping[str, Any]) -> str:
    """The root to be named at every call: that of a team space; '' where the person's own folder is all there is."""
    info = account.get("root_info")
    if not isinstance(info, Mapping):
        return ""
    root, home = (read_text(info, f"{which}_namespace_id", required=False) for which in ("root", "home"))
    return root if root != home else ""


def _name_root(root: str) -> tuple[tuple[str, str], ...]:
    """The header for a root. Dropbox refuses one that is not the person's any more, and everything is listed again."""
    return (("dropbox-api-path-root", json.dumps({".tag": "root", "root": root})),) if root else ()


def _ask(purpose: Purpose, cursor: str, *, root: str, size: int, fetch: Fetch) -> dict[str, Any]:
    """The page at a cursor; '' is the first one of everything."""
    headers = (JSON, *_name_root(root))
    if cursor:
        path, onwards = f"{LISTING}/continue", {"cursor": cursor}
        return read_json(fetch(Request(purpose=purpose, path=path, method="POST", headers=headers, json=onwards)))
    everything = {
        "path": "",  # the root; "/" is refused
        "recursive": True,
        "limit": size,
        "include_deleted": False,
        "include_mounted_folders": True,
    }
    return read_json(fetch(Request(purpose=purpose, path=LISTING, method="POST", headers=headers, json=everything)))


def _has_more(reply: Mapping[str, Any]) -> bool:
    has_more = reply.get("has_more")
    if not isinstance(has_more, bool):
        raise ProviderUnavailable("the answer does not say whether there is more")
    return has_more


def _read_entry(entry: Mapping[str, Any], *, root: str) -> Iterator[Change]:
    """What an entry means: nothing where it is a folder, which leaves what lies in it as it is.

    A file takes its own path away first, and with it whatever lay there under another id.
    """
    tag = read_text(entry, ".tag")
    path = sound_text(read_text(entry, "path_lower", required=False))  # '' in a folder that is not mounted
    if tag in ("file", "deleted") and path:
        yield PathRemoval(path)
    if tag == "file":
        made = _make_entry(entry, path=path)
        yield replace(made, details={**made.details, "root": root})  # no part of the version


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


def _read_export(entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
    export_as = entry.details["export_as"]
    if not export_as:
        raise ItemRefused("Dropbox does not let it be downloaded")
    body = _fetch_bytes("export", entry, fetch=fetch)
    return draft_file(body, file=_read_file(entry), content_type=guess_type(f"export.{export_as}"), context=context)


def _fetch_bytes(verb: str, entry: Entry, *, fetch: Fetch) -> bytes:
    """The argument of a call for bytes is a header: JSON in ASCII, everything else escaped."""
    argument = ("dropbox-api-arg", json.dumps({"path": entry.remote_id}))
    headers = (argument, NO_BODY_FOR_BYTES, *_name_root(str(entry.details.get("root") or "")))
    path = f"/2/files/{verb}"
    request = Request(purpose="item", path=path, method="POST", headers=headers, host="content", limit=MAX_SIZE)
    return fetch(request).body
