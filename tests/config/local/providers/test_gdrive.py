import hashlib
import json
from dataclasses import replace

import pytest

from config.local.providers.gdrive import answer
from config.local.providers.server import Request
from config.local.providers.world import Account, read_items

ADDRESS = "ada@post.example"
DOC = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
ALL = "nextPageToken,incompleteSearch,files(id,name)"


@pytest.fixture
def account():
    account = Account(provider="gdrive", address=ADDRESS)
    put(
        account,
        *({"id": f"f{number}", "path": f"/notes/{number}.txt", "text": f"text {number}"} for number in range(5)),
    )
    return account


def put(account, *rows):
    for item in read_items(account, rows):
        account.put(item)


def ask(account, path, *, bend="", **params):
    request = Request("GET", f"/drive/v3{path}", tuple((name, str(value)) for name, value in params.items()), bend=bend)
    return answer(account, request)


def read(account, path, **params):
    return json.loads(ask(account, path, **params).body)


def list_ids(account, **params):
    ids, token = [], {}
    while True:
        page = read(
            account, "/files", fields=ALL, q="mimeType != 'application/vnd.google-apps.folder'", **params, **token
        )
        ids += [file["id"] for file in page["files"]]
        if "nextPageToken" not in page:
            return ids
        token = {"pageToken": page["nextPageToken"]}


def test_pages_show_every_file_once(account):
    assert list_ids(account, pageSize=2) == ["f0", "f1", "f2", "f3", "f4"]


def test_a_file_that_comes_while_paging_moves_no_other(account):
    page = read(account, "/files", pageSize=3, q="trashed=false", fields=ALL)
    put(account, {"id": "a-first", "path": "/new.txt", "text": "new"})
    rest = read(account, "/files", pageSize=100, q="trashed=false", fields=ALL, pageToken=page["nextPageToken"])
    assert len(page["files"] + rest["files"]) == 6  # the folder is one of them


def test_without_fields_a_file_says_hardly_anything(account):
    assert set(read(account, "/files/f0")) == {"kind", "id", "name", "mimeType"}


def test_fields_choose_deep_inside(account):
    told = read(account, "/files", pageSize=2, fields="files(id,owners/emailAddress,capabilities(canDownload))")
    assert told["files"][1] == {
        "id": "f0",
        "owners": [{"emailAddress": ADDRESS}],
        "capabilities": {"canDownload": True},
    }
    assert "nextPageToken" not in told


@pytest.mark.parametrize("fields", ["items(id)", "files(id,title)", "files(id", "files)id"])
def test_a_field_that_does_not_exist_is_refused(account, fields):
    reply = ask(account, "/files", fields=fields)
    assert (reply.status, json.loads(reply.body)["error"]["errors"][0]["location"]) == (400, "fields")


@pytest.mark.parametrize(
    ("params", "location"),
    [({"q": "name contains 'x'"}, "q"), ({"pageSize": 1001}, "pageSize"), ({"pageToken": "gone"}, "pageToken")],
)
def test_what_cannot_be_read_is_named(account, params, location):
    reply = ask(account, "/files", **params)
    assert (reply.status, json.loads(reply.body)["error"]["errors"][0]["location"]) == (400, location)


def test_the_trash_is_left_out_when_asked(account):
    account.put(replace(account.items["f1"], trashed=True))
    told = read(account, "/files", q="trashed=false", fields=ALL)
    assert "f1" not in [file["id"] for file in told["files"]]
    assert read(account, "/files/f1", fields="trashed") == {"trashed": True}


def test_a_file_lies_in_a_folder_and_that_in_the_root(account):
    folder = read(account, "/files/f0", fields="parents")["parents"][0]
    told = read(account, f"/files/{folder}", fields="name,mimeType,parents,size")
    assert (told["name"], told["mimeType"]) == ("notes", "application/vnd.google-apps.folder")
    assert told["parents"][0].startswith("0A")
    assert "size" not in told


def test_size_is_text_and_documents_have_none(account):
    put(account, {"id": "d", "path": "/d", "mime_type": DOC, "text": "x"})
    assert read(account, "/files/f0", fields="size,md5Checksum") == {
        "size": "6",
        "md5Checksum": hashlib.md5(b"text 0").hexdigest(),
    }
    assert read(account, "/files/d", fields="size,md5Checksum") == {}


def test_changes_tell_a_file_as_it_is_now_and_as_often_as_it_changed(account):
    token = read(account, "/changes/startPageToken")["startPageToken"]
    put(account, {"id": "f0", "path": "/a.txt", "text": "a"})
    put(account, {"id": "f0", "path": "/b.txt", "text": "b"})
    account.remove("f1")
    told = read(account, "/changes", pageToken=token)
    assert [(change["fileId"], change["removed"]) for change in told["changes"]] == [
        ("f0", False),
        ("f0", False),
        ("f1", True),
    ]
    assert [change["file"]["name"] for change in told["changes"][:2]] == ["b.txt", "b.txt"]
    assert "file" not in told["changes"][2]


