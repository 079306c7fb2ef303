"""The stand-in for Gmail: what its own client cannot show: absent keys, expired history, pages that are bent."""

import json

import pytest

from config.local.providers.gmail import answer
from config.local.providers.server import Request
from config.local.providers.world import Account, read_items


@pytest.fixture
def account(make_mails):
    account = Account(provider="gmail", address="ada@post.example")
    put(account, *make_mails(5))
    return account


def put(account, *rows):
    for item in read_items(account, rows):
        account.put(item)


def ask(account, path, *, bend="", **params):
    named = [
        (name, str(one)) for name, value in params.items() for one in (value if isinstance(value, list) else [value])
    ]
    reply = answer(account, Request("GET", f"/gmail/v1/users/me{path}", tuple(named), bend=bend))
    return reply.status, json.loads(reply.body)


def ids(reply):
    return [message["id"] for message in reply.get("messages", [])]


def test_an_empty_list_has_no_messages_at_all():
    reply = ask(Account(provider="gmail", address="a"), "/messages")[1]
    assert reply == {"resultSizeEstimate": 0}


def test_spam_and_trash_are_shown_when_asked_for(account, make_mails):
    put(
        account,
        {**make_mails(1)[0], "labels": ["TRASH"]},
        {**make_mails(2)[1], "labels": ["SPAM"]},
        {**make_mails(3)[2], "labels": ["DRAFT"]},
    )
    assert ids(ask(account, "/messages")[1]) == ["m4", "m3", "m2"]
    assert ids(ask(account, "/messages", q="-in:draft")[1]) == ["m4", "m3"]
    assert len(ids(ask(account, "/messages", includeSpamTrash="true")[1])) == 5
    assert ids(ask(account, "/messages", labelIds=["TRASH"])[1]) == ["m0"]


def test_mail_that_arrives_while_paging_moves_nothing(account, make_mails):
    first = ask(account, "/messages", maxResults=2)[1]
    put(account, make_mails(6)[5])
    assert ids(ask(account, "/messages", maxResults=2, pageToken=first["nextPageToken"])[1]) == ["m2", "m1"]


@pytest.mark.parametrize(
    ("bend", "second"), [("repeat_page", ["m4", "m3"]), ("overlap_page", ["m3", "m2"]), ("reorder_page", ["m2", "m1"])]
)
def test_a_bent_page_loses_nothing(account, bend, second):
    first = ask(account, "/messages", maxResults=2, bend=bend)[1]
    assert sorted(ids(first)) == ["m3", "m4"]
    assert ids(ask(account, "/messages", maxResults=2, pageToken=first["nextPageToken"])[1]) == second


def test_a_message_without_labels_has_no_key_for_them(account, make_mails):
    put(account, {**make_mails(1)[0], "labels": []})
    assert "labelIds" not in ask(account, "/messages/m0", format="minimal")[1]


def test_history_without_changes_has_only_an_id(account):
    assert ask(account, "/history", startHistoryId=str(account.seq))[1] == {"historyId": str(account.seq)}


def test_history_that_expired_is_missing_and_a_new_id_is_good(account):
    old = str(account.seq)
    account.expire_cursors()
    assert ask(account, "/history", startHistoryId=old)[0] == 404
    assert ask(account, "/history", startHistoryId=str(account.seq))[0] == 200
    assert ask(account, "/history", startHistoryId="1")[0] == 404


def test_an_id_from_the_future_is_answered_and_garbage_is_not(account):
    assert ask(account, "/history", startHistoryId="99999999999")[0] == 200
    assert [ask(account, "/history")[0], ask(account, "/history", startHistoryId="-1")[0]] == [400, 400]


def test_history_can_be_narrowed_to_types(account):
    start = str(account.seq)
    account.remove("m0")
    assert "history" not in ask(account, "/history", startHistoryId=start, historyTypes=["messageAdded"])[1]
    [record] = ask(account, "/history", startHistoryId=start, historyTypes=["messageAdded", "messageDeleted"])[1][
        "history"
    ]
    assert record["messagesDeleted"][0]["message"]["id"] == "m0"


def test_history_pages_are_bent_too(account, make_mails):
    start = str(account.seq - 5)
    first = ask(account, "/history", startHistoryId=start, maxResults=3, bend="repeat_page")[1]
    again = ask(account, "/history", startHistoryId=start, maxResults=3, pageToken=first["nextPageToken"])[1]
    assert first["history"] == again["history"]
    last = ask(account, "/history", startHistoryId=start, maxResults=3, pageToken=again["nextPageToken"])[1]
    assert len(last["history"]) == 2
    assert "nextPageToken" not in last


def test_somebody_elses_mailbox_is_refused(account):
    assert answer(account, Request("GET", "/gmail/v1/users/eve@post.example/profile")).status == 403


def test_a_page_that_comes_again_has_another_token(account):
    asked = ask(account, "/messages", maxResults=2)[1]["nextPageToken"]
    again = ask(account, "/messages", maxResults=2, pageToken=asked, bend="repeat_page")[1]["nextPageToken"]
    assert again != asked
    assert (
        ask(account, "/messages", maxResults=2, pageToken=again)[1]
        == ask(account, "/messages", maxResults=2, pageToken=asked)[1]
    )
