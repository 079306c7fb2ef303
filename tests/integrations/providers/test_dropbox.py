import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import CursorExpired, ItemMissing, ItemRefused, ProviderUnavailable, Refused
from integrations.providers.base import Change, Entry, Page, PathRemoval, ReadContext, Request
from integrations.providers.dropbox import Dropbox
from tests.integrations.providers.dialogue import Answer, Dialogue

DROPBOX = Dropbox()
CONTEXT = ReadContext(
    account="ada@example.org", time_zone=ZoneInfo("Europe/London"), now=datetime(2026, 11, 22, tzinfo=UTC)
)
LISTING = {"phase": "listing", "cursor": "", "root": ""}
JSON = ("content-type", "application/json")
ACCOUNT = Request("account", "/2/users/get_current_account", method="POST", headers=(JSON,))
ADA = {"email": "ada@example.org", "root_info": {"root_namespace_id": "1", "home_namespace_id": "1"}}
MEMBER = {"email": "ada@example.org", "root_info": {"root_namespace_id": "7", "home_namespace_id": "1"}}
ROOT = ("dropbox-api-path-root", '{".tag": "root", "root": "7"}')
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def first(*more: tuple[str, str], limit: int = 500) -> Request:
    argument = {
        "path": "",
        "recursive": True,
        "limit": limit,
        "include_deleted": False,
        "include_mounted_folders": True,
    }
    return Request("list", "/2/files/list_folder", method="POST", headers=(JSON, *more), json=argument)


def following(cursor: str, *more: tuple[str, str], purpose: str = "list") -> Request:
    path, headers = "/2/files/list_folder/continue", (JSON, *more)
    return Request(purpose, path, method="POST", headers=headers, json={"cursor": cursor})


def fetching(key: str, *more: tuple[str, str], verb: str = "download") -> Request:
    headers = (("dropbox-api-arg", f'{{"path": "id:{key}"}}'), ("content-type", "application/octet-stream"), *more)
    return Request("item", f"/2/files/{verb}", method="POST", headers=headers, host="content", limit=25_000_000)


def file(key: str, path: str = "", **told: object) -> dict[str, object]:
    path = path or f"/{key}.txt"
    return {
        ".tag": "file",
        "id": f"id:{key}",
        "name": path.rpartition("/")[2],
        "path_lower": path.lower(),
        "path_display": path,
        "client_modified": "2026-11-20T09:30:00Z",
        "server_modified": "2026-11-20T09:31:00Z",
        "rev": "015f",
        "size": 12,
        "is_downloadable": True,
        "content_hash": "e3b0",
        **told,
    }


def folder(path: str) -> dict[str, object]:
    return {".tag": "folder", "id": f"id:{path}", "name": path, "path_lower": path.lower(), "path_display": path}


def deleted(path: str) -> dict[str, object]:
    return {".tag": "deleted", "name": path.rpartition("/")[2], "path_lower": path.lower(), "path_display": path}


def answer(*entries: dict[str, object], cursor: str = "c1", more: bool = False) -> dict[str, object]:
    return {"entries": list(entries), "cursor": cursor, "has_more": more}


def at_changes(cursor: str, *, root: str = "") -> dict[str, str]:
    return {"phase": "changes", "cursor": cursor, "root": root}


def read_changes(*entries: dict[str, object]) -> Page:
    turn = (following("c0", purpose="changes"), answer(*entries))
    return DROPBOX.read_page(at_changes("c0"), fetch=Dialogue(turn))


def say(change: Change) -> str:
    match change:
        case PathRemoval(path=path):
            return f"nothing at {path}"
        case Entry(remote_id=remote_id, path=path):
            return f"{remote_id} at {path}"
    raise AssertionError(change)


def told(page: Page) -> list[str]:
    return [say(change) for change in page.changes]


def entry_of(row: dict[str, object]) -> Entry:
    (entry,) = (change for change in read_changes(row).changes if isinstance(change, Entry))
    return entry


def read(row: dict[str, object], *turns: tuple[Request, Answer]):
    with Dialogue(*turns) as fetch:
        return DROPBOX.read_item(entry_of(row), fetch=fetch, context=CONTEXT)


def test_the_account_is_its_address_and_the_call_without_a_body_says_that_it_is_no_form():
    assert DROPBOX.read_account(fetch=Dialogue((ACCOUNT, ADA))) == "ada@example.org"


