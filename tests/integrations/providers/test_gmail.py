import base64
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import CursorExpired, ItemMissing, ItemRefused, ProviderUnavailable
from integrations.providers.base import Entry, Page, ReadContext
from integrations.providers.gmail import Gmail
from tests.integrations.providers.scripted import Answer, Question, Script, question

GMAIL = Gmail()
ME = "/gmail/v1/users/me"
PROFILE = question(f"{ME}/profile")
CONTEXT = ReadContext(
    account="ada@example.org", time_zone=ZoneInfo("Europe/London"), now=datetime(2026, 11, 22, tzinfo=UTC)
)
TYPES = tuple(("historyTypes", name) for name in ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved"))
MAIL = b"From: Grace <grace@example.org>\r\nTo: ada@example.org\r\nSubject: Tea\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nAt four?\r\n"


def profile(history: str) -> tuple[Question, Answer]:
    return PROFILE, {"emailAddress": "ada@example.org", "messagesTotal": 3, "historyId": history}


def listing(page: str = "") -> Question:
    token = (("pageToken", page),) if page else ()
    return question(f"{ME}/messages", ("maxResults", "100"), *token)


def counting(page: str = "") -> Question:
    token = (("pageToken", page),) if page else ()
    return question(f"{ME}/messages", ("maxResults", "500"), ("q", "-in:drafts"), *token)


def history(start: str, page: str = "") -> Question:
    token = (("pageToken", page),) if page else ()
    return question(f"{ME}/history", ("startHistoryId", start), ("maxResults", "500"), *TYPES, *token)


def ids(*names: str, following: str = "") -> Answer:
    more = {"nextPageToken": following} if following else {}
    return {"messages": [{"id": name, "threadId": "t"} for name in names], "resultSizeEstimate": 201, **more}


def message(name: str, *labels: str) -> dict[str, object]:
    return {"message": {"id": name, "threadId": "t", **({"labelIds": list(labels)} if labels else {})}}


def labelled(name: str, label: str, *, now: tuple[str, ...] = ()) -> dict[str, object]:
    return {**message(name, *now), "labelIds": [label]}


def at(start: str, page: str = "", following: str = "") -> dict[str, object]:
    return {"phase": "changes", "history": start, "page": page, "next": following}


def changes_of(*records: dict[str, object]) -> Page:
    script = Script((history("10"), {"history": [{"id": "11", **record} for record in records], "historyId": "20"}))
    return GMAIL.read_page(at("10"), fetch=script)


def seen(page: Page) -> list[str]:
    return [("+" if isinstance(change, Entry) else "-") + change.remote_id for change in page.changes]


def test_the_account_is_its_address():
    assert GMAIL.read_account(fetch=Script(profile("7"))) == "ada@example.org"


def test_the_history_is_taken_before_the_first_page_is_listed():
    script = Script(profile("900"))
    assert GMAIL.begin(fetch=script) == {"phase": "listing", "history": "900", "page": ""}
    assert script.paths == [f"{ME}/profile"]


def test_all_pages_are_listed_and_the_changes_since_before_the_first_follow():
    script = Script(profile("900"), (listing(), ids("c", "b", following="p2")), (listing("p2"), ids("a")))
    first = GMAIL.read_page(GMAIL.begin(fetch=script), fetch=script)
    assert (seen(first), first.listed, first.complete, first.done) == (["+c", "+b"], True, False, False)
    last = GMAIL.read_page(first.cursor, fetch=script)
    assert (seen(last), last.complete, last.done) == (["+a"], True, False)
    assert last.cursor == at("900")


def test_an_empty_mailbox_is_listed_to_its_end():
    page = GMAIL.read_page(
        {"phase": "listing", "history": "1", "page": ""}, fetch=Script((listing(), {"resultSizeEstimate": 0}))
    )
    assert (page.changes, page.complete) == ((), True)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        b"",
        b'{"messages": [',
        {"messages": {}},
        {"messages": [{"threadId": "t"}]},
        {"error": {"code": 500}},
        {"messages": [{"id": 5}]},
    ],
)
def test_a_cut_list_never_looks_like_an_empty_mailbox(answer):
    with pytest.raises(ProviderUnavailable):
        GMAIL.read_page({"phase": "listing", "history": "1", "page": ""}, fetch=Script((listing(), answer)))


def test_a_page_that_names_itself_as_the_next_one_is_not_followed_for_ever():
    with pytest.raises(ProviderUnavailable):
        GMAIL.read_page(
            {"phase": "listing", "history": "1", "page": "p"}, fetch=Script((listing("p"), ids("a", following="p")))
        )


def test_what_came_and_went_keeps_its_order():
    page = changes_of(
        {"messagesAdded": [message("a", "INBOX")]},
        {"messagesDeleted": [message("b")]},
        {"labelsAdded": [labelled("a", "TRASH")]},
        {"labelsRemoved": [labelled("a", "TRASH")]},
        {"messagesAdded": [message("a")], "messages": [{"id": "never read"}]},
    )
    assert seen(page) == ["+a", "-b", "-a", "+a", "+a"]
    assert (page.done, page.listed, page.cursor) == (True, False, at("20"))


