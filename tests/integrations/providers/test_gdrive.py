import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import CursorExpired, ItemMissing, ItemRefused, ProviderUnavailable
from integrations.providers.base import Entry, Page, ReadContext, Removal, Request
from integrations.providers.gdrive import GoogleDrive
from tests.integrations.providers.dialogue import Answer, Dialogue

DRIVE = GoogleDrive()
GOOGLE = "application/vnd.google-apps."
CONTEXT = ReadContext(
    account="ada@example.org", time_zone=ZoneInfo("Europe/London"), now=datetime(2026, 11, 22, tzinfo=UTC)
)
FILE_FIELDS = "id,name,mimeType,modifiedTime,size,md5Checksum,trashed,owners(displayName,emailAddress,me),capabilities/canDownload"
START = Request("list", "/drive/v3/changes/startPageToken")


def listing(token: str = "", *, size: int = 100) -> Request:
    fields = f"nextPageToken,incompleteSearch,files({FILE_FIELDS})"
    page = (("pageToken", token),) if token else ()
    params = (
        ("pageSize", str(size)),
        ("q", "trashed=false"),
        ("spaces", "drive"),
        ("fields", fields),
        ("corpora", "user"),
    )
    return Request("list", "/drive/v3/files", params=(*params, *page))


def changing(token: str) -> Request:
    fields = f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file({FILE_FIELDS}))"
    first = (("pageToken", token), ("pageSize", "100"), ("includeRemoved", "true"), ("spaces", "drive"))
    return Request("changes", "/drive/v3/changes", params=(*first, ("fields", fields)))


def file(key: str, **told: object) -> dict[str, object]:
    ada = {"displayName": "Ada", "emailAddress": "ada@example.org", "me": True}
    return {
        "id": key,
        "name": f"{key}.txt",
        "mimeType": "text/plain",
        "modifiedTime": "2026-11-20T09:30:00.000Z",
        "size": "12",
        "md5Checksum": "0cc1",
        "trashed": False,
        "owners": [ada],
        "capabilities": {"canDownload": True},
        **told,
    }


def document(key: str, kind: str = "document", **told: object) -> dict[str, object]:
    """Google's own kinds have neither size nor checksum."""
    row = file(key, name=key, mimeType=f"{GOOGLE}{kind}", **told)
    return {field: value for field, value in row.items() if field not in ("size", "md5Checksum")}


def files(*rows: dict[str, object], following: str = "", incomplete: bool = False) -> Answer:
    more = {"nextPageToken": following} if following else {}
    return {"files": list(rows), "incompleteSearch": incomplete, **more}


def changes(*rows: dict[str, object], following: str = "", new: str = "") -> Answer:
    more = {"nextPageToken": following} if following else {}
    return {"changes": list(rows), **more, **({"newStartPageToken": new} if new else {})}


def changed(row: dict[str, object]) -> dict[str, object]:
    return {"changeType": "file", "removed": False, "fileId": row["id"], "file": row}


def removed(name: str) -> dict[str, object]:
    return {"changeType": "file", "removed": True, "fileId": name}


def at_listing(token: str = "", *, partial: bool = False) -> dict[str, object]:
    return {"phase": "listing", "token": token, "after": "70", "partial": partial}


def at_changes(token: str) -> dict[str, object]:
    return {"phase": "changes", "token": token}


def list_page(*rows: dict[str, object]) -> Page:
    return DRIVE.read_page(at_listing(), fetch=Dialogue((listing(), files(*rows))))


def read_changes(*rows: dict[str, object]) -> Page:
    return DRIVE.read_page(at_changes("70"), fetch=Dialogue((changing("70"), changes(*rows, new="71"))))


def entry_of(row: dict[str, object]) -> Entry:
    (entry,) = list_page(row).changes
    assert isinstance(entry, Entry)
    return entry


def ids_of(page: Page) -> list[tuple[str, str]]:
    return [(type(change).__name__, getattr(change, "remote_id", "")) for change in page.changes]


def media(name: str) -> Request:
    return Request("item", f"/drive/v3/files/{name}", params=(("alt", "media"),), limit=25_000_000)