def test_the_cursor_of_the_listing_becomes_the_cursor_of_the_changes():
    with Dialogue(
        (ACCOUNT, ADA),
        (first(), answer(file("a"), folder("/In"), cursor="c1", more=True)),
        (following("c1"), answer(file("b"), cursor="c2")),
        (following("c2", purpose="changes"), answer(deleted("/a.txt"), cursor="c3", more=True)),
        (following("c3", purpose="changes"), answer(cursor="c4")),
    ) as fetch:
        pages, cursor = [], DROPBOX.begin(fetch=fetch)
        while fetch.turns:
            pages.append(DROPBOX.read_page(cursor, fetch=fetch))
            cursor = json.loads(json.dumps(pages[-1].cursor))
    assert [told(page)[-1:] for page in pages] == [["id:a at /a.txt"], ["id:b at /b.txt"], ["nothing at /a.txt"], []]
    assert [(page.listed, page.complete, page.done) for page in pages] == [
        (True, False, False), (True, True, True), (False, False, False), (False, False, True),
    ]  # fmt: skip
    assert cursor == at_changes("c4")


def test_an_empty_dropbox_is_a_complete_listing_of_nothing():
    page = DROPBOX.read_page(LISTING, fetch=Dialogue((first(), answer())))
    assert page == Page((), at_changes("c1"), listed=True, complete=True, done=True)


@pytest.mark.parametrize("cursor", [{"phase": "listing", "cursor": "c0"}, at_changes("c0")])
def test_a_reset_cursor_says_that_it_expired(cursor):
    asked = following("c0", purpose="list" if cursor["phase"] == "listing" else "changes")
    with pytest.raises(CursorExpired):
        DROPBOX.read_page(cursor, fetch=Dialogue((asked, CursorExpired("forgotten"))))


@pytest.mark.parametrize("cut", [
    b"", b'{"entries": [', b"[]", {}, {"entries": [], "has_more": False}, {"entries": [], "cursor": "c1"},
    {"cursor": "c1", "has_more": False}, {"entries": [], "cursor": "", "has_more": False}, {"entries": [{}], "cursor": "c1", "has_more": False},
])  # fmt: skip
def test_an_answer_that_was_cut_is_never_an_empty_one(cut):
    with pytest.raises(ProviderUnavailable):
        DROPBOX.read_page(LISTING, fetch=Dialogue((first(), cut)))


@pytest.mark.parametrize(
    "cursor", [{}, {"phase": "listing"}, {"phase": "changes", "cursor": ""}, {"phase": 1, "cursor": "c"}]
)
def test_a_cursor_that_is_none_of_ours_has_everything_listed_again(cursor):
    with pytest.raises(CursorExpired):
        DROPBOX.read_page(cursor, fetch=Dialogue())


def test_a_sweep_lists_everything_again():
    assert DROPBOX.begin_sweep(at_changes("c9"), fetch=Dialogue((ACCOUNT, ADA))) == LISTING


@pytest.mark.parametrize("info", [None, {}, {"root_namespace_id": "1", "home_namespace_id": "1"}])
def test_without_a_team_space_no_root_is_named(info):
    assert DROPBOX.begin(fetch=Dialogue((ACCOUNT, {"email": "a@b.org", "root_info": info}))) == LISTING


def test_where_dropbox_does_not_tell_of_the_account_it_is_the_persons_own_folder():
    assert DROPBOX.begin(fetch=Dialogue((ACCOUNT, Refused("the provider refuses the call (400)")))) == LISTING


def test_the_root_of_a_team_space_is_named_at_every_call():
    with Dialogue(
        (ACCOUNT, MEMBER),
        (first(ROOT), answer(file("a"), more=True)),
        (following("c1", ROOT), answer(cursor="c2")),
        (following("c2", ROOT, purpose="changes"), answer(cursor="c3")),
        (fetching("a", ROOT), b"Tea at four."),
    ) as fetch:
        page = DROPBOX.read_page(DROPBOX.begin(fetch=fetch), fetch=fetch)
        cursor = page.cursor
        for _ in range(2):
            cursor = DROPBOX.read_page(json.loads(json.dumps(cursor)), fetch=fetch).cursor
        assert DROPBOX.read_item(page.changes[0], fetch=fetch, context=CONTEXT).content == "Tea at four."
    assert cursor == at_changes("c3", root="7")


def test_the_root_is_no_part_of_a_files_version():
    turn = (following("c0", ROOT, purpose="changes"), answer(file("a")))
    page = DROPBOX.read_page(at_changes("c0", root="7"), fetch=Dialogue(turn))
    assert page.changes[-1].version == entry_of(file("a")).version