def test_only_the_last_page_of_changes_says_where_to_go_on(account):
    first = read(account, "/changes", pageToken=1_000_000, pageSize=3)
    assert "newStartPageToken" not in first
    last = read(account, "/changes", pageToken=first["nextPageToken"], pageSize=3)
    assert "nextPageToken" not in last
    assert len(first["changes"] + last["changes"]) == 5
    again = read(account, "/changes", pageToken=last["newStartPageToken"])
    assert (again["changes"], again["newStartPageToken"]) == ([], last["newStartPageToken"])


@pytest.mark.parametrize("token", ["nonsense", "99999999", ""])
def test_a_token_of_changes_that_is_none_is_refused(account, token):
    reply = ask(account, "/changes", pageToken=token)
    assert (reply.status, json.loads(reply.body)["error"]["errors"][0]["location"]) == (400, "pageToken")


def test_tokens_expire_by_plan(account):
    listing = read(account, "/files", pageSize=2)["nextPageToken"]
    account.expire_cursors()
    assert ask(account, "/files", pageToken=listing).status == 400
    assert ask(account, "/changes", pageToken="1000000").status == 400
    assert ask(account, "/changes", pageToken=read(account, "/changes/startPageToken")["startPageToken"]).status == 200


@pytest.mark.parametrize("bend", ["repeat_page", "overlap_page", "reorder_page"])
def test_a_bent_page_loses_nothing(account, bend):
    bent = read(account, "/files", pageSize=4, fields=ALL, bend=bend)
    rest = read(account, "/files", pageSize=100, fields=ALL, pageToken=bent["nextPageToken"])
    assert {"f0", "f1", "f2", "f3", "f4"} < {file["id"] for file in bent["files"] + rest["files"]}
    bent = read(account, "/changes", pageToken=1_000_000, pageSize=3, bend=bend)
    rest = read(account, "/changes", pageToken=bent["nextPageToken"])
    assert {change["fileId"] for change in bent["changes"] + rest["changes"]} == {"f0", "f1", "f2", "f3", "f4"}


def test_bytes_come_as_they_are(account):
    reply = ask(account, "/files/f3", alt="media")
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"text 3", "text/plain")


def test_a_document_is_exported_as_google_writes_text(account):
    put(account, {"id": "d", "path": "/d", "mime_type": DOC, "text": "é\n\nb"})
    assert ask(account, "/files/d/export", mimeType="text/plain").body == "\ufeffé\r\n\r\nb".encode()


def test_a_sheet_is_exported_as_csv(account):
    put(account, {"id": "s", "path": "/s", "mime_type": SHEET, "text": 'a,"b, c"\n\nd'})
    assert ask(account, "/files/s/export", mimeType="text/csv").body == b'a,"b, c"\r\n\r\nd'


@pytest.mark.parametrize(
    ("item", "path", "params", "status", "reason"),
    [
        ({"mime_type": DOC}, "/files/x", {"alt": "media"}, 403, "fileNotDownloadable"),
        ({"downloadable": False}, "/files/x", {"alt": "media"}, 403, "cannotDownloadFile"),
        ({}, "/files/y", {"alt": "media"}, 404, "notFound"),
        ({}, "/files/x/export", {"mimeType": "text/plain"}, 403, "fileNotExportable"),
        ({"mime_type": SHEET}, "/files/x/export", {"mimeType": "text/plain"}, 400, "badRequest"),
        (
            {"mime_type": DOC, "downloadable": False},
            "/files/x/export",
            {"mimeType": "text/plain"},
            403,
            "cannotExportFile",
        ),
        ({"mime_type": DOC}, "/files/x/export", {}, 400, "required"),
        (
            {"mime_type": DOC, "text": "x" * 11_000_000},
            "/files/x/export",
            {"mimeType": "text/plain"},
            403,
            "exportSizeLimitExceeded",
        ),
        ({}, "/about", {}, 400, "required"),
        ({}, "/revisions", {}, 404, "notFound"),
    ],
)
def test_errors_have_googles_shape(account, item, path, params, status, reason):
    put(account, {"id": "x", "path": "/x", **item})
    reply = ask(account, path, **params)
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["errors"][0]["reason"]) == (status, status, reason)


def test_a_shortcut_names_what_it_leads_to(account):
    put(account, {"id": "x", "path": "/x", "mime_type": "application/vnd.google-apps.shortcut", "text": "f0"})
    told = read(account, "/files/x", fields="shortcutDetails(targetId,targetMimeType)")
    assert told == {"shortcutDetails": {"targetId": "f0", "targetMimeType": "text/plain"}}
