"""Stand-in: Google Drive's API v3, read only.

What a real Drive does and clients stumble over is done here too: `fields` is obeyed, a page token is good for its own listing,
`newStartPageToken` comes on the last page alone, a file that changed twice is told twice (as it is now), documents of Google's own
have no size and are only exported, with the line ends of Windows and, as text, a byte order mark.
"""

import base64
import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.local.providers.drive_fields import (
    BRIEF,
    GOOGLE,
    FieldError,
    Mask,
    check_names,
    has_bytes,
    list_folders,
    prune,
    read_mask,
    tell_file,
    tell_user,
    write_time,
)
from config.local.providers.plan import cut_page
from config.local.providers.server import Request, Response, json_response
from config.local.providers.world import Account, Entry, File

LARGEST_PAGE: Final = 1_000
PAGE: Final = 100
LARGEST_EXPORT: Final = 10 * 1024 * 1024  # bytes
EXPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    f"{GOOGLE}document": ("text/plain",),
    f"{GOOGLE}presentation": ("text/plain",),
    f"{GOOGLE}spreadsheet": ("text/csv",),
}
LIST_NAMES: Final = frozenset({"kind", "nextPageToken", "incompleteSearch", "files"})
CHANGES_NAMES: Final = frozenset({"kind", "nextPageToken", "newStartPageToken", "changes"})
CHANGE_NAMES: Final = frozenset({"kind", "type", "changeType", "time", "removed", "fileId", "file", "driveId"})
CLAUSES: Final = (
    re.compile(r"(?P<field>trashed)\s*(?P<sign>=|!=)\s*(?P<value>true|false)"),
    re.compile(r"(?P<field>mimeType)\s*(?P<sign>=|!=)\s*'(?P<value>[^']*)'"),
)


class RefusedError(Exception):
    """An answer with an error in it, in Google's shape."""

    def __init__(self, status: int, reason: str, message: str, *, location: str = "") -> None:
        super().__init__(message)
        where = {"locationType": "parameter", "location": location} if location else {}
        told = {"message": message, "domain": "global", "reason": reason, **where}
        self.response = json_response({"error": {"code": status, "message": message, "errors": [told]}}, status=status)


def answer(account: Account, request: Request) -> Response:
    """What Drive answers; the account's lock is held."""
    try:
        return _find_method(request)(account, request)
    except RefusedError as refusal:
        return refusal.response
    except FieldError as error:
        return RefusedError(400, "invalidParameter", f"Invalid field selection {error}", location="fields").response


def _find_method(request: Request) -> Callable[[Account, Request], Response]:
    match request.method, request.parts[:2], request.parts[2:]:
        case "GET", ("drive", "v3"), (name,):
            method = METHODS.get(name)
        case "GET", ("drive", "v3"), ("files", _):
            method = _get_file
        case "GET", ("drive", "v3"), ("files", _, "export"):
            method = _export_file
        case "GET", ("drive", "v3"), ("changes", "startPageToken"):
            method = _get_start
        case _:
            method = None
    if method is None:
        raise RefusedError(404, "notFound", "Not Found")
    return method


def _get_about(account: Account, request: Request) -> Response:
    if not request.param("fields"):
        message = "The 'fields' parameter is required for this method."
        raise RefusedError(400, "required", message, location="fields")
    mask = read_mask(request.param("fields"))
    check_names(mask, frozenset({"kind", "user", "storageQuota"}))
    user = tell_user(("", account.address), account=account)
    return json_response(prune({"kind": "drive#about", "user": user}, mask))


def _list_files(account: Account, request: Request) -> Response:
    mask = read_mask(request.param("fields", f"kind,incompleteSearch,nextPageToken,files({BRIEF})"))
    check_names(mask, LIST_NAMES)
    query = request.param("q")
    chosen = _read_query(query)
    rows = account.keep(f"drive rows {query}", lambda: [row for row in _list_rows(account) if chosen(row)])
    ids = account.keep(f"drive ids {query}", lambda: [row.id for row in rows])
    began, after = _read_list_token(account, request.param("pageToken"))
    start = bisect_right(ids, after) if after else 0
    cut = cut_page(rows, start=start, size=_read_size(request), bend=request.bend)
    reply: dict[str, object] = {"kind": "drive#fileList", "incompleteSearch": False}
    if cut.next is not None:
        reply["nextPageToken"] = _write_list_token(began, ids[cut.next - 1] if cut.next else "")
    files = [tell_file(account, row, mask.get("files", {})) for row in cut.rows]
    return json_response(prune(reply | {"files": files}, {name: {} for name in mask}))


def _list_rows(account: Account) -> list[File]:
    """Everything there is by id, so that what comes or goes while a client pages moves no other file to another page."""
    rows = {item.id: item for item in account.items.values()}
    rows |= {folder.id: folder for folder in list_folders(account).values()}
    return [rows[item_id] for item_id in sorted(rows)]


def _read_query(query: str) -> Callable[[File], bool]:
    """The few questions that are understood, joined by "and"."""
    tests = [_read_clause(clause.strip()) for clause in query.split(" and ")] if query else []
    return lambda file: all(test(file) for test in tests)


