"""Stand-in: Dropbox's API v2, read only.

The cursor of a listing goes on as the cursor of the changes since that listing began, so nothing is missed between the two. Errors
come in Dropbox's three ways: 409 with a tagged union for what a program should handle, 400 with a sentence for a call that is
wrong in itself, JSON with a summary for the rest.
"""

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.local.providers.drive_fields import make_name
from config.local.providers.dropbox_entries import Told, find_export, is_there, list_rows, sort_key, tell, tell_changes
from config.local.providers.dropbox_roots import RootError, find_top, tell_root
from config.local.providers.plan import cut_page
from config.local.providers.server import Request, Response
from config.local.providers.world import FOLDER, Account, File

PAGE: Final = 500
LARGEST_PAGE: Final = 2_000
LIST_FIELDS: Final = frozenset(
    [
        "path", "recursive", "limit", "include_media_info", "include_deleted", "include_has_explicit_shared_members",
        "include_mounted_folders", "include_non_downloadable_files", "include_property_groups", "include_restorable_info", "shared_link",
    ]
)  # fmt: skip
BINARY: Final = ("", "application/octet-stream", "text/plain")
MARK: Final = "AAF"  # cursors begin with it
STATE: Final = frozenset({"seq", "after", "limit", "path", "deep"})


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def answer(account: Account, request: Request) -> Response:
    """What Dropbox answers; the account's lock is held."""
    function = "/".join(request.parts[1:])
    try:
        if request.method != "POST" or function not in FUNCTIONS:
            raise _refuse_call(f'Unknown API function: "{function}"')
        if (function in CONTENT) != _is_content(request):
            raise _refuse_call(f'Error in call to API function "{function}": it is not served by this host.')
        return FUNCTIONS[function](account, request)
    except RefusedError as refusal:
        return refusal.response
    except RootError as error:
        return _write_json(error.told, status=422)


def _is_content(request: Request) -> bool:
    """Whether the second host was meant; called directly, that is the other name of loopback."""
    return request.host == "content" or request.headers.get("host", "").startswith("localhost")


def _write_json(data: Told, *, status: int = 200) -> Response:
    """Dropbox names no charset, and its SDK takes nothing else for JSON."""
    return Response(status, json.dumps(data, ensure_ascii=False).encode(), {"content-type": "application/json"})


def _refuse_call(sentence: str) -> RefusedError:
    return RefusedError(Response(400, sentence.encode(), {"content-type": "text/plain; charset=utf-8"}))


def _refuse(*tags: str) -> RefusedError:
    """A tagged union in its shape: `("path", "not_found")` is {".tag": "path", "path": {".tag": "not_found"}}."""
    error: Told = {".tag": tags[-1]}
    for tag in reversed(tags[:-1]):
        error = {".tag": tag, tag: error}
    summary = "/".join(tags) + "/.."
    return RefusedError(_write_json({"error_summary": summary, "error": error}, status=409))


def _read_body(request: Request, *, known: frozenset[str]) -> Told:
    function = "/".join(request.parts[1:])
    kind = request.headers.get("content-type", "application/json").partition(";")[0]
    if kind != "application/json":
        raise _refuse_call(
            f'Error in call to API function "{function}": Bad HTTP "Content-Type" header: "{kind}". Expecting "application/json".'
        )
    try:
        body = request.json()
    except ValueError:
        raise _refuse_call(
            f'Error in call to API function "{function}": request body: could not decode input as JSON'
        ) from None
    if not isinstance(body, dict):
        raise _refuse_call(f'Error in call to API function "{function}": request body: expected object, got null')
    for name in sorted(set(body) - known):
        raise _refuse_call(f"Error in call to API function \"{function}\": request body: unknown field '{name}'")
    return body


