"""Dropbox's own SDK is the witness: its validators refuse answers that have not the published shape."""

import pytest
import requests
from dropbox import Dropbox
from dropbox.common import PathRoot
from dropbox.exceptions import ApiError, BadInputError, PathRootError
from dropbox.files import DeletedMetadata, FileMetadata, FolderMetadata
from requests.adapters import HTTPAdapter

from config.local.providers.dropbox_entries import hash_content

ADDRESS = "ada.lovelace@post.example"
ITEMS = [
    {"id": "id:plan", "path": "/Plans/Engine.txt", "text": "plain", "modified": "2026-03-01T10:00:00+00:00"},
    {"id": "id:note", "path": "/Plans/Old/é日.txt", "text": "note"},
    {"id": "id:paper", "path": "/Idea.paper", "text": "# Idea"},
    {"id": "id:kept", "path": "/kept.gdoc", "text": "x", "downloadable": False},
]


class Plain(HTTPAdapter):
    """The SDK speaks HTTPS alone; loopback does not."""

    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)


@pytest.fixture
def client(stand_in):
    stand_in.add_account("dropbox", ADDRESS, ITEMS)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Plain())
    port = stand_in.url.rpartition(":")[2]
    with Dropbox(ADDRESS, session=session, max_retries_on_error=0, max_retries_on_rate_limit=0) as client:
        client._host_map |= {"api": f"127.0.0.1:{port}", "content": f"localhost:{port}"}
        yield client


def list_all(client, *, limit=100):
    page = client.files_list_folder("", recursive=True, limit=limit)
    entries = page.entries
    while page.has_more:
        page = client.files_list_folder_continue(page.cursor)
        entries += page.entries
    return entries, page.cursor


def follow(client, cursor):
    return [(type(entry), entry.path_lower) for entry in client.files_list_folder_continue(cursor).entries]


def test_it_reads_who_the_account_belongs_to(client):
    account = client.users_get_current_account()
    assert (account.email, account.name.display_name) == (ADDRESS, "Ada Lovelace")


def test_it_pages_through_folders_and_files(client):
    entries, _ = list_all(client, limit=2)
    assert [entry.name for entry in entries if isinstance(entry, FolderMetadata)] == ["Plans", "Old"]
    shown = {entry.id: entry for entry in entries if isinstance(entry, FileMetadata)}
    assert set(shown) == {"id:plan", "id:note", "id:paper", "id:kept"}
    assert (shown["id:plan"].size, shown["id:plan"].content_hash) == (5, hash_content(b"plain"))
    assert (shown["id:paper"].is_downloadable, shown["id:paper"].export_info.export_as) == (False, "markdown")


def test_it_follows_the_changes(stand_in, client):
    _, cursor = list_all(client)
    stand_in.put("dropbox", ADDRESS, [{"id": "id:new", "path": "/new.txt", "text": "new"}])
    stand_in.move("dropbox", ADDRESS, {"id:plan": "/Plans/Machine.txt"})
    stand_in.remove("dropbox", ADDRESS, ["id:paper"])
    told = follow(client, cursor)
    assert told[0] == (FileMetadata, "/new.txt")
    assert set(told[1:3]) == {(DeletedMetadata, "/plans/engine.txt"), (FileMetadata, "/plans/machine.txt")}
    assert told[3:] == [(DeletedMetadata, "/idea.paper")]


def test_a_folder_goes_and_comes_as_a_whole(stand_in, client):
    _, cursor = list_all(client)
    stand_in.move("dropbox", ADDRESS, {"/Plans": "/Projects"})
    told = follow(client, cursor)
    assert [path for kind, path in told if kind is DeletedMetadata] == ["/plans"]
    assert {path for kind, path in told if kind is FileMetadata} == {"/projects/engine.txt", "/projects/old/é日.txt"}


@pytest.mark.parametrize("path", ["id:note", "/plans/old/é日.TXT"])
def test_it_downloads(client, path):
    metadata, reply = client.files_download(path)
    assert (metadata.id, metadata.path_display, reply.content) == ("id:note", "/Plans/Old/é日.txt", b"note")


def test_it_exports(client):
    result, reply = client.files_export("id:paper")
    assert (result.export_metadata.name, result.file_metadata.id, reply.content) == ("Idea.md", "id:paper", b"# Idea")


def test_it_understands_what_is_not_there(client):
    with pytest.raises(ApiError) as caught:
        client.files_download("id:nobody")
    assert caught.value.error.get_path().is_not_found()


def test_it_understands_what_cannot_be_downloaded(client):
    with pytest.raises(ApiError) as caught:
        client.files_download("id:kept")
    assert caught.value.error.is_unsupported_file()


def test_it_understands_a_cursor_that_is_no_more(stand_in, client):
    nango_id = stand_in.connect("dropbox", ADDRESS)
    _, cursor = list_all(client)
    stand_in.plan(nango_id, [{"kind": "expire_cursor"}])
    proxy = {
        "Provider-Config-Key": "dropbox",
        "Connection-Id": nango_id,
        "Authorization": f"Bearer {stand_in.secret_key}",
    }
    requests.post(f"{stand_in.url}/proxy/2/users/get_current_account", headers=proxy, timeout=5)
    with pytest.raises(ApiError) as caught:
        client.files_list_folder_continue(cursor)
    assert caught.value.error.is_reset()


def test_it_understands_a_call_that_is_wrong_in_itself(client):
    with pytest.raises(BadInputError, match="Specify the root folder as an empty string"):
        client.files_list_folder("/")
    with pytest.raises(BadInputError, match='Invalid "cursor" parameter'):
        client.files_list_folder_continue("garbage")


def test_it_knows_a_root_that_is_not_the_persons(client):
    rooted = client.with_path_root(PathRoot.root("7001"))
    rooted._host_map = client._host_map
    with pytest.raises(PathRootError) as caught:
        rooted.files_list_folder("")
    assert caught.value.error.get_invalid_root().root_namespace_id == "3235641"
