"""Stand-in: what Drive says of a file, and the `fields` parameter by which a client chooses among it.

As with the real one a client gets what it named and no more, hardly anything where it named nothing, and a 400 for a name that does
not exist: a field forgotten in the product is missing here too.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from config.local.providers.world import FOLDER, SHORTCUT, Account, File, Name

Mask = dict[str, "Mask"]  # what of an object is wanted; empty: all of it

GOOGLE: Final = "application/vnd.google-apps."
TOKENS: Final = re.compile(r"[\w*]+|[(),/]")
BRIEF: Final = "kind,id,name,mimeType"
Told = Callable[[Account, File], object]  # None: Drive leaves the field out


class FieldError(ValueError):
    """A field that does not exist, or a parameter that cannot be read; the message is the field."""


def read_mask(fields: str) -> Mask:
    """`a,b/c,d(e,f)` as nested names; "*" is everything. Raises FieldError."""
    tokens = TOKENS.findall(fields)
    if "".join(tokens) != re.sub(r"\s", "", fields) or tokens.count("(") != tokens.count(")"):
        raise FieldError(fields)
    mask, rest = _read_names(tokens)
    if rest:
        raise FieldError(fields)
    return {} if "*" in mask else mask


def _read_names(tokens: list[str]) -> tuple[Mask, list[str]]:
    """Names up to the bracket that closes them, and the tokens behind it."""
    mask: Mask = {}
    place = mask
    while tokens and tokens[0] != ")":
        word, tokens = tokens[0], tokens[1:]
        if word == "(":
            inner, tokens = _read_names(tokens)
            place.update(inner)
            tokens = tokens[1:]
        elif word == ",":
            place = mask
        elif word != "/":
            place = place.setdefault(word, {})
    return mask, tokens


def prune(value: Any, mask: Mask) -> Any:
    """The part of a JSON value that a mask names."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [prune(inner, mask) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: prune(inner, mask[name]) for name, inner in value.items() if name in mask}


def check_names(mask: Mask, known: Mapping[str, object] | frozenset[str]) -> None:
    """Raise FieldError for the first name that is not known."""
    for name in mask:
        if name not in known and name != "*":
            raise FieldError(name)


def tell_file(account: Account, file: File, mask: Mask) -> dict[str, object]:
    """The file as a resource of v3, with the fields that `mask` names. Raises FieldError."""
    check_names(mask, FIELDS)
    names = FIELDS if not mask or "*" in mask else mask
    told = {name: FIELDS[name](account, file) for name in names if name != "*"}
    return {name: prune(value, mask.get(name, {})) for name, value in told.items() if value is not None}


def tell_user(name: Name, *, account: Account) -> dict[str, object]:
    """A user as Drive tells of it; one without a name is called by the address."""
    shown, address = name
    return {
        "kind": "drive#user",
        "displayName": shown or make_name(address),
        "me": address == account.address,
        "permissionId": str(int(_digest(address.encode())[:16], 16)),
        "emailAddress": address,
    }


def make_name(address: str) -> str:
    """ "ada.lovelace@post.example" is Ada Lovelace."""
    return " ".join(part.capitalize() for part in address.partition("@")[0].split("."))


def write_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def has_bytes(file: File) -> bool:
    """Whether it is a file of its own and no document, folder or shortcut of Google's."""
    return not file.mime_type.startswith(GOOGLE)


def list_folders(account: Account) -> dict[str, File]:
    """Path -> folder, for all folders; those that are no items of the world get an id from their path."""
    folders = {item.path: item for item in account.items.values() if item.mime_type == FOLDER}
    for item in account.items.values():
        path = item.path.rpartition("/")[0]
        while path and path not in folders:
            folders[path] = _make_folder(account, path)
            path = path.rpartition("/")[0]
    return folders


def _make_folder(account: Account, path: str) -> File:
    born = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    folder_id = "1" + _digest(f"{account.address} {path}".encode())[:32]
    owner = ("", account.address)
    return File(folder_id, path, FOLDER, born, born, owner, b"", None, trashed=False, downloadable=True, version=1)


def _list_parents(account: Account, file: File) -> list[str]:
    folders = account.keep("drive folders", lambda: list_folders(account))
    folder = folders.get(file.path.rpartition("/")[0])
    return [folder.id if folder else f"0A{_digest(account.address.encode())[:17]}"]


def _tell_link(_account: Account, file: File) -> str:
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    if has_bytes(file):
        return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"
    return f"https://docs.google.com/{file.mime_type.removeprefix(GOOGLE)}/d/{file.id}/edit?usp=drivesdk"


def _tell_shortcut(account: Account, file: File) -> dict[str, str] | None:
    """The text of a shortcut is the id of what it leads to."""
    if file.mime_type != SHORTCUT:
        return None
    target = account.items.get(file.text or "")
    return {"targetId": file.text or "", "targetMimeType": target.mime_type if target else "application/octet-stream"}


def _tell_capabilities(_account: Account, file: File) -> dict[str, bool]:
    return {
        "canDownload": file.downloadable and file.mime_type != FOLDER,
        "canEdit": True,
        "canCopy": file.downloadable,
    }


def _ending(file: File) -> str | None:
    return file.name.rpartition(".")[2] if has_bytes(file) and "." in file.name else None


def _if_bytes(file: File, tell: Callable[[bytes], str]) -> str | None:
    return tell(file.data) if has_bytes(file) else None


def _digest(data: bytes, method: str = "sha256") -> str:
    return hashlib.new(method, data, usedforsecurity=False).hexdigest()


FIELDS: Final[Mapping[str, Told]] = {
    "kind": lambda _account, _file: "drive#file",
    "id": lambda _account, file: file.id,
    "name": lambda _account, file: file.name,
    "mimeType": lambda _account, file: file.mime_type,
    "description": lambda _account, _file: None,
    "starred": lambda _account, _file: False,
    "trashed": lambda _account, file: file.trashed,
    "explicitlyTrashed": lambda _account, file: file.trashed,
    "parents": _list_parents,
    "spaces": lambda _account, _file: ["drive"],
    "version": lambda _account, file: str(file.version),
    "webViewLink": _tell_link,
    "createdTime": lambda _account, file: write_time(file.created),
    "modifiedTime": lambda _account, file: write_time(file.modified),
    "owners": lambda account, file: [tell_user(file.owner, account=account)],
    "lastModifyingUser": lambda account, file: tell_user(file.owner, account=account),
    "ownedByMe": lambda account, file: file.owner[1] == account.address,
    "shared": lambda account, file: file.owner[1] != account.address,
    "driveId": lambda _account, _file: None,
    "capabilities": _tell_capabilities,
    "shortcutDetails": _tell_shortcut,
    "originalFilename": lambda _account, file: file.name if has_bytes(file) else None,
    "fileExtension": lambda _account, file: _ending(file),
    "size": lambda _account, file: _if_bytes(file, lambda data: str(len(data))),
    "quotaBytesUsed": lambda _account, file: str(len(file.data)),
    "md5Checksum": lambda _account, file: _if_bytes(file, lambda data: _digest(data, "md5")),
    "sha1Checksum": lambda _account, file: _if_bytes(file, lambda data: _digest(data, "sha1")),
    "sha256Checksum": lambda _account, file: _if_bytes(file, _digest),
    "headRevisionId": lambda _account, file: _if_bytes(file, lambda _data: f"0B{file.revision:026}"),
    "exportLinks": lambda _account, _file: None,
}