def _get_current_account(account: Account, request: Request) -> Response:
    if request.body not in (b"", b"null"):
        raise _refuse_call(
            'Error in call to API function "users/get_current_account": request body: expected null, got value'
        )
    shown = make_name(account.address)
    given, _, surname = shown.partition(" ")
    return _write_json(
        {
            "account_id": "dbid:"
            + base64.urlsafe_b64encode(account.address.encode().ljust(27, b"-")[:27]).decode()[:35],
            "name": {
                "given_name": given,
                "surname": surname,
                "familiar_name": given,
                "display_name": shown,
                "abbreviated_name": "".join(part[:1] for part in (given, surname)),
            },
            "email": account.address,
            "email_verified": True,
            "disabled": False,
            "country": "GB",
            "locale": "en-GB",
            "referral_link": "https://www.dropbox.com/referrals/AAAA",
            "is_paired": False,
            "account_type": {".tag": "basic"},
            "root_info": tell_root(account),
        }
    )


def _list_folder(account: Account, request: Request) -> Response:
    body = _read_body(request, known=LIST_FIELDS)
    path, limit = body.get("path"), body.get("limit", PAGE)
    begin = 'Error in call to API function "files/list_folder": request body: '
    if not isinstance(path, str):
        raise _refuse_call(f"{begin}missing required field 'path'")
    if path == "/":
        raise _refuse_call(f'{begin}path: Specify the root folder as an empty string rather than as "/".')
    if path and not path.startswith(("/", "id:")):
        raise _refuse_call(f"{begin}path: '{path}' did not match pattern '(/(.|[\\r\\n])*)?|id:.*|(ns:[0-9]+(/.*)?)'")
    if not isinstance(limit, int) or not 1 <= limit <= LARGEST_PAGE:
        raise _refuse_call(f"{begin}limit: {limit} is not within the range 1 to {LARGEST_PAGE}")
    top = _find_top(account, request)
    folder = top if path == "" else _find(account, path, top=top, kind="folder").path
    state = {
        "seq": account.seq,
        "after": "",
        "limit": limit,
        "path": folder.lower(),
        "deep": body.get("recursive") is True,
    }
    return _answer_page(account, request, state)


def _continue_listing(account: Account, request: Request) -> Response:
    state = _read_cursor(account, _read_body(request, known=frozenset({"cursor"})).get("cursor"))
    if not f"{state['path']}/".startswith(f"{_find_top(account, request)}/".lower()):
        raise _refuse("reset")  # a cursor of another root
    return _answer_page(account, request, state)


def _answer_page(account: Account, request: Request, state: Told) -> Response:
    """A page of the listing while `after` is a place in it; of the changes since `seq` when it is None."""
    if state["after"] is None:
        seq = state["seq"]
        entries = account.keep(f"dropbox changes {seq}", lambda: list(tell_changes(account, account.since(seq))))
        rows = [entry for entry in entries if _lies_in(entry["path_lower"], state)]
        cut = cut_page(rows, start=state["at"], size=state["limit"], bend=request.bend)
        onwards = {**state, "seq": account.seq, "at": 0} if cut.next is None else {**state, "at": cut.next}
        return _write_page(cut.rows, onwards, has_more=cut.next is not None)
    items = account.keep("dropbox rows", lambda: list_rows(account))
    keys = account.keep("dropbox keys", lambda: [sort_key(item) for item in items])
    chosen = [
        index
        for index in range(bisect_right(keys, state["after"]), len(items))
        if _lies_in(items[index].path.lower(), state)
    ]
    listed = cut_page(chosen, start=0, size=state["limit"], bend=request.bend)
    told = [tell(items[index]) for index in listed.rows]
    if listed.next is None:
        changed = bool(account.since(state["seq"]))
        return _write_page(told, {**state, "after": None, "at": 0}, has_more=changed)
    after = keys[chosen[listed.next - 1]] if listed.next else state["after"]
    return _write_page(told, {**state, "after": after}, has_more=True)


def _write_page(entries: list[Told], state: Told, *, has_more: bool) -> Response:
    cursor = MARK + base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
    return _write_json({"entries": entries, "cursor": cursor, "has_more": has_more})


def _lies_in(path: str, state: Told) -> bool:
    folder, _, _ = path.rpartition("/")
    if not state["deep"]:
        return bool(folder == state["path"])
    return path.startswith(f"{state['path']}/")


