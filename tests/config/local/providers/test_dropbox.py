import json

import pytest

from config.local.providers.dropbox import answer
from config.local.providers.dropbox_entries import BLOCK, hash_content
from config.local.providers.server import Request
from config.local.providers.world import Account, read_items

ADDRESS = "ada@post.example"


@pytest.fixture
def account():
    account = Account(provider="dropbox", address=ADDRESS)
    put(
        account,
        *({"id": f"id:{number}", "path": f"/Notes/{number}.txt", "text": f"text {number}"} for number in range(5)),
    )
    return account


def put(account, *rows, folder=""):
    for item in read_items(account, rows):
        account.put(item, folder=folder)


def ask(account, function, body=None, *, bend="", host="api", **headers):
    data = b"" if body is None else json.dumps(body).encode()
    return answer(account, Request("POST", f"/2/{function}", (), headers, data, bend=bend, host=host))


def read(account, function, body, **options):
    reply = ask(account, function, body, **options)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def list_all(account, *, limit=500, bend=""):
    pages = [read(account, "files/list_folder", {"path": "", "recursive": True, "limit": limit}, bend=bend)]
    while pages[-1]["has_more"]:
        pages.append(read(account, "files/list_folder/continue", {"cursor": pages[-1]["cursor"]}))
    return [entry for page in pages for entry in page["entries"]], pages[-1]["cursor"]


def follow(account, cursor):
    return read(account, "files/list_folder/continue", {"cursor": cursor})["entries"]


def say(entries):
    return [(entry[".tag"], entry["path_lower"]) for entry in entries]


def download(account, path, function="files/download"):
    return ask(account, function, host="content", **{"dropbox-api-arg": json.dumps({"path": path})})


def test_a_listing_shows_folders_before_what_lies_in_them(account):
    entries, _ = list_all(account, limit=2)
    assert say(entries)[:2] == [("folder", "/notes"), ("file", "/notes/0.txt")]
    assert [entry["id"] for entry in entries[1:]] == [f"id:{number}" for number in range(5)]


def test_the_cursor_of_a_listing_tells_what_came_meanwhile(account):
    first = read(account, "files/list_folder", {"path": "", "recursive": True, "limit": 3})
    put(account, {"id": "id:new", "path": "/a.txt", "text": "new"})
    rest = []
    cursor, more = first["cursor"], True
    while more:
        page = read(account, "files/list_folder/continue", {"cursor": cursor})
        rest, cursor, more = rest + page["entries"], page["cursor"], page["has_more"]
    assert rest[-1]["id"] == "id:new"
    assert follow(account, cursor) == []


def test_a_deletion_has_a_path_and_no_id(account):
    _, cursor = list_all(account)
    account.remove("id:1")
    assert follow(account, cursor) == [
        {".tag": "deleted", "name": "1.txt", "path_lower": "/notes/1.txt", "path_display": "/Notes/1.txt"}
    ]


def test_one_deletion_takes_a_whole_folder_away(account):
    _, cursor = list_all(account)
    for number in range(5):
        account.remove(f"id:{number}", folder="/Notes")
    assert say(follow(account, cursor)) == [("deleted", "/notes")]


def test_a_move_is_a_deletion_and_an_arrival_in_either_order(account):
    _, cursor = list_all(account)
    put(account, {"id": "id:1", "path": "/Notes/moved.txt", "text": "text 1"})
    put(account, {"id": "id:2", "path": "/Notes/too.txt", "text": "text 2"})
    told = say(follow(account, cursor))
    assert set(told[:2]) == {("deleted", "/notes/1.txt"), ("file", "/notes/moved.txt")}
    assert [tag for tag, _ in told[:2]] == [tag for tag, _ in reversed(told[2:])]


def test_letters_that_change_their_case_delete_nothing(account):
    _, cursor = list_all(account)
    put(account, {"id": "id:1", "path": "/NOTES/1.TXT", "text": "text 1"})
    assert say(follow(account, cursor)) == [("file", "/notes/1.txt")]


