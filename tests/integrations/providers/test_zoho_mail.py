import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from integrations.errors import CursorExpired, ItemMissing, ItemRefused, ProviderUnavailable, RateLimited, Refused
from integrations.providers import zoho_mail
from integrations.providers.base import Cursor, Entry, Page, ReadContext
from integrations.providers.zoho_mail import ZohoMail
from tests.integrations.providers.scripted import Answer, Question, Script, question

ZOHO = ZohoMail()
ACCOUNT = "4845214000000008002"
ROOT = f"/api/accounts/{ACCOUNT}"
INBOX, SENT, TRASH = "4845214000000008008", "4845214000000008012", "4845214000000008014"
CONTEXT = ReadContext(
    account="ada@example.org", time_zone=ZoneInfo("Europe/London"), now=datetime(2026, 11, 22, tzinfo=UTC)
)
NOW = 1_795_000_000_000
FOLDERS = question(f"{ROOT}/folders")
ACCOUNTS = question("/api/accounts")


def told(data: object, code: object = 200) -> Answer:
    return {"status": {"code": code, "description": "success"}, "data": data}


def account(number: str = ACCOUNT, **more: object) -> dict[str, object]:
    kept = {"accountId": number, "type": "ZOHO_ACCOUNT", "primaryEmailAddress": "ada@example.org", "zuid": 924194079}
    return {**kept, "emailAddress": [{"isPrimary": True, "mailId": "ada@example.org"}], **more}


def folders(*more: tuple[str, str]) -> tuple[Question, Answer]:
    kept = [
        (INBOX, "Inbox"),
        ("1", "Drafts"),
        ("2", "Templates"),
        (SENT, "Sent"),
        ("3", "Spam"),
        (TRASH, "Trash"),
        ("4", "Outbox"),
        *more,
    ]
    return FOLDERS, told([{"folderId": number, "folderType": kind, "folderName": kind} for number, kind in kept])


def view(folder: str, start: int = 1) -> Question:
    return question(
        f"{ROOT}/messages/view",
        ("folderId", folder),
        ("start", str(start)),
        ("limit", "200"),
        ("sortorder", "false"),
        ("includeto", "true"),
        ("includearchive", "true"),
    )


def mail(number: int, folder: str = INBOX, **more: object) -> dict[str, object]:
    kept = {
        "messageId": f"17950000000001541{number:02}",
        "folderId": folder,
        "receivedTime": str(NOW - number),
        "threadId": "77",
    }
    head = {
        "fromAddress": "grace@example.org",
        "sender": "Grace",
        "toAddress": "&lt;ada@example.org&gt;",
        "ccAddress": "Not Provided",
    }
    return {**kept, **head, "subject": "Tea &amp; cake", "sentDateInGMT": "1", **more}


def name(number: int) -> str:
    return f"17950000000001541{number:02}"


def walk_to_end(cursor: Cursor, script: Script) -> list[Page]:
    """All pages until one is done, each read from a cursor that went through JSON."""
    pages: list[Page] = []
    while not (pages and pages[-1].done):
        pages.append(ZOHO.read_page(json.loads(json.dumps(cursor)), fetch=script))
        cursor = pages[-1].cursor
    return pages


def seen(pages: Sequence[Page]) -> list[str]:
    return [change.remote_id for page in pages for change in page.changes]


def mailbox(*lines: tuple[Question, Answer]) -> Script:
    """Two mails in the inbox, one sent, with whatever a test says first."""
    kept = (
        (ACCOUNTS, told([account()])),
        folders(),
        (view(INBOX), told([mail(1), mail(2)])),
        (view(INBOX, 181), told([])),
        (view(SENT), told([mail(3, SENT)])),
        (view(SENT, 181), told([])),
    )
    said = {asked for asked, _ in lines}
    return Script(*lines, *(line for line in kept if line[0] not in said))


def test_the_account_is_its_primary_address_and_the_address_may_be_a_list():
    assert ZOHO.read_account(fetch=mailbox()) == "ada@example.org"
    listed = account(primaryEmailAddress=None)
    assert ZOHO.read_account(fetch=Script((ACCOUNTS, told([listed])))) == "ada@example.org"
    bare = account(primaryEmailAddress=None, emailAddress=[], mailboxAddress="ada@zoho.example")
    assert ZOHO.read_account(fetch=Script((ACCOUNTS, told([bare])))) == "ada@zoho.example"