def _read_clause(clause: str) -> Callable[[File], bool]:
    found = next((found for rule in CLAUSES if (found := rule.fullmatch(clause))), None)
    if found is None:
        raise RefusedError(400, "invalid", "Invalid Value", location="q")
    equal, value = found["sign"] == "=", found["value"]
    if found["field"] == "trashed":
        return lambda file: (file.trashed == (value == "true")) == equal
    return lambda file: (file.mime_type == value) == equal


def _read_size(request: Request) -> int:
    text = request.param("pageSize", str(PAGE))
    if not (text.isdecimal() and 1 <= int(text) <= LARGEST_PAGE):
        message = f"Invalid value '{text}'. Values must be within the range: [1, {LARGEST_PAGE}]"
        raise RefusedError(400, "invalidParameter", message, location="pageSize")
    return int(text)


def _write_list_token(began: int, after: str) -> str:
    return "~!!~" + base64.urlsafe_b64encode(json.dumps([began, after]).encode()).decode()


def _read_list_token(account: Account, token: str) -> tuple[int, str]:
    """When the listing began and the id it has come to."""
    if not token:
        return account.seq, ""
    try:
        began, after = json.loads(base64.urlsafe_b64decode(token.removeprefix("~!!~")))
    except ValueError:
        raise _bad_token() from None
    if account.is_expired(int(began)):
        raise _bad_token()
    return int(began), str(after)


def _bad_token() -> RefusedError:
    return RefusedError(400, "invalid", "Invalid Value", location="pageToken")


def _get_start(account: Account, _request: Request) -> Response:
    return json_response({"kind": "drive#startPageToken", "startPageToken": str(account.seq)})


def _list_changes(account: Account, request: Request) -> Response:
    short = f"kind,nextPageToken,newStartPageToken,changes(kind,type,changeType,time,removed,fileId,file({BRIEF}))"
    mask = read_mask(request.param("fields", short))
    check_names(mask, CHANGES_NAMES)
    seq = _read_change_token(account, request.param("pageToken"))
    entries = account.since(seq)
    cut = cut_page(entries, start=0, size=_read_size(request), bend=request.bend)
    reply: dict[str, object] = {"kind": "drive#changeList"}
    if cut.next is None:
        reply["newStartPageToken"] = str(account.seq)
    else:
        reply["nextPageToken"] = str(entries[cut.next - 1].seq if cut.next else seq)
    wanted = mask.get("changes", {})
    check_names(wanted, CHANGE_NAMES)
    changes = [prune(_tell_change(account, entry, wanted.get("file", {})), wanted) for entry in cut.rows]
    return json_response(prune(reply | {"changes": changes}, {name: {} for name in mask}))


def _read_change_token(account: Account, token: str) -> int:
    if not token:
        raise RefusedError(400, "required", "Required parameter: pageToken", location="pageToken")
    if not token.isdecimal() or int(token) > account.seq or account.is_expired(int(token)):
        raise _bad_token()
    return int(token)


def _tell_change(account: Account, entry: Entry, mask: Mask) -> dict[str, Any]:
    """A file as it is now, whatever it was when it changed."""
    file = account.items.get(entry.id)
    told = entry.after or entry.before
    change = {
        "kind": "drive#change",
        "type": "file",
        "changeType": "file",
        "time": write_time(told.modified) if isinstance(told, File) else "",
        "removed": file is None,
        "fileId": entry.id,
    }
    return change if file is None else change | {"file": tell_file(account, file, mask)}


def _find_file(account: Account, file_id: str) -> File:
    files = account.keep("drive files", lambda: {row.id: row for row in _list_rows(account)})
    if file_id not in files:
        raise RefusedError(404, "notFound", f"File not found: {file_id}.", location="fileId")
    return files[file_id]


def _get_file(account: Account, request: Request) -> Response:
    file = _find_file(account, request.parts[3])
    if request.param("alt") != "media":
        return json_response(tell_file(account, file, read_mask(request.param("fields", BRIEF))))
    if not has_bytes(file):
        message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
        raise RefusedError(403, "fileNotDownloadable", message, location="alt")
    if not file.downloadable:
        raise RefusedError(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")
    return Response(200, file.data, {"content-type": file.mime_type, "content-disposition": "attachment"})


def _export_file(account: Account, request: Request) -> Response:
    file, wanted = _find_file(account, request.parts[3]), request.param("mimeType")
    if not wanted:
        raise RefusedError(400, "required", "Required parameter: mimeType", location="mimeType")
    if has_bytes(file):
        raise RefusedError(403, "fileNotExportable", "Export only supports Docs Editors files.")
    if wanted not in EXPORTS.get(file.mime_type, ()):
        raise RefusedError(400, "badRequest", "The requested conversion is not supported.", location="convertTo")
    if not file.downloadable:
        raise RefusedError(403, "cannotExportFile", "This file cannot be exported by the user.")
    body = _write_export(file, wanted=wanted)
    if len(body) > LARGEST_EXPORT:
        raise RefusedError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return Response(200, body, {"content-type": wanted, "content-disposition": "attachment"}, streamed=True)


def _write_export(file: File, *, wanted: str) -> bytes:
    """The text of a document, and that of a sheet, which is its rows as CSV already; only the first has a byte order mark."""
    mark = b"" if wanted == "text/csv" else codecs.BOM_UTF8
    return mark + file.data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


METHODS: Final[Mapping[str, Callable[[Account, Request], Response]]] = {
    "about": _get_about,
    "files": _list_files,
    "changes": _list_changes,
}