def test_a_folder_moved_into_itself_is_gone_before_its_files_come(account):
    for _ in range(2):
        _, cursor = list_all(account)
        for item in list(account.items.values()):
            put(
                account,
                {"id": item.id, "path": item.path.replace("/Notes", "/Notes/old"), "text": item.text},
                folder="/Notes",
            )
        told = say(follow(account, cursor))
        assert told[0] == ("deleted", "/notes")
        assert ("folder", "/notes/old") in told


def test_a_new_name_is_no_new_revision(account):
    put(account, {"id": "id:1", "path": "/else.txt", "text": "text 1"})
    entries, _ = list_all(account)
    renamed, other = (next(entry for entry in entries if entry["id"] == name) for name in ("id:1", "id:2"))
    assert renamed["rev"] < other["rev"]


@pytest.mark.parametrize("bend", ["repeat_page", "overlap_page", "reorder_page"])
def test_a_bent_page_loses_nothing(account, bend):
    entries, _ = list_all(account, limit=4, bend=bend)
    assert {entry["id"] for entry in entries} >= {f"id:{number}" for number in range(5)}


@pytest.mark.parametrize(("cursor", "status"), [("garbage", 400), ("AAFe30=", 400), (None, 400)])
def test_a_cursor_that_is_none_is_refused(account, cursor, status):
    assert ask(account, "files/list_folder/continue", {"cursor": cursor}).status == status


def test_an_expired_cursor_is_reset(account):
    _, cursor = list_all(account)
    account.expire_cursors()
    reply = ask(account, "files/list_folder/continue", {"cursor": cursor})
    assert (reply.status, json.loads(reply.body)) == (409, {"error_summary": "reset/..", "error": {".tag": "reset"}})
    assert len(list_all(account)[0]) == 6


def test_a_cursor_of_a_time_to_come_is_reset(account):
    _, cursor = list_all(account)
    young = Account(provider="dropbox", address=ADDRESS)
    assert ask(young, "files/list_folder/continue", {"cursor": cursor}).status == 409


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"path": "/"}, "Specify the root folder as an empty string"),
        ({"path": "notes"}, "did not match pattern"),
        ({"path": "", "limit": 2001}, "limit"),
        ({"path": "", "deep": True}, "unknown field 'deep'"),
        ({}, "missing required field 'path'"),
        ([], "expected object"),
    ],
)
def test_a_call_that_is_wrong_in_itself_is_a_sentence(account, body, says):
    reply = ask(account, "files/list_folder", body)
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("text/plain")
    assert says in reply.body.decode()


def test_a_folder_alone_shows_what_lies_directly_in_it(account):
    put(account, {"id": "id:deep", "path": "/Notes/deep/a.txt", "text": "x"})
    entries = read(account, "files/list_folder", {"path": "/notes"})["entries"]
    assert ("file", "/notes/deep/a.txt") not in say(entries)
    assert ("folder", "/notes/deep") in say(entries)


@pytest.mark.parametrize("path", ["id:1", "/notes/1.TXT"])
def test_a_file_comes_with_its_metadata_in_a_header(account, path):
    reply = download(account, path)
    assert reply.body == b"text 1"
    assert json.loads(reply.headers["dropbox-api-result"])["id"] == "id:1"


def test_the_header_is_ascii(account):
    put(account, {"id": "id:1", "path": "/é日.txt", "text": "x"})
    header = download(account, "id:1").headers["dropbox-api-result"]
    assert header.isascii()
    assert json.loads(header)["path_display"] == "/é日.txt"


@pytest.mark.parametrize(
    ("item", "function", "error"),
    [
        ({"id": "id:y"}, "files/download", {".tag": "path", "path": {".tag": "not_found"}}),
        ({"trashed": True}, "files/download", {".tag": "path", "path": {".tag": "not_found"}}),
        ({"downloadable": False}, "files/download", {".tag": "unsupported_file"}),
        ({"path": "/x.paper"}, "files/download", {".tag": "unsupported_file"}),
        ({}, "files/export", {".tag": "non_exportable"}),
        (
            {"mime_type": "application/vnd.google-apps.folder"},
            "files/download",
            {".tag": "path", "path": {".tag": "not_file"}},
        ),
    ],
)
def test_what_cannot_be_had_is_a_tagged_error(account, item, function, error):
    put(account, {"id": "id:x", "path": "/x.txt", "text": "x", **item})
    reply = download(account, "id:x", function)
    assert (reply.status, json.loads(reply.body)["error"]) == (409, error)