@pytest.mark.parametrize(
    "accounts",
    [
        [account("1", type="IMAP_ACCOUNT"), account("2")],
        [account("1"), account("2", isDefaultAccount=True)],
        [account("2"), account("1", type="POP_ACCOUNT", isDefaultAccount=True)],
        [account("2", type="OTHER")],
    ],
)
def test_of_several_accounts_the_mailbox_itself_is_read(accounts):
    assert ZOHO.begin(fetch=Script((ACCOUNTS, told(accounts))))["account"] == "2"


@pytest.mark.parametrize(
    "answer", [told([]), told({}), {"data": [account()]}, told([account(None)]), b"", told([account(4845214)])]
)
def test_no_account_is_ever_made_up(answer):
    with pytest.raises(ProviderUnavailable):
        ZOHO.begin(fetch=Script((ACCOUNTS, answer)))


def test_every_folder_with_mails_is_listed_to_its_end_and_looked_at_once_more():
    script = mailbox()
    pages = walk_to_end(ZOHO.begin(fetch=script), script)
    place = [page.complete for page in pages].index(True)
    assert seen(pages[: place + 1]) == [name(1), name(2), name(3)]
    assert all(page.listed for page in pages[: place + 1])
    assert seen(pages[place + 1 :]) == [name(1), name(2), name(3)]
    assert not any(page.listed for page in pages[place + 1 :])


def test_two_runs_without_news_end_where_they_began():
    script = mailbox()
    rest = walk_to_end(ZOHO.begin(fetch=script), script)[-1].cursor
    assert walk_to_end(rest, script)[-1].cursor == rest
    assert rest["marks"] == {INBOX: NOW - 1, SENT: NOW - 3}


def test_a_folder_made_while_listing_is_listed_too():
    script = mailbox(folders(), folders(("9", "Inbox")), (view("9"), told([mail(9, "9")])), (view("9", 181), told([])))
    pages = walk_to_end(ZOHO.begin(fetch=script), script)
    place = [page.complete for page in pages].index(True)
    assert name(9) in seen(pages[:place])


def test_a_folder_deleted_while_listing_is_passed_over():
    gone = (FOLDERS, told([{"folderId": INBOX, "folderType": "Inbox"}]))
    script = mailbox(folders(), gone, (view(SENT), Refused("404")))
    pages = walk_to_end(ZOHO.begin(fetch=script), script)
    assert set(seen(pages)) == {name(1), name(2)}
    assert any(page.complete for page in pages)


def test_a_folder_that_is_there_and_cannot_be_listed_stops_the_run():
    script = mailbox((view(INBOX), Refused("403")))
    cursor = ZOHO.read_page(ZOHO.begin(fetch=script), fetch=script).cursor
    with pytest.raises(Refused):
        ZOHO.read_page(cursor, fetch=script)


def test_mail_that_came_while_listing_is_found_by_the_second_look():
    script = mailbox((view(INBOX), told([mail(1), mail(2)])), (view(INBOX), told([mail(0), mail(1), mail(2)])))
    pages = walk_to_end(ZOHO.begin(fetch=script), script)
    assert name(0) in seen(pages)


def test_an_entry_lies_in_its_folder_and_has_the_version_of_every_mail():
    script = mailbox()
    entry = next(change for page in walk_to_end(ZOHO.begin(fetch=script), script) for change in page.changes)
    assert (entry.remote_id, entry.path, entry.version) == (name(1), INBOX, "1")
    moved = mailbox((view(SENT), told([mail(1, SENT)])))
    later = [change for page in walk_to_end(ZOHO.begin(fetch=moved), moved) for change in page.changes]
    assert {change.version for change in later} == {"1"}


def test_a_sweep_lists_everything_and_changes_go_on():
    script = mailbox()
    rest = walk_to_end(ZOHO.begin(fetch=script), script)[-1].cursor
    sweep = walk_to_end(ZOHO.begin_sweep(rest, fetch=Script()), script)
    assert [page.complete for page in sweep].count(True) == 1
    assert sweep[-1].cursor == rest


