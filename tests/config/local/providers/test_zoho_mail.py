"""The stand-in for Zoho Mail, field by field.

There is no official client to be a witness. What is expected here was read on https://www.zoho.com/mail/help/api/ (get-emails-list,
get-original-message, get-email-content, response-codes) and in answers of the real one that are recorded in the tests of
https://github.com/NangoHQ/integration-templates (integrations/zoho-mail), whose fields and types are told here in our own words.
"""

import json
import re

import pytest

from config.local.providers.server import Request
from config.local.providers.world import Account, read_items
from config.local.providers.zoho_mail import answer

NUMBER = "1781169128404158501"


@pytest.fixture
def account():
    account = Account(provider="zoho_mail", address="ada@post.example")
    put(account, *(mail(number) for number in range(6)))
    return account


def mail(number, **rest):
    return {
        "id": str(int(NUMBER) + number),
        "at": f"2026-03-01T08:{number:02}:00+00:00",
        "subject": f"Letter {number}",
        "text": "Hello",
        **rest,
    }


def put(account, *rows):
    for item in read_items(account, rows):
        account.put(item)


def ask(account, path, *, bend="", **params):
    reply = answer(
        account,
        Request("GET", f"/api/accounts{path}", tuple((name, str(value)) for name, value in params.items()), bend=bend),
    )
    assert reply.status == json.loads(reply.body)["status"]["code"]
    return json.loads(reply.body)["data"]


@pytest.fixture
def view(account):
    """view(start=…, limit=…): subjects' numbers in the inbox, newest first."""
    number = ask(account, "")[0]["accountId"]
    return lambda **params: "".join(row["subject"][-1] for row in ask(account, f"/{number}/messages/view", **params))


def test_an_account_has_text_ids_and_a_list_of_addresses(account):
    [shown] = ask(account, "")
    assert re.fullmatch(r"\d{19}", shown["accountId"])
    assert shown["emailAddress"] == [
        {"isAlias": False, "isPrimary": True, "mailId": "ada@post.example", "isConfirmed": True}
    ]
    assert (shown["primaryEmailAddress"], shown["type"], shown["zuid"]) == (
        "ada@post.example",
        "ZOHO_ACCOUNT",
        924194079,
    )


def test_folders_are_named_by_id_type_and_path(account):
    put(account, mail(7, folder="Trash/Old"), mail(8, folder="Inbox/Work"), mail(9, folder="Holidays"))
    folders = {row["path"]: row for row in ask(account, f"/{ask(account, '')[0]['accountId']}/folders")}
    assert {"/Inbox", "/Drafts", "/Templates", "/Snoozed", "/Sent", "/Spam", "/Trash", "/Outbox", "/Archive"} < set(
        folders
    )
    named = [
        (folders[path]["folderName"], folders[path]["folderType"])
        for path in ("/Trash/Old", "/Inbox/Work", "/Holidays")
    ]
    assert named == [("Old", "Trash"), ("Work", "Inbox"), ("Holidays", "Inbox")]
    assert all(re.fullmatch(r"\d{19}", row["folderId"]) for row in folders.values())
    assert len({row["folderId"] for row in folders.values()}) == len(folders)


def test_a_row_of_a_list_is_text_with_html_in_it(account):
    put(
        account,
        mail(9, subject="Tea & <cake>", **{"from": ["Berta", "b@post.example"], "to": [["Ada", "ada@post.example"]]}),
    )
    row = ask(account, f"/{ask(account, '')[0]['accountId']}/messages/view", limit=1)[0]
    assert {name for name, value in row.items() if not isinstance(value, str)} == {"calendarType"}
    assert (row["subject"], row["toAddress"]) == ("Tea &amp; &lt;cake&gt;", "&quot;Ada&quot;&lt;ada@post.example&gt;")
    assert (row["sender"], row["fromAddress"], row["ccAddress"]) == ("Berta", "b@post.example", "Not Provided")
    assert (row["receivedTime"], row["messageId"]) == ("1772352540000", str(int(NUMBER) + 9))
    assert int(row["sentDateInGMT"]) != int(row["receivedTime"])  # the real one is off by hours


def test_a_mail_nobody_answered_has_no_thread(account):
    put(account, mail(7, thread_id=NUMBER))
    rows = ask(account, f"/{ask(account, '')[0]['accountId']}/messages/view")
    assert [row.get("threadId") for row in rows] == [NUMBER, None, None, None, None, None, NUMBER]


def test_a_list_begins_at_one_and_is_ten_long_or_as_long_as_asked(account, view):
    put(account, *(mail(number) for number in range(6, 10)), mail(10, subject="A"))
    assert view() == "A987654321"
    assert view(start=2, limit=3) == "987"
    assert view(start=99) == ""
    assert view(sortorder="true", limit=2) == "01"


def test_pages_shift_when_mail_comes_or_goes(account, view):
    assert view(limit=2) == "54"
    put(account, mail(7))
    assert view(start=3, limit=2) == "43"
    account.remove(str(int(NUMBER) + 7))
    account.remove(str(int(NUMBER) + 5))
    assert view(start=3, limit=2) == "21"


@pytest.mark.parametrize(
    ("bend", "pages"), [("repeat_page", "54 54 32 10"), ("overlap_page", "54 43 21 0"), ("reorder_page", "54 23 10 ")]
)
def test_a_bent_page_shifts_all_that_follow(view, bend, pages):
    asked = [view(start=start, limit=2, bend=bend if start == 3 else "") for start in (1, 3, 5, 7)]
    assert " ".join(asked) == pages
    assert view(start=1, limit=2) + view(start=3, limit=2) == "5432"


def test_one_mail_comes_with_a_number_that_doubles_cannot_hold(account):
    number = ask(account, "")[0]["accountId"]
    shown = ask(account, f"/{number}/messages/{NUMBER}/originalmessage")
    assert shown["messageId"] == int(NUMBER) != int(float(NUMBER))
    assert "Subject: Letter 0\r\n" in shown["content"]
    assert ask(account, f"/{number}/folders/1/messages/{NUMBER}/content")["content"] == "<div>Hello</div>"


def test_what_is_not_there_is_refused_with_a_code(account):
    number = ask(account, "")[0]["accountId"]
    assert ask(account, f"/{number}/messages/1/originalmessage") == {"errorCode": "MESSAGE_NOT_EXIST"}
    assert ask(account, f"/{number}/messages/view", folderId="1") == {"errorCode": "FOLDER_NOT_EXIST"}
    assert ask(account, f"/{number}/messages/view", limit="201") == {"errorCode": "INVALID_PARAMETER"}
    assert ask(account, "/1/folders") == {"errorCode": "ACCOUNT_NOT_EXIST"}


def test_ids_that_are_made_begin_with_the_time(account):
    [made] = read_items(account, [{"at": "2026-03-01T08:09:00+00:00"}])
    assert re.fullmatch(r"1772352540000\d{6}", made.id)


def test_drafts_spam_and_trash_are_no_memories(account):
    put(account, mail(7, folder="Drafts"), mail(8, folder="Trash/Old"), mail(9, folder="Spam"), mail(10, folder="Sent"))
    assert sorted(account.truth()) == [*(str(int(NUMBER) + number) for number in range(6)), str(int(NUMBER) + 10)]