def test_a_cursor_from_before_roots_were_named_goes_on():
    kept = {"phase": "changes", "cursor": "c0"}
    assert DROPBOX.read_page(kept, fetch=Dialogue((following("c0", purpose="changes"), answer()))).done


def test_a_folder_is_no_entry_and_leaves_what_lies_in_it():
    assert read_changes(folder("/In")).changes == ()


def test_what_was_deleted_is_named_by_its_path_with_all_below():
    assert read_changes(deleted("/Old Things")).changes == (PathRemoval("/old things"),)


@pytest.mark.parametrize("order", [1, -1])
def test_a_move_is_no_deletion_in_whichever_order_it_is_told(order):
    page = read_changes(*[deleted("/Old/a.txt"), file("a", "/New/A.txt")][::order])
    assert told(page) == ["nothing at /new/a.txt", "nothing at /old/a.txt", "id:a at /new/a.txt"]


def test_a_file_takes_the_place_of_what_lay_at_its_path_without_a_word_about_that():
    assert told(read_changes(file("b", "/A.txt"))) == ["nothing at /a.txt", "id:b at /a.txt"]


def test_the_first_page_of_a_listing_takes_nothing_away_and_the_others_do():
    begun = DROPBOX.read_page(LISTING, fetch=Dialogue((first(), answer(file("a", "/x.txt"), more=True))))
    assert told(begun) == ["id:a at /x.txt"]
    later = DROPBOX.read_page(begun.cursor, fetch=Dialogue((following("c1"), answer(file("b", "/x.txt")))))
    assert told(later) == ["nothing at /x.txt", "id:b at /x.txt"]


def test_a_file_that_was_replaced_or_deleted_later_on_the_page_is_asked_for_whatever_version_is_held():
    rows = [file("a", "/x.txt"), file("b", "/x.txt"), file("c", "/In/c.txt")]
    page = read_changes(*rows, deleted("/In"))
    assert told(page)[-3:] == ["id:a at /x.txt", "id:b at /x.txt", "id:c at /in/c.txt"]
    known = [change.version == entry_of(row).version for change, row in zip(page.changes[-3:], rows, strict=True)]
    assert known == [False, True, False]


def test_two_files_that_changed_places_are_both_there():
    page = read_changes(file("a", "/2.txt"), file("b", "/1.txt"))
    assert told(page)[-2:] == ["id:a at /2.txt", "id:b at /1.txt"]


def test_of_a_file_that_is_told_several_times_the_last_word_counts():
    page = read_changes(file("a"), deleted("/a.txt"), file("a", size=13))
    assert told(page) == ["nothing at /a.txt", "id:a at /a.txt"]
    assert page.changes[-1].details["size"] == 13


def test_a_name_beside_a_deleted_folder_only_looks_as_if_it_lay_in_it():
    assert told(read_changes(file("a", "/Old things/a.txt"), deleted("/Old")))[-1] == "id:a at /old things/a.txt"


def test_a_name_that_no_database_can_hold_is_named_alike_when_it_comes_and_when_it_goes():
    (removal,) = read_changes(deleted("/half \ud83d.txt")).changes
    entry = entry_of(file("a", "/half \ud83d.txt"))
    assert removal == PathRemoval(entry.path)
    assert entry.path.encode() == b"/half .txt"
    assert json.dumps(entry.details, ensure_ascii=False).encode()


def test_a_file_in_a_folder_that_is_not_mounted_has_no_path():
    unmounted = {key: value for key, value in file("a").items() if not key.startswith("path")}
    assert told(read_changes(unmounted)) == ["id:a at "]


@pytest.mark.parametrize("news", [
    {"content_hash": "ffff"}, {"name": "b.txt"}, {"path_display": "/A.txt"}, {"is_downloadable": False},
    {"client_modified": "2026-11-21T00:00:00Z"},
])  # fmt: skip
def test_the_version_changes_with_whatever_the_memory_is_made_of(news):
    assert entry_of(file("a", **news)).version != entry_of(file("a")).version


def test_the_version_stays_when_only_dropboxs_own_revision_grows():
    assert (
        entry_of(file("a", rev="0160", server_modified="2026-11-22T00:00:00Z")).version == entry_of(file("a")).version
    )


def test_without_a_hash_of_the_content_the_revision_tells_versions_apart():
    assert (
        entry_of(file("a", content_hash=None, rev="1")).version
        != entry_of(file("a", content_hash=None, rev="2")).version
    )