def export(name: str, mime_type: str) -> Request:
    return Request("item", f"/drive/v3/files/{name}/export", params=(("mimeType", mime_type),), limit=25_000_000)


def read(row: dict[str, object], *turns: tuple[Request, Answer]):
    with Dialogue(*turns) as fetch:
        return DRIVE.read_item(entry_of(row), fetch=fetch, context=CONTEXT)


@pytest.mark.parametrize(
    ("user", "account"),
    [({"emailAddress": "ada@example.org", "permissionId": "07"}, "ada@example.org"), ({"permissionId": "07"}, "07")],
)
def test_the_account_is_its_address_or_its_number_where_the_address_is_hidden(user, account):
    asked = Request("account", "/drive/v3/about", params=(("fields", "user(emailAddress,permissionId)"),))
    assert DRIVE.read_account(fetch=Dialogue((asked, {"user": user}))) == account


def test_the_place_of_changes_is_taken_before_the_listing_and_replayed_after_it():
    with Dialogue(
        (START, {"startPageToken": "70"}),
        (listing(), files(file("a"), following="p2")),
        (listing("p2"), files(file("b"))),
        (changing("70"), changes(changed(file("a", name="A.txt")), following="71")),
        (changing("71"), changes(removed("b"), new="72")),
    ) as fetch:
        pages, cursor = [], DRIVE.begin(fetch=fetch)
        while not (pages and pages[-1].done):
            pages.append(DRIVE.read_page(cursor, fetch=fetch))
            cursor = json.loads(json.dumps(pages[-1].cursor))
    assert [ids_of(page) for page in pages] == [
        [("Entry", "a")],
        [("Entry", "b")],
        [("Entry", "a")],
        [("Removal", "b")],
    ]
    assert [(page.listed, page.complete, page.done) for page in pages] == [
        (True, False, False), (True, True, False), (False, False, False), (False, False, True),
    ]  # fmt: skip
    assert cursor == at_changes("72")


def test_what_google_calls_an_incomplete_search_is_no_complete_listing_whatever_its_last_page_says():
    first = DRIVE.read_page(at_listing(), fetch=Dialogue((listing(), files(following="p2", incomplete=True))))
    last = DRIVE.read_page(first.cursor, fetch=Dialogue((listing("p2"), files(file("a")))))
    assert (last.listed, last.complete, last.cursor) == (True, False, at_changes("70"))


def test_an_empty_drive_is_a_complete_listing_of_nothing():
    page = list_page()
    assert (page.changes, page.complete, page.done) == ((), True, False)


def test_folders_shortcuts_and_what_is_in_the_trash_are_not_listed():
    page = list_page(document("f", "folder"), document("s", "shortcut"), file("t", trashed=True), file("a"))
    assert ids_of(page) == [("Entry", "a")]


@pytest.mark.parametrize("cursor", [at_listing("old"), at_changes("old")])
def test_a_token_that_drive_rejects_says_that_the_cursor_expired(cursor):
    asked = listing("old") if cursor["phase"] == "listing" else changing("old")
    with pytest.raises(CursorExpired):
        DRIVE.read_page(cursor, fetch=Dialogue((asked, CursorExpired("forgotten"))))


@pytest.mark.parametrize("cursor", [{}, {"phase": "listing"}, {"phase": "changes", "token": 7}, {"phase": "other"}])
def test_a_cursor_that_is_none_of_ours_has_everything_listed_again(cursor):
    with pytest.raises(CursorExpired):
        DRIVE.read_page(cursor, fetch=Dialogue())


@pytest.mark.parametrize("answer", [b"", b'{"fil', b"[]", {}, {"files": None}, files(following="p1")])
def test_a_listing_that_was_cut_is_never_an_empty_one(answer):
    with pytest.raises(ProviderUnavailable):
        DRIVE.read_page(at_listing("p1"), fetch=Dialogue((listing("p1"), answer)))