def _read_cursor(account: Account, cursor: object) -> Told:
    """What a cursor of ours holds; one that is expired, or of a time that is not yet, is reset."""
    try:
        state: Any = json.loads(base64.urlsafe_b64decode(str(cursor).removeprefix(MARK)))
    except ValueError:
        state = None
    if not isinstance(state, dict) or not state.keys() >= STATE:
        begin = 'Error in call to API function "files/list_folder/continue": '
        raise _refuse_call(f'{begin}Invalid "cursor" parameter: {str(cursor)[:80]!r}')
    if account.is_expired(state["seq"]) or state["seq"] > account.seq:
        raise _refuse("reset")
    return state


def _find_top(account: Account, request: Request) -> str:
    """The folder that all calls are confined to. Raises RootError, RefusedError."""
    try:
        return find_top(account, request.headers.get("dropbox-api-path-root", ""))
    except ValueError:
        function = "/".join(request.parts[1:])
        sentence = 'HTTP header "Dropbox-API-Path-Root": could not decode input as JSON'
        raise _refuse_call(f'Error in call to API function "{function}": {sentence}') from None


def _find(account: Account, path: str, *, top: str, kind: str) -> File:
    """The item with this id or at this path. Raises RefusedError."""
    items: list[File] = account.keep("dropbox rows", lambda: list_rows(account))
    places = account.keep(
        "dropbox places", lambda: {item.path.lower(): item for item in items} | {item.id: item for item in items}
    )
    item = places.get(path if path.startswith("id:") else path.lower().rstrip("/"))
    if item is None or not is_there(item) or not item.path.lower().startswith(f"{top}/".lower()):
        raise _refuse("path", "not_found")
    if (item.mime_type == FOLDER) != (kind == "folder"):
        raise _refuse("path", f"not_{kind}")
    return item


def _read_arg(request: Request) -> str:
    """The path in the header that stands for the body of a content call."""
    begin = f'Error in call to API function "{"/".join(request.parts[1:])}": '
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in BINARY:
        expected = (
            'Expecting one of "application/octet-stream", "text/plain; charset=utf-8; charset=dropbox-cors-hack".'
        )
        raise _refuse_call(f'{begin}Bad HTTP "Content-Type" header: "{kind}".  {expected}')
    try:
        arg = json.loads(request.headers.get("dropbox-api-arg") or request.param("arg"))
    except ValueError:
        raise _refuse_call(f'{begin}HTTP header "Dropbox-API-Arg": could not decode input as JSON') from None
    if not isinstance(arg, dict) or not isinstance(arg.get("path"), str):
        raise _refuse_call(f"{begin}HTTP header \"Dropbox-API-Arg\": missing required field 'path'")
    path = str(arg["path"])
    if not path.startswith(("/", "id:")):
        raise _refuse_call(f"{begin}HTTP header \"Dropbox-API-Arg\": path: '{path}' did not match pattern")
    return path


def _download(account: Account, request: Request) -> Response:
    item = _find(account, _read_arg(request), top=_find_top(account, request), kind="file")
    if not item.downloadable or find_export(item):
        raise _refuse("unsupported_file")
    return _write_content(item, result=_without_tag(tell(item)))


def _export(account: Account, request: Request) -> Response:
    item = _find(account, _read_arg(request), top=_find_top(account, request), kind="file")
    if not find_export(item):
        raise _refuse("non_exportable")
    metadata = {"name": f"{item.name.rpartition('.')[0]}.md", "size": len(item.data)}
    return _write_content(item, result={"export_metadata": metadata, "file_metadata": _without_tag(tell(item))})


def _without_tag(told: Told) -> Told:
    return {name: value for name, value in told.items() if name != ".tag"}


def _write_content(item: File, *, result: Told) -> Response:
    """The header is JSON in ASCII: a header has no other letters."""
    told = json.dumps(result, ensure_ascii=True)
    return Response(200, item.data, {"content-type": "application/octet-stream", "dropbox-api-result": told})


CONTENT: Final = ("files/download", "files/export")
FUNCTIONS: Final[Mapping[str, Callable[[Account, Request], Response]]] = {
    "users/get_current_account": _get_current_account,
    "files/list_folder": _list_folder,
    "files/list_folder/continue": _continue_listing,
    "files/download": _download,
    "files/export": _export,
}