@pytest.mark.parametrize("label", ["DRAFT", "SPAM", "TRASH"])
def test_an_added_mail_that_is_hidden_is_passed_over(label):
    assert seen(changes_of({"messagesAdded": [message("a", "INBOX", label)]})) == []


@pytest.mark.parametrize("label", ["SPAM", "TRASH"])
def test_what_is_put_into_spam_or_trash_is_gone_and_back_when_it_is_taken_out(label):
    assert seen(changes_of({"labelsAdded": [labelled("a", label)]})) == ["-a"]
    assert seen(changes_of({"labelsRemoved": [labelled("a", label)]})) == ["+a"]


def test_other_labels_are_no_change():
    record = {"labelsAdded": [labelled("a", "STARRED")], "labelsRemoved": [labelled("a", "UNREAD", now=("INBOX",))]}
    assert seen(changes_of(record)) == []


def test_a_mail_that_goes_from_spam_to_trash_stays_gone():
    record = {"labelsAdded": [labelled("a", "TRASH")], "labelsRemoved": [labelled("a", "SPAM")]}
    assert seen(changes_of(record))[-1] == "-a"
    assert seen(changes_of({"labelsRemoved": [labelled("a", "SPAM", now=("TRASH",))]})) == []


def test_the_history_id_is_kept_though_there_is_no_history():
    page = GMAIL.read_page(at("10"), fetch=Script((history("10"), {"historyId": "12"})))
    assert (page.changes, page.done, page.cursor) == ((), True, at("12"))


def test_the_next_run_begins_where_the_first_page_of_changes_stood():
    script = Script(
        (history("10"), {"history": [{"messagesAdded": [message("a")]}], "historyId": "15", "nextPageToken": "p2"}),
        (history("10", "p2"), {"history": [{"messagesAdded": [message("b")]}], "historyId": "18"}),
    )
    first = GMAIL.read_page(at("10"), fetch=script)
    assert (first.done, first.cursor) == (False, at("10", "p2", "15"))
    assert GMAIL.read_page(first.cursor, fetch=script).cursor == at("15")


def test_history_ids_are_numbers_not_words():
    page = GMAIL.read_page(at("999"), fetch=Script((history("999"), {"historyId": "1000"})))
    assert page.cursor == at("1000")


@pytest.mark.parametrize(
    "answer", [{}, {"history": []}, {"historyId": "abc"}, {"historyId": 12}, {"historyId": "12", "history": "x"}]
)
def test_changes_without_a_history_id_are_no_changes(answer):
    with pytest.raises(ProviderUnavailable):
        GMAIL.read_page(at("10"), fetch=Script((history("10"), answer)))


def test_an_answer_that_lags_behind_never_moves_the_cursor_back():
    script = Script((history("10"), {"historyId": "8"}), profile("11"))
    assert GMAIL.read_page(at("10"), fetch=script).cursor == at("10")


def test_a_history_id_from_the_future_means_listing_again():
    script = Script((history("9000000"), {"historyId": "8"}), profile("8"))
    with pytest.raises(CursorExpired):
        GMAIL.read_page(at("9000000"), fetch=script)


def test_a_forgotten_history_rises_to_the_caller():
    with pytest.raises(CursorExpired):
        GMAIL.read_page(at("10"), fetch=Script((history("10"), CursorExpired())))


@pytest.mark.parametrize(
    "cursor", [{}, {"phase": "changes"}, at("x"), at("-1"), at("1" * 40), {"phase": "listing", "history": None}]
)
def test_a_spoilt_cursor_means_listing_again(cursor):
    with pytest.raises(CursorExpired):
        GMAIL.read_page(cursor, fetch=Script())


def test_a_sweep_lists_again_and_goes_on_where_the_changes_were():
    cursor = GMAIL.begin_sweep(at("10", "p2", "15"), fetch=Script())
    page = GMAIL.read_page(cursor, fetch=Script((listing(), ids("a"))))
    assert (page.complete, page.cursor) == (True, at("10"))


def raw(name: str) -> Question:
    return question(f"{ME}/messages/{name}", ("format", "raw"))


def source(mail: bytes = MAIL, *, padded: bool = True, **more: object) -> dict[str, object]:
    text = base64.urlsafe_b64encode(mail).decode()
    kept = {"id": "a", "threadId": "t1", "labelIds": ["INBOX"], "internalDate": "1795255200000"}
    return {**kept, "raw": text if padded else text.rstrip("="), **more}


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("tail", [b"", b"?", b">>", b"\xff\xfe\xfd"])
def test_a_mail_becomes_a_memory_with_or_without_padding(padded, tail):
    script = Script((raw("a"), source(MAIL + tail, padded=padded, labelIds=["SENT", "Label_1"])))
    draft = GMAIL.read_item(Entry("a", "1"), fetch=script, context=CONTEXT)
    assert (draft.source, draft.account, draft.external_id, draft.thread_id) == ("gmail", "ada@example.org", "a", "t1")
    assert (draft.title, draft.content.startswith("At four?")) == ("Tea", True)
    assert draft.metadata["labels"] == ["Label_1", "SENT"]