def test_a_paper_document_is_exported(account):
    put(account, {"id": "id:x", "path": "/Plan.paper", "text": "# Plan"})
    entry = list_all(account)[0][-1]
    assert (entry["is_downloadable"], entry["export_info"]) == (False, {"export_as": "markdown"})
    reply = download(account, "id:x", "files/export")
    assert reply.body == b"# Plan"
    assert json.loads(reply.headers["dropbox-api-result"])["export_metadata"] == {"name": "Plan.md", "size": 6}


def test_content_is_served_by_its_own_host_and_asked_for_in_a_header(account):
    assert ask(account, "files/download", **{"dropbox-api-arg": '{"path": "id:1"}'}).status == 400
    assert ask(account, "files/download", {"path": "id:1"}, host="content").status == 400
    told = {"dropbox-api-arg": '{"path": "id:1"}', "content-type": "application/json"}
    assert ask(account, "files/download", host="content", **told).status == 400


def test_the_account_is_told(account):
    told = json.loads(ask(account, "users/get_current_account").body)
    assert (told["email"], told["name"]["display_name"], len(told["account_id"])) == (ADDRESS, "Ada", 40)


MEMBER = "ada.lovelace@team.example"
SPACE = json.dumps({".tag": "root", "root": "7001"})


@pytest.fixture
def member():
    member = Account(provider="dropbox", address=MEMBER)
    put(member, {"id": "id:own", "path": "/Ada Lovelace/a.txt", "text": "x"}, {"id": "id:team", "path": "/Team/b.txt"})
    return member


def list_ids(account, **headers):
    reply = ask(account, "files/list_folder", {"path": "", "recursive": True}, **headers)
    return {entry["id"] for entry in json.loads(reply.body)["entries"] if entry[".tag"] == "file"}


def test_a_member_of_a_team_sees_the_team_space_only_by_naming_its_root(member):
    root = json.loads(ask(member, "users/get_current_account").body)["root_info"]
    assert (root["root_namespace_id"], root["home_namespace_id"]) == ("7001", "3235641")
    assert list_ids(member) == {"id:own"}
    assert list_ids(member, **{"dropbox-api-path-root": SPACE}) == {"id:own", "id:team"}
    assert download(member, "id:team").status == 409
    both = {"dropbox-api-arg": '{"path": "id:team"}', "dropbox-api-path-root": SPACE}
    assert ask(member, "files/download", host="content", **both).status == 200


def test_a_cursor_is_good_for_its_own_root_alone(member):
    argument = {"path": "", "recursive": True}
    cursor = read(member, "files/list_folder", argument, **{"dropbox-api-path-root": SPACE})["cursor"]
    assert ask(member, "files/list_folder/continue", {"cursor": cursor}).status == 409


@pytest.mark.parametrize(("header", "status"), [
    ('{".tag": "root", "root": "7001"}', 422), ('{".tag": "root", "root": "3235641"}', 200), ('{".tag": "home"}', 200),
    ('{".tag": "namespace_id", "namespace_id": "5"}', 422), ("7001", 400), ("{", 400), ('{".tag": "x"}', 400),
])  # fmt: skip
def test_a_root_that_is_not_the_persons_is_refused(account, header, status):
    argument = {"path": "", "recursive": True}
    assert ask(account, "files/list_folder", argument, **{"dropbox-api-path-root": header}).status == status


def test_the_hash_is_one_of_blocks():
    # the example of https://www.dropbox.com/developers/reference/content-hash is a picture; this is its rule for one and two blocks
    assert hash_content(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert hash_content(b"a" * BLOCK) != hash_content(b"a" * (BLOCK + 1))