def test_a_file_becomes_a_memory_with_its_name_path_and_time():
    draft = read(file("a", "/Letters/Minutes v1.2.txt"), (fetching("a"), b"Tea at four."))
    assert (draft.source, draft.account, draft.external_id) == ("dropbox", "ada@example.org", "id:a")
    assert (draft.title, draft.content, draft.author) == ("Minutes v1.2", "Tea at four.", "")
    assert (draft.occurred_at, draft.occurred_precision) == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "time")
    assert draft.metadata == {"path": "/Letters/Minutes v1.2.txt", "mime_type": "text/plain", "size": 12}


@pytest.mark.parametrize("key", ['a"b', "a\nb", "é", "🎻", "\x7f", "\\"])
def test_the_argument_of_a_download_is_ascii_whatever_it_names(key):
    asked: list[Request] = []
    with pytest.raises(ItemMissing):
        DROPBOX.read_item(
            entry_of(file(key)), fetch=lambda request: asked.append(request) or missing(), context=CONTEXT
        )
    value = dict(asked[0].headers)["dropbox-api-arg"]
    assert value.isascii()
    assert value.isprintable()
    assert json.loads(value) == {"path": f"id:{key}"}


def missing() -> None:
    raise ItemMissing("it is not there any more")


def test_a_name_in_any_script_becomes_title_and_path():
    draft = read(file("a", "/Cafés/“Ünï” \n 🎻.txt"), (fetching("a"), b"Tea at four."))
    assert draft.title == "“Ünï” \n 🎻"
    assert draft.metadata["path"] == "/Cafés/“Ünï” \n 🎻.txt"


@pytest.mark.parametrize("row", [
    file("a", "/a.JPG"), file("a", "/a.mp4"), file("a", "/a.mp3"), file("a", "/a.zip"), file("a", "/a.exe"),
    file("a", size=25_000_001), file("a", size=0), file("a", is_downloadable=False),
    file("a", is_downloadable=False, export_info={"export_options": []}),
])  # fmt: skip
def test_what_cannot_become_a_memory_is_refused_without_being_fetched(row):
    with pytest.raises(ItemRefused, match=r"\w"):
        read(row)


def test_a_paper_document_is_exported():
    paper = file("a", "/Plans.paper", is_downloadable=False, export_info={"export_as": "markdown"})
    assert read(paper, (fetching("a", verb="export"), b"# Tea\n\nAt four.")).content.endswith("At four.")


@pytest.mark.parametrize("error", [ItemRefused("Dropbox restricts it for legal reasons"), ItemMissing("it is gone")])
def test_what_dropbox_says_of_a_file_is_passed_on(error):
    with pytest.raises(type(error), match=str(error)):
        read(file("a"), (fetching("a"), error))


def test_a_file_that_came_cut_is_read_again_later_and_not_kept_as_it_is():
    with pytest.raises(ProviderUnavailable):
        read(file("a"), (fetching("a"), b"Tea at"))


def test_a_file_that_does_not_say_when_it_was_written_has_the_time_when_dropbox_took_it_in():
    draft = read(file("a", client_modified=None), (fetching("a"), b"Tea at four."))
    assert draft.occurred_at == datetime(2026, 11, 20, 9, 31, tzinfo=UTC)


def test_a_file_without_text_is_refused_with_a_reason():
    with pytest.raises(ItemRefused, match="it is a kind of file"):
        read(file("a", "/a", size=10), (fetching("a"), b"\x89PNG\r\n\x1a\n\x00\x00"))


def test_the_preview_counts_files_that_may_hold_text():
    pages = (
        (ACCOUNT, ADA),
        (first(limit=2000), answer(file("a"), file("p", "/p.png"), folder("/In"), cursor="c1", more=True)),
        (following("c1"), answer(file("b"), file("n", is_downloadable=False), cursor="c2")),
    )
    with Dialogue(*pages) as fetch:
        preview = DROPBOX.preview(fetch=fetch)
    assert (preview.items, preview.people, preview.requests) == (2, None, 5)


@given(cursor=st.text(min_size=1), more=st.booleans())
def test_every_cursor_survives_being_kept_as_json(cursor, more):
    page = DROPBOX.read_page(LISTING, fetch=Dialogue((first(), answer(cursor=cursor, more=more))))
    kept = json.loads(json.dumps(page.cursor))
    assert kept == page.cursor
    asked = following(cursor, purpose="list" if more else "changes")
    assert DROPBOX.read_page(kept, fetch=Dialogue((asked, answer(cursor="c2")))).cursor == at_changes("c2")