@pytest.mark.parametrize(
    "answer", [b"", {}, {"changes": []}, {"changes": {}, "newStartPageToken": "71"}, changes(following="70")]
)
def test_changes_that_were_cut_or_go_in_a_circle_never_move_the_cursor(answer):
    with pytest.raises(ProviderUnavailable):
        DRIVE.read_page(at_changes("70"), fetch=Dialogue((changing("70"), answer)))


def test_a_run_without_changes_goes_on_from_the_new_token():
    page = read_changes()
    assert (page.changes, page.cursor, page.done, page.listed) == ((), at_changes("71"), True, False)


def test_deleted_trashed_and_turned_into_something_else_are_all_not_there():
    page = read_changes(
        removed("a"), changed(file("b", trashed=True)), changed(document("c", "folder")), changed(file("d"))
    )
    assert ids_of(page) == [("Removal", "a"), ("Removal", "b"), ("Removal", "c"), ("Entry", "d")]


def test_of_a_file_that_is_told_several_times_the_last_word_counts():
    page = read_changes(changed(file("a")), changed(file("b")), removed("b"), changed(file("a", name="new.txt")))
    assert ids_of(page) == [("Entry", "a"), ("Removal", "b")]
    assert page.changes[0].details["name"] == "new.txt"


@pytest.mark.parametrize("told", [{"removed": True}, {"removed": False, "drive": {"id": "d"}}])
def test_what_becomes_of_a_shared_drive_says_nothing_of_our_files(told):
    assert read_changes({"changeType": "drive", **told}, removed("a")).changes == (Removal("a"),)


def test_neither_the_listing_nor_the_changes_tell_of_files_in_shared_drives():
    asked = {name for request in (START, listing(), changing("70"), media("a")) for name, _ in request.params}
    assert asked.isdisjoint({"includeItemsFromAllDrives", "supportsAllDrives"})
    assert ("corpora", "user") in listing().params


def test_a_change_without_its_file_is_no_deletion():
    with pytest.raises(ProviderUnavailable):
        read_changes({"changeType": "file", "removed": False, "fileId": "a"})


@pytest.mark.parametrize("news", [
    {"name": "other.txt"}, {"md5Checksum": "ffff"}, {"modifiedTime": "2026-11-21T00:00:00.000Z"},
    {"capabilities": {"canDownload": False}}, {"owners": [{"displayName": "Grace", "emailAddress": "g@example.org"}]},
])  # fmt: skip
def test_the_version_changes_with_whatever_the_memory_is_made_of(news):
    assert entry_of(file("a", **news)).version != entry_of(file("a")).version


def test_the_version_stays_when_somebody_looks_at_a_file_or_shares_it():
    touched = file("a", version="99", viewedByMeTime="2026-11-22T00:00:00.000Z", shared=True)
    assert entry_of(touched).version == entry_of(file("a")).version


def test_a_sweep_lists_everything_again_and_loses_no_change():
    swept = DRIVE.begin_sweep(at_changes("70"), fetch=Dialogue())
    assert swept == at_listing()
    assert DRIVE.begin_sweep(at_listing("p3", partial=True), fetch=Dialogue()) == swept


def test_a_file_becomes_a_memory_with_its_name_owner_and_time():
    draft = read(file("a", name="Minutes v1.2.txt"), (media("a"), b"Tea at four."))
    assert (draft.source, draft.account, draft.external_id) == ("gdrive", "ada@example.org", "a")
    assert (draft.title, draft.content, draft.author) == ("Minutes v1.2", "Tea at four.", "Ada")
    assert (draft.occurred_at, draft.occurred_precision) == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "time")
    assert draft.metadata == {"mime_type": "text/plain", "size": 12}


@pytest.mark.parametrize("kind", ["document", "presentation"])
def test_googles_own_documents_are_exported_as_text(kind):
    draft = read(document("a", kind), (export("a", "text/plain"), "\ufeffTea\r\nat four".encode()))
    assert draft.content == "Tea\nat four"
    assert draft.metadata == {"mime_type": f"{GOOGLE}{kind}", "size": 11}


def test_the_text_of_a_sheet_is_its_csv():
    draft = read(document("a", "spreadsheet"), (export("a", "text/csv"), b'Tea,"4,50"\r\nCake,3'))
    assert draft.content == 'Tea,"4,50"\nCake,3'


