"""Arrive: Google Drive's files (API v3, https://developers.google.com/workspace/drive/api/reference/rest/v3).

The token of the changes is taken before the listing, so whatever happens meanwhile is told again afterwards. That token never
expires; the token of a listing does within hours, and the listing then begins again. Drive names only the ids of a file's
folders, whose names would cost a call each: memories carry no path.

Shared drives are in neither: each has a log of its own, and what the person's log tells of them is not to be relied on (guide "About
changes"). Files known through a log but not through the listing would be taken for gone by the next one.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from integrations.errors import CursorExpired, ItemRefused, ProviderUnavailable
from integrations.providers.base import (
    Change,
    Cursor,
    Entry,
    Fetch,
    Page,
    Preview,
    Purpose,
    ReadContext,
    Removal,
    Request,
)
from integrations.providers.files import MAX_SIZE, RemoteFile, draft_file, make_entry, refuse_early
from integrations.providers.replies import quote_part, read_json, read_list, read_object, read_text
from memories.drafts import MemoryDraft

API: Final = "/drive/v3"
PAGE: Final = 100  # files a page: a page that fails is fetched anew with all its files
PREVIEW_PAGE: Final = 1_000
GOOGLE: Final = "application/vnd.google-apps."
NO_FILES: Final = frozenset({f"{GOOGLE}folder", f"{GOOGLE}shortcut"})
EXPORTS: Final[Mapping[str, str]] = {
    f"{GOOGLE}document": "text/plain",
    f"{GOOGLE}presentation": "text/plain",
    f"{GOOGLE}spreadsheet": "text/csv",  # the first sheet only: Drive exports no more as text
}
FILE_FIELDS: Final = "id,name,mimeType,modifiedTime,size,md5Checksum,trashed,owners(displayName,emailAddress,me),capabilities/canDownload"
USER: Final = ("corpora", "user")  # what is theirs or was shared with them, as in the log of their changes


class GoogleDrive:
    """Files of Google Drive: the person's own and those shared with them."""

    slug: Final = "gdrive"
    unit: Final = "files"
    base_delay: Final = 30.0
    every: Final = timedelta(minutes=5)
    sweep_every: Final = None

    def read_account(self, *, fetch: Fetch) -> str:
        """The address of the account, or its permission id where the address is hidden."""
        reply = _get("account", f"{API}/about", fetch=fetch, params=(("fields", "user(emailAddress,permissionId)"),))
        user = read_object(reply, "user")
        return read_text(user, "emailAddress", required=False) or read_text(user, "permissionId")

    def begin(self, *, fetch: Fetch) -> Cursor:
        """A listing from its first page, with the token of the changes taken before it."""
        reply = _get("list", f"{API}/changes/startPageToken", fetch=fetch, params=())
        return _list_from_start(after=read_text(reply, "startPageToken"))

    def begin_sweep(self, cursor: Cursor, *, fetch: Fetch) -> Cursor:
        """List everything again, then replay the changes since `cursor`; tokens of changes never expire."""
        return _list_from_start(after=cursor["after"] if cursor["phase"] == "listing" else cursor["token"])

    def read_page(self, cursor: Cursor, *, fetch: Fetch) -> Page:
        """One page of the listing or of the changes."""
        match cursor:
            case {"phase": "listing", "token": str(), "after": str(), "partial": bool()}:
                return _read_listing(cursor, fetch=fetch)
            case {"phase": "changes", "token": str()}:
                return _read_changes(cursor, fetch=fetch)
        raise CursorExpired("the kept cursor is none of Drive's")

    def read_item(self, entry: Entry, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
        """The memory of a file: its own bytes, or the text that Google's own kinds of documents are exported as."""
        file = _read_file(entry)
        if not entry.details["downloadable"]:
            raise ItemRefused("its owner does not allow to download it")
        if file.mime_type.startswith(GOOGLE):
            return _read_export(file, fetch=fetch, context=context)
        refuse_early(file)
        return _read_blob(file, fetch=fetch, context=context)

    def preview(self, *, fetch: Fetch) -> Preview:
        """Count all files that may hold text, and the people beside oneself who own one."""
        listed, readable, owners, token = 0, 0, set[str](), ""
        while True:
            reply = _get("list", f"{API}/files", fetch=fetch, params=_list_params(token, size=PREVIEW_PAGE))
            files = read_list(reply, "files")
            found = [file for file in files if _is_file(file) and _may_hold_text(_make_entry(file))]
            listed, readable = listed + len(files), readable + len(found)
            owners |= {_name_other(file) for file in found}
            token = _following_token(reply, asked=token)
            if not token:
                break
        return Preview(items=readable, people=len(owners - {""}), exact=True, requests=readable + listed // PAGE + 3)


def _get(purpose: Purpose, path: str, *, fetch: Fetch, params: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return read_json(fetch(Request(purpose=purpose, path=path, params=params)))


def _list_from_start(*, after: str) -> Cursor:
    return {"phase": "listing", "token": "", "after": after, "partial": False}


def _list_params(token: str, *, size: int) -> tuple[tuple[str, str], ...]:
    fields = f"nextPageToken,incompleteSearch,files({FILE_FIELDS})"
    params = (("pageSize", str(size)), ("q", "trashed=false"), ("spaces", "drive"), ("fields", fields), USER)
    return (*params, ("pageToken", token)) if token else params


def _read_listing(cursor: Cursor, *, fetch: Fetch) -> Page:
    """One page of all files. After a search that Google calls incomplete nothing counts as gone for not being shown."""
    reply = _get("list", f"{API}/files", fetch=fetch, params=_list_params(cursor["token"], size=PAGE))
    changes = _keep_last(_make_entry(file) for file in read_list(reply, "files") if _is_file(file))
    partial = cursor["partial"] or reply.get("incompleteSearch") is True
    token = _following_token(reply, asked=cursor["token"])
    if token:
        return Page(changes=changes, cursor={**cursor, "token": token, "partial": partial}, listed=True)
    onwards = {"phase": "changes", "token": cursor["after"]}
    return Page(changes=changes, cursor=onwards, listed=True, complete=not partial)


def _read_changes(cursor: Cursor, *, fetch: Fetch) -> Page:
    """One page of changes; only the last one has the token from which the next run goes on."""
    fields = f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file({FILE_FIELDS}))"
    params = (
        ("pageToken", cursor["token"]), ("pageSize", str(PAGE)), ("includeRemoved", "true"), ("spaces", "drive"),
        ("fields", fields),
    )  # fmt: skip
    reply = _get("changes", f"{API}/changes", fetch=fetch, params=params)
    following = _following_token(reply, asked=cursor["token"])
    token = following or read_text(reply, "newStartPageToken")
    told = read_list(reply, "changes", required=False)
    changes = _keep_last(_read_change(change) for change in told if change.get("changeType") != "drive")
    return Page(changes=changes, cursor={"phase": "changes", "token": token}, done=not following)


def _following_token(reply: Mapping[str, Any], *, asked: str) -> str:
    token = read_text(reply, "nextPageToken", required=False)
    if token and token == asked:
        raise ProviderUnavailable("the page names itself as the next one")
    return token


def _read_change(change: Mapping[str, Any]) -> Entry | Removal:
    """What a change means for us: deleted, out of reach, in the trash and no file (any more) are all "not there"."""
    remote_id = read_text(change, "fileId")
    if change.get("removed") is True:
        return Removal(remote_id)
    file = read_object(change, "file")
    return _make_entry({**file, "id": remote_id}) if _is_file(file) else Removal(remote_id)


def _is_file(file: Mapping[str, Any]) -> bool:
    return file.get("trashed") is not True and read_text(file, "mimeType") not in NO_FILES


def _keep_last(changes: Iterable[Entry | Removal]) -> tuple[Change, ...]:
    """Drive may show a file several times, and each time as it is now: the last one says it all."""
    return tuple({change.remote_id: change for change in changes}.values())


def _make_entry(file: Mapping[str, Any]) -> Entry:
    """An entry whose version is not Drive's own, which also grows when somebody looks at a file or shares it.

    The checksum alone would miss a new name, and is absent from Google's own documents.
    """
    details = {
        "name": read_text(file, "name", required=False),
        "mime_type": read_text(file, "mimeType"),
        "modified": read_text(file, "modifiedTime", required=False),
        "size": read_text(file, "size", required=False),  # int64 as text; absent where Google stores the document
        "owner": read_text(_first_owner(file), "displayName", required=False),
        "downloadable": _may_download(file),
    }
    return make_entry(read_text(file, "id"), details=details, content=read_text(file, "md5Checksum", required=False))


def _first_owner(file: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whose a file is; files of a shared drive are nobody's."""
    return next(iter(read_list(file, "owners", required=False)), {})


def _name_other(file: Mapping[str, Any]) -> str:
    """The owner's address, or name where that is hidden; '' for oneself."""
    owner = _first_owner(file)
    if owner.get("me") is True:
        return ""
    return read_text(owner, "emailAddress", required=False) or read_text(owner, "displayName", required=False)


def _may_download(file: Mapping[str, Any]) -> bool:
    capabilities = file.get("capabilities")
    return not (isinstance(capabilities, Mapping) and capabilities.get("canDownload") is False)


def _read_file(entry: Entry) -> RemoteFile:
    told = entry.details
    return RemoteFile(
        source=GoogleDrive.slug,
        remote_id=entry.remote_id,
        name=told["name"],
        mime_type=told["mime_type"],
        modified=told["modified"],
        author=told["owner"],
        size=int(told["size"]) if told["size"].isdecimal() else None,
    )


def _may_hold_text(entry: Entry) -> bool:
    """Whether `read_item` would fetch it."""
    file = _read_file(entry)
    if file.mime_type.startswith(GOOGLE):
        return file.mime_type in EXPORTS and entry.details["downloadable"]
    try:
        refuse_early(file)
    except ItemRefused:
        return False
    return bool(entry.details["downloadable"])


def _read_export(file: RemoteFile, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
    kind = file.mime_type.removeprefix(GOOGLE)
    if file.mime_type not in EXPORTS:
        raise ItemRefused(f"Google exports no text of its kind ({kind[:40]})")
    content_type = EXPORTS[file.mime_type]
    path = f"{API}/files/{quote_part(file.remote_id)}/export"
    request = Request(purpose="item", path=path, params=(("mimeType", content_type),), limit=MAX_SIZE)
    body = fetch(request).body or fetch(request).body  # a lost body looks like an empty sheet, so that is asked twice
    return draft_file(body, file=file, content_type=content_type, context=context)


def _read_blob(file: RemoteFile, *, fetch: Fetch, context: ReadContext) -> MemoryDraft:
    path = f"{API}/files/{quote_part(file.remote_id)}"
    body = fetch(Request(purpose="item", path=path, params=(("alt", "media"),), limit=MAX_SIZE)).body
    if file.size is not None and len(body) < file.size:
        raise ProviderUnavailable("the file came cut, or was changed while it was read")
    return draft_file(body, file=file, content_type=file.mime_type, context=context)