def test_a_mail_that_is_moved_behind_a_sweeps_back_is_seen_before_that_is_complete():
    before, after = (view(INBOX), told([mail(1), mail(2)])), (view(INBOX), told([mail(1), mail(2), mail(3)]))
    rest = walk_to_end(ZOHO.begin(fetch=mailbox()), mailbox())[-1].cursor
    script = mailbox(before, after, (view(SENT), told([])))
    pages = walk_to_end(ZOHO.begin_sweep(rest, fetch=Script()), script)
    place = [page.complete for page in pages].index(True)
    assert set(seen(pages[: place + 1])) == {name(1), name(2), name(3)}
    assert all(page.listed for page in pages[: place + 1])


def test_a_first_import_goes_round_once_and_a_sweep_twice():
    first, sweep = mailbox(), mailbox()
    rest = walk_to_end(ZOHO.begin(fetch=first), first)[-1].cursor
    walk_to_end(ZOHO.begin_sweep(rest, fetch=Script()), sweep)
    ends = [[(call.path, call.params) for call in script.asked].count(view(SENT, 181)) for script in (first, sweep)]
    assert ends == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        {"data": []},
        told([], code=500),
        told({"errorCode": "INTERNAL_ERROR"}, code=404),
        told(None),
        {"status": {"code": 200}},
        b"{",
        told(["x"]),
    ],
)
def test_an_error_in_a_success_never_looks_like_an_empty_folder(answer):
    script = mailbox((view(INBOX), answer))
    cursor = ZOHO.read_page(ZOHO.begin(fetch=script), fetch=script).cursor
    with pytest.raises(ProviderUnavailable):
        ZOHO.read_page(cursor, fetch=script)


@pytest.mark.parametrize(
    "listed",
    [[], [{"folderId": SENT, "folderType": "Sent"}], [{"folderId": 5, "folderType": "Inbox"}], [{"folderId": INBOX}]],
)
def test_folders_without_an_inbox_are_no_answer(listed):
    with pytest.raises(ProviderUnavailable):
        ZOHO.read_page(ZOHO.begin(fetch=mailbox()), fetch=mailbox((FOLDERS, told(listed))))


def test_an_id_that_came_as_a_number_is_not_trusted():
    script = mailbox((view(INBOX), told([mail(1, messageId=1795000000000154100)])))
    cursor = ZOHO.read_page(ZOHO.begin(fetch=script), fetch=script).cursor
    with pytest.raises(ProviderUnavailable):
        ZOHO.read_page(cursor, fetch=script)


def test_old_answers_tell_their_code_as_text():
    assert ZOHO.read_account(fetch=Script((ACCOUNTS, told([account()], code="200")))) == "ada@example.org"


def test_a_wait_that_is_asked_for_rises_to_the_caller():
    with pytest.raises(RateLimited):
        ZOHO.begin(fetch=Script((ACCOUNTS, RateLimited("throttled", delay=45.0))))


def test_a_spoilt_cursor_means_listing_again():
    with pytest.raises(CursorExpired):
        ZOHO.read_page({"phase": "changes"}, fetch=Script())


DETAILS = {"account": ACCOUNT, "folder": INBOX, **mail(1)}
ENTRY = Entry(name(1), "1", path=INBOX, details=DETAILS)
ORIGINAL = question(f"{ROOT}/messages/{name(1)}/originalmessage")
CONTENT = question(f"{ROOT}/folders/{INBOX}/messages/{name(1)}/content")
MIME = "From: Grace <grace@example.org>\r\nTo: ada@example.org\r\nSubject: Tea\r\nMessage-ID: <m1@example.org>\r\n\r\nAt four, chérie?\r\n"
HTML = told({"messageId": 1795000000000154000, "content": "<div>At four?<br></div>"})


def test_a_mail_becomes_a_memory_by_its_source():
    script = Script((ORIGINAL, told({"messageId": 1795000000000154000, "content": MIME})))
    draft = ZOHO.read_item(ENTRY, fetch=script, context=CONTEXT)
    assert (draft.source, draft.account, draft.external_id, draft.thread_id) == (
        "zoho_mail",
        "ada@example.org",
        name(1),
        "77",
    )
    assert (draft.title, draft.message_id.strip("<>")) == ("Tea", "m1@example.org")
    assert draft.occurred_at == datetime.fromtimestamp((NOW - 1) / 1000, tz=UTC)


