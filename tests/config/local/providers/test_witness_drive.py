"""Google's own client is the witness: it builds its calls from the published description of the API and reads our answers."""

import io
import json
from importlib.resources import files

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

from config.local.providers.drive_fields import FIELDS

ADDRESS = "ada.lovelace@post.example"
DOC = "application/vnd.google-apps.document"
FOLDER = "application/vnd.google-apps.folder"
ITEMS = [
    {"id": "1doc", "path": "/Plans/Engine", "mime_type": DOC, "text": "Notes\n\nby Ada"},
    {"id": "1txt", "path": "/Plans/é.txt", "text": "plain", "modified": "2026-03-01T10:00:00+00:00"},
    {"id": "1own", "path": "/kept.pdf", "mime_type": "application/pdf", "text": "x", "downloadable": False},
    {"id": "1bin", "path": "/old.txt", "text": "x", "trashed": True},
]


class Loopback(httplib2.Http):
    """Carries the token; there is no other sign-in on loopback."""

    def request(self, uri, method="GET", body=None, headers=None, **options):
        headers = {**(headers or {}), "authorization": f"Bearer {ADDRESS}"}
        return super().request(uri, method, body=body, headers=headers, **options)


@pytest.fixture
def drive(stand_in):
    stand_in.add_account("gdrive", ADDRESS, ITEMS)
    options = {"api_endpoint": f"{stand_in.url}/drive/v3/"}
    with build("drive", "v3", http=Loopback(proxy_info=None), static_discovery=True, client_options=options) as service:
        yield service


def test_it_reads_who_the_account_belongs_to(drive):
    user = drive.about().get(fields="user(emailAddress,displayName)").execute()["user"]
    assert user == {"emailAddress": ADDRESS, "displayName": "Ada Lovelace"}


def test_it_pages_through_the_files(drive):
    names, files = [], drive.files()
    request = files.list(
        pageSize=2,
        q=f"trashed=false and mimeType != '{FOLDER}'",
        spaces="drive",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
        fields="nextPageToken,incompleteSearch,files(id,name)",
    )
    while request:
        page = request.execute()
        names += [file["name"] for file in page["files"]]
        request = files.list_next(request, page)
    assert sorted(names) == ["Engine", "kept.pdf", "é.txt"]


def test_it_follows_the_changes(stand_in, drive):
    changes = drive.changes()
    token = changes.getStartPageToken(supportsAllDrives=True).execute()["startPageToken"]
    stand_in.put("gdrive", ADDRESS, [{"id": "1new", "path": "/new.txt", "text": "new"}])
    stand_in.trash("gdrive", ADDRESS, ["1txt"])
    stand_in.remove("gdrive", ADDRESS, ["1doc"])
    told, request = [], changes.list(pageToken=token, pageSize=2, includeRemoved=True, fields="*")
    while request:
        page = request.execute()
        told += page["changes"]
        request = changes.list_next(request, page)
    assert [(change["fileId"], change["removed"]) for change in told] == [
        ("1new", False),
        ("1txt", False),
        ("1doc", True),
    ]
    assert told[1]["file"]["trashed"] is True
    assert changes.list(pageToken=page["newStartPageToken"]).execute()["changes"] == []


def test_it_downloads_and_exports(drive):
    file = io.BytesIO()
    download, done = MediaIoBaseDownload(file, drive.files().get_media(fileId="1txt")), False
    while not done:
        _, done = download.next_chunk()
    assert file.getvalue() == b"plain"
    exported = drive.files().export(fileId="1doc", mimeType="text/plain").execute()
    assert exported.decode("utf-8-sig") == "Notes\r\n\r\nby Ada"


@pytest.mark.parametrize(
    ("call", "status", "reason"),
    [
        (lambda files: files.get(fileId="nobody"), 404, "notFound"),
        (lambda files: files.get_media(fileId="1doc"), 403, "fileNotDownloadable"),
        (lambda files: files.get_media(fileId="1own"), 403, "cannotDownloadFile"),
        (lambda files: files.export(fileId="1txt", mimeType="text/plain"), 403, "fileNotExportable"),
        (lambda files: files.list(pageToken="stale"), 400, "invalid"),
        (lambda files: files.list(fields="items"), 400, "invalidParameter"),
    ],
)
def test_it_understands_our_errors(drive, call, status, reason):
    with pytest.raises(HttpError) as caught:
        call(drive.files()).execute()
    assert caught.value.status_code == status
    assert caught.value.error_details[0]["reason"] == reason


def test_every_field_we_tell_is_in_the_published_description_with_its_type(drive):
    page = drive.files().list(fields="*").execute()
    described = json.loads((files("googleapiclient") / "discovery_cache/documents/drive.v3.json").read_text())[
        "schemas"
    ]
    assert set(FIELDS) <= set(described["File"]["properties"])
    for file in page["files"]:
        check(file, schema=described["File"], schemas=described)


def check(value, *, schema, schemas):
    """Hold a value against a schema of the description; int64 travels as text."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    assert isinstance(value, kinds[schema["type"]])
    if schema["type"] == "object":
        for name, inner in value.items():
            check(inner, schema=schema["properties"][name], schemas=schemas)
    elif schema["type"] == "array":
        for inner in value:
            check(inner, schema=schema["items"], schemas=schemas)