def test_a_mail_without_a_date_happened_when_it_came_in():
    script = Script((raw("a"), source(MAIL.replace(b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n", b""))))
    draft = GMAIL.read_item(Entry("a", "1"), fetch=script, context=CONTEXT)
    assert draft.occurred_at == datetime.fromtimestamp(1795255200, tz=UTC)


@pytest.mark.parametrize("label", ["DRAFT", "SPAM", "TRASH"])
def test_a_hidden_mail_is_missing(label):
    with pytest.raises(ItemMissing):
        GMAIL.read_item(Entry("a", "1"), fetch=Script((raw("a"), source(labelIds=[label]))), context=CONTEXT)


def test_the_largest_mail_that_gmail_takes_in_is_let_through():
    script = Script((raw("a"), source()))
    GMAIL.read_item(Entry("a", "1"), fetch=script, context=CONTEXT)
    assert script.asked[0].limit > 50_000_000 * 4 / 3


def test_an_import_does_not_search_for_what_may_then_be_gone_for_not_being_found():
    script = Script((listing(), ids("a")))
    GMAIL.read_page({"phase": "listing", "history": "1", "page": ""}, fetch=script)
    assert "q" not in dict(script.asked[0].params)


def test_a_mail_that_was_added_and_deleted_in_between_is_missing():
    with pytest.raises(ItemMissing):
        GMAIL.read_item(Entry("a", "1"), fetch=Script((raw("a"), ItemMissing())), context=CONTEXT)


def test_a_source_nobody_can_read_is_refused():
    with pytest.raises(ItemRefused):
        GMAIL.read_item(Entry("a", "1"), fetch=Script((raw("a"), source(raw="$$$ä"))), context=CONTEXT)


@pytest.mark.parametrize("more", [{"raw": ""}, {"raw": None}, {"id": "b"}])
def test_half_an_answer_or_another_mails_is_asked_for_again(more):
    with pytest.raises(ProviderUnavailable):
        GMAIL.read_item(Entry("a", "1"), fetch=Script((raw("a"), source(**more))), context=CONTEXT)


def test_an_id_cannot_lead_to_another_path():
    script = Script((question(f"{ME}/messages/..%2F..%2Fdrafts", ("format", "raw")), ItemMissing()))
    with pytest.raises(ItemMissing):
        GMAIL.read_item(Entry("../../drafts", "1"), fetch=script, context=CONTEXT)


def sender(name: str, address: str) -> tuple[Question, Answer]:
    headers = [{"name": "from", "value": f'"Some, One" <{address}>'}]
    return (
        question(f"{ME}/messages/{name}", ("format", "metadata"), ("metadataHeaders", "From")),
        {"id": name, "payload": {"headers": headers}},
    )


def test_a_small_mailbox_is_counted_exactly():
    pages = (counting(), ids("a", "b", following="p")), (counting("p"), ids("c"))
    script = Script(*pages, sender("a", "X@example.org"), sender("b", "x@example.org"), sender("c", "y@example.org"))
    preview = GMAIL.preview(fetch=script)
    assert (preview.items, preview.people, preview.exact) == (3, 2, True)
    assert preview.requests == 3 + 1 + 2


def test_a_large_mailbox_is_sampled_evenly_and_people_are_estimated():
    names = [f"m{number:03}" for number in range(400)]
    senders = [sender(name, f"{number % 80}@example.org") for number, name in enumerate(names)]
    script = Script((counting(), ids(*names)), *senders)
    preview = GMAIL.preview(fetch=script)
    assert (preview.items, preview.exact, len(script.asked)) == (400, False, 101)
    assert script.paths[1:4] == [f"{ME}/messages/m000", f"{ME}/messages/m004", f"{ME}/messages/m008"]
    assert 20 <= preview.people <= 400


def test_a_mail_that_goes_while_it_is_previewed_is_no_trouble():
    script = Script(
        (counting(), ids("a", "b")),
        (sender("a", "")[0], ItemMissing()),
        (sender("b", "")[0], {"id": "b", "payload": {}}),
    )
    assert GMAIL.preview(fetch=script).people == 0


@given(st.lists(st.integers(0, 3), max_size=6), st.sampled_from(["listing", "changes"]))
def test_every_cursor_is_json_and_can_be_read_from(sizes, phase):
    pages = {str(place): size for place, size in enumerate(sizes)}

    def following(page: str) -> dict[str, str]:
        return {"nextPageToken": str(int(page or -1) + 1)} if str(int(page or -1) + 1) in pages else {}

    lists = [(listing(page), {"resultSizeEstimate": 0, **following(page)}) for page in ("", *pages)]
    histories = [(history("10", page), {"historyId": "12", **following(page)}) for page in ("", *pages)]
    script = Script(*lists, *histories, (history("12"), {"historyId": "12"}))
    cursor = {"phase": phase, "history": "10", "page": ""}
    for _ in range(2 * len(pages) + 4):
        cursor = GMAIL.read_page(json.loads(json.dumps(cursor)), fetch=script).cursor
    assert cursor == at("12")