def test_an_empty_export_is_asked_for_twice_before_it_is_believed():
    assert (
        "two"
        in read(
            document("a", "spreadsheet"), (export("a", "text/csv"), b""), (export("a", "text/csv"), b"one,two")
        ).content
    )
    with pytest.raises(ItemRefused):
        read(document("a", "spreadsheet"), (export("a", "text/csv"), b""), (export("a", "text/csv"), b""))


@pytest.mark.parametrize("row", [
    file("a", mimeType="image/jpeg"), file("a", mimeType="video/mp4"), file("a", mimeType="audio/mpeg"),
    file("a", mimeType="application/zip"), file("a", mimeType="application/octet-stream", name="a.JPG"),
    document("a", "form"), document("a", "drawing"), file("a", size="25000001"), file("a", size="0"),
    file("a", capabilities={"canDownload": False}), document("a", capabilities={"canDownload": False}),
])  # fmt: skip
def test_what_cannot_become_a_memory_is_refused_without_being_fetched(row):
    with pytest.raises(ItemRefused, match=r"\w"):
        read(row)


@pytest.mark.parametrize("error", [ItemRefused("Google marks it as harmful"), ItemMissing("it is not there any more")])
def test_what_drive_says_of_a_file_is_passed_on(error):
    with pytest.raises(type(error), match=str(error)):
        read(file("a"), (media("a"), error))


def test_a_file_that_came_cut_is_read_again_later_and_not_kept_as_it_is():
    with pytest.raises(ProviderUnavailable):
        read(file("a"), (media("a"), b"Tea at"))


def test_a_file_without_a_time_is_kept_and_says_so():
    draft = read(file("a", modifiedTime="yesterday"), (media("a"), b"Tea at four."))
    assert (draft.time_known, draft.occurred_at) == (False, CONTEXT.now)


@pytest.mark.parametrize(
    ("body", "reason"), [(b" \n", "it holds no text"), (b"\x89PNG\r\n\x1a\n\x00\x00", "it is a kind of file")]
)
def test_a_file_without_text_is_refused_with_a_reason(body, reason):
    with pytest.raises(ItemRefused, match=reason):
        read(file("a", size="2"), (media("a"), body))


@pytest.mark.parametrize("name", ["a" * 600, "half \ud83d", "nul \x00"])
def test_a_name_that_no_title_can_hold_loses_no_memory(name):
    assert read(file("a", name=name), (media("a"), b"Tea at four.")).content == "Tea at four."


def test_an_id_names_nothing_but_itself():
    asked = Request("item", "/drive/v3/files/a%2F..%3Fx/export", params=(("mimeType", "text/plain"),), limit=25_000_000)
    assert read(document("a/..?x"), (asked, b"Tea at four.")).external_id == "a/..?x"


def test_the_preview_counts_files_that_may_hold_text_and_other_peoples_names():
    grace = [{"displayName": "Grace", "emailAddress": "grace@example.org"}]
    first = files(file("a"), file("p", mimeType="image/png", owners=grace), document("f", "folder"), following="p2")
    with Dialogue((listing(size=1000), first), (listing("p2", size=1000), files(document("b", owners=grace)))) as fetch:
        preview = DRIVE.preview(fetch=fetch)
    assert (preview.items, preview.people, preview.exact, preview.requests) == (2, 1, True, 5)


@given(token=st.text(min_size=1), after=st.text(min_size=1), incomplete=st.booleans())
def test_every_cursor_survives_being_kept_as_json(token, after, incomplete):
    begun = DRIVE.begin(fetch=Dialogue((START, {"startPageToken": after})))
    page = DRIVE.read_page(begun, fetch=Dialogue((listing(), files(following=token, incomplete=incomplete))))
    kept = json.loads(json.dumps(page.cursor))
    assert kept == page.cursor
    last = DRIVE.read_page(kept, fetch=Dialogue((listing(token), files())))
    assert (last.cursor, last.complete) == (at_changes(after), not incomplete)