def test_a_source_that_zoho_decoded_is_not_decoded_again():
    head = "Subject: Tea\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n"
    script = Script((ORIGINAL, told({"content": f"{head}\r\nAt four, chérie?\r\n"})))
    assert ZOHO.read_item(ENTRY, fetch=script, context=CONTEXT).content == "At four, chérie?"


@pytest.mark.parametrize("refusal", [ItemRefused("403"), Refused("400"), told({"content": ""}), told({})])
def test_where_the_source_is_refused_the_text_and_the_list_make_the_mail(refusal):
    draft = ZOHO.read_item(ENTRY, fetch=Script((ORIGINAL, refusal), (CONTENT, HTML)), context=CONTEXT)
    assert (draft.title, draft.content.strip()) == ("Tea & cake", "At four?")
    assert "grace@example.org" in {draft.author, *(person.address for person in draft.participants)}


def written(**more: object) -> object:
    source = zoho_mail._write_source({**DETAILS, **more}, text="<p>é</p>")
    return message_from_bytes(source, policy=default)


def test_escaped_names_and_addresses_are_unescaped():
    made = written(toAddress="&quot;Ada L&quot; &lt;ada@example.org&gt;,&lt;bob@example.org&gt;", sender="Gr&#233;ce")
    assert [str(address) for address in made["to"].addresses] == ["Ada L <ada@example.org>", "bob@example.org"]
    assert (made["from"].addresses[0].display_name, made["cc"]) == ("Gréce", None)
    assert made.get_content().strip() == "<p>é</p>"


@pytest.mark.parametrize(
    "more",
    [
        {"subject": "a\r\nBcc: eve@example.org", "sender": "x\nBcc: eve@example.org"},
        {"subject": "&#10;Bcc: eve@example.org", "toAddress": "&#13;&#10;Bcc: eve@example.org"},
    ],
)
def test_nothing_in_the_list_can_add_a_header(more):
    assert written(**more)["bcc"] is None


@pytest.mark.parametrize(
    "value", ["<@", '"a" <a@[b>', "\ud800", "é@ä.org", "&lt;" * 500, "a" * 5000, 7, None, "Not Provided"]
)
def test_whatever_the_list_says_a_mail_can_be_written(value):
    strange = {**DETAILS, **dict.fromkeys(("toAddress", "ccAddress", "subject", "sender", "fromAddress"), value)}
    assert zoho_mail._write_source(strange, text="hello").endswith(b"hello")


def test_a_mail_that_is_gone_is_missing():
    with pytest.raises(ItemMissing):
        ZOHO.read_item(ENTRY, fetch=Script((ORIGINAL, ItemMissing())), context=CONTEXT)


@pytest.mark.parametrize("time", ["", "soon", "-5", "9" * 40, None])
def test_a_time_not_to_be_believed_is_no_time(time):
    entry = Entry(name(1), "1", path=INBOX, details={**DETAILS, "receivedTime": time})
    draft = ZOHO.read_item(entry, fetch=Script((ORIGINAL, told({"content": MIME}))), context=CONTEXT)
    assert draft.occurred_at == CONTEXT.now


def test_an_id_cannot_lead_to_another_path():
    script = Script((question(f"{ROOT}/messages/..%2Fx%3Fy/originalmessage"), ItemMissing()))
    with pytest.raises(ItemMissing):
        ZOHO.read_item(Entry("../x?y", "1", path=INBOX, details=DETAILS), fetch=script, context=CONTEXT)


def test_mails_and_senders_are_counted_in_the_lists():
    script = mailbox(
        (view(SENT), told([mail(1, SENT), mail(3, SENT, fromAddress="Ada@example.org"), mail(4, SENT, fromAddress="")]))
    )
    preview = ZOHO.preview(fetch=script)
    assert (preview.items, preview.people, preview.exact) == (4, 2, True)
    assert preview.requests == len(script.asked) + 4
