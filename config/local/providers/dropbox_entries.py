"""Stand-in: what Dropbox says of a file, a folder, and of what is not there any more.

A deletion names a path and no id. One entry takes away a folder with everything in it; a move is a deletion and an arrival with the
same id, told in either order, so that nobody comes to rely on one of them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from config.local.providers.world import FOLDER, SHORTCUT, Account, Entry, File

Told = dict[str, Any]

BLOCK: Final = 4 * 1024 * 1024  # bytes, https://www.dropbox.com/developers/reference/content-hash
EXPORTED: Final = {".paper": "markdown", ".gdoc": "docx", ".gsheet": "xlsx"}


def hash_content(data: bytes) -> str:
    """SHA-256 over the SHA-256 of each block."""
    blocks = (hashlib.sha256(data[start : start + BLOCK]).digest() for start in range(0, len(data), BLOCK))
    return hashlib.sha256(b"".join(blocks)).hexdigest()


def tell(item: File) -> Told:
    """The entry of a file or folder."""
    named = {"name": item.name, "path_lower": item.path.lower(), "path_display": item.path, "id": item.id}
    if item.mime_type == FOLDER:
        return {".tag": "folder", **named}
    export = find_export(item)
    return {
        ".tag": "file",
        **named,
        "client_modified": write_time(item.modified),
        "server_modified": write_time(item.modified),
        "rev": f"{item.revision:x}".zfill(15),  # a new name alone is no new revision
        "size": len(item.data),
        "is_downloadable": item.downloadable and not export,
        **({"export_info": {"export_as": export}} if export else {}),
        "content_hash": hash_content(item.data),
    }


def find_export(item: File) -> str:
    """What a file is exported as that cannot be downloaded (a Paper document); '' for others."""
    return EXPORTED.get("." + item.name.rpartition(".")[2], "") if item.downloadable else ""


def tell_deleted(path: str) -> Told:
    return {".tag": "deleted", "name": path.rpartition("/")[2], "path_lower": path.lower(), "path_display": path}


def write_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_there(item: File | None) -> bool:
    """Dropbox has no trash in its listings and no shortcuts."""
    return item is not None and not item.trashed and item.mime_type != SHORTCUT


def list_rows(account: Account) -> list[File]:
    """All folders and files, each folder before what lies in it."""
    there = [item for item in account.items.values() if is_there(item)]
    folders = make_folders(account, there)
    return sorted([*there, *folders.values()], key=sort_key)


def sort_key(item: File) -> str:
    return item.path.lower().replace("/", "\0") + "\0\0" + item.id


def make_folders(account: Account, items: Iterable[File]) -> dict[str, File]:
    """The folders that the paths of `items` pass through and that are no items themselves, by path in lower case."""
    known = {item.path.lower() for item in items if item.mime_type == FOLDER}
    made: dict[str, File] = {}
    for item in items:
        path = item.path.rpartition("/")[0]
        while path and path.lower() not in known:
            known.add(path.lower())
            made[path.lower()] = make_folder(account, path)
            path = path.rpartition("/")[0]
    return made


def make_folder(account: Account, path: str) -> File:
    digest = hashlib.sha256(f"{account.address} {path.lower()}".encode()).hexdigest()
    born = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    return File(
        f"id:{digest[:22]}",
        path,
        FOLDER,
        born,
        born,
        ("", account.address),
        b"",
        None,
        trashed=False,
        downloadable=True,
    )


def tell_changes(account: Account, entries: Iterable[Entry]) -> Iterator[Told]:
    """What happened, in its order; the entries of one folder that was moved or removed as a whole are told as one."""
    for folder, together in groupby(entries, key=lambda entry: entry.folder):
        if folder:
            yield from _tell_folder(account, folder, list(together))
        else:
            for entry in together:
                yield from _tell_entry(entry)


def is_below(path: str, folder: str) -> bool:
    return path.lower().startswith(f"{folder.lower()}/")


def _tell_entry(entry: Entry) -> list[Told]:
    before = entry.before if isinstance(entry.before, File) and is_there(entry.before) else None
    after = entry.after if isinstance(entry.after, File) and is_there(entry.after) else None
    moved = before is not None and (after is None or before.path.lower() != after.path.lower())
    gone = [tell_deleted(before.path)] if before and moved else []
    come = [tell(after)] if after else []
    inside = before is not None and after is not None and is_below(after.path, before.path)
    return come + gone if entry.seq % 2 and not inside else gone + come


def _tell_folder(account: Account, folder: str, entries: list[Entry]) -> list[Told]:
    """One deletion for all that lay in the folder; a folder that was moved into itself would be taken away by a late one."""
    arrived = [entry.after for entry in entries if isinstance(entry.after, File) and is_there(entry.after)]
    around = [
        made for path, made in make_folders(account, arrived).items() if not f"{folder.lower()}/".startswith(f"{path}/")
    ]
    come = [tell(item) for item in [*around, *arrived]]
    gone = [tell_deleted(folder)]
    inside = any(item.path.lower().startswith(f"{folder.lower()}/") for item in arrived)
    return come + gone if entries[0].seq % 2 and not inside else gone + come
