"""Google's own client, with the discovery document it ships, reads the stand-in for Gmail as it would read the real one."""

import base64
from email import message_from_bytes, policy

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError


@pytest.fixture
def gmail(stand_in, mailbox):
    """The resource `users` of Google's client; its methods know which parameters there are."""
    credentials = Credentials(token=mailbox)
    with build(
        "gmail", "v1", credentials=credentials, static_discovery=True, client_options={"api_endpoint": stand_in.url}
    ) as service:
        yield service.users()


def test_the_profile_has_the_fields_of_its_schema(gmail, mailbox):
    profile = gmail.getProfile(userId="me").execute()
    assert profile == {"emailAddress": mailbox, "messagesTotal": 5, "threadsTotal": 4, "historyId": "1000005"}


def test_the_client_pages_through_all_messages_newest_first(gmail):
    ids, request = [], gmail.messages().list(userId="me", maxResults=2, q="-in:drafts")
    while request is not None:
        reply = request.execute()
        ids += [message["id"] for message in reply["messages"]]
        request = gmail.messages().list_next(request, reply)
    assert ids == ["m4", "m3", "m2", "m1", "m0"]


def test_a_raw_message_is_a_mail(gmail):
    message = gmail.messages().get(userId="me", id="m1", format="raw").execute()
    mail = message_from_bytes(base64.urlsafe_b64decode(message["raw"]), policy=policy.default)
    assert (mail["subject"], mail["from"], mail["message-id"]) == (
        "Letter 1",
        "Berta Böhm <berta@post.example>",
        "<m1@post.example>",
    )
    assert mail.get_body().get_content().splitlines() == ["Dear Ada,", "this is letter 1."]
    assert (message["threadId"], message["internalDate"], message["labelIds"]) == ("t1", "1772352060000", ["INBOX"])


def test_metadata_shows_the_headers_asked_for(gmail):
    message = gmail.messages().get(userId="me", id="m1", format="metadata", metadataHeaders=["From", "To"]).execute()
    named = {header["name"]: header["value"] for header in message["payload"]["headers"]}
    assert named == {"From": '"Berta Böhm" <berta@post.example>', "To": '"Ada" <ada@post.example>'}
    assert "raw" not in message


def test_the_client_pages_through_history(gmail, stand_in, mailbox, make_mails):
    start = gmail.getProfile(userId="me").execute()["historyId"]
    stand_in.put("gmail", mailbox, [{**make_mails(6)[5]}])
    stand_in.trash("gmail", mailbox, ["m0"])
    stand_in.remove("gmail", mailbox, ["m1"])
    types = ["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"]
    records, token = [], {}
    while token is not None:  # `list_next` of this client cannot hold a parameter that is repeated
        reply = (
            gmail.history().list(userId="me", startHistoryId=start, maxResults=1, historyTypes=types, **token).execute()
        )
        records += reply["history"]
        token = {"pageToken": reply["nextPageToken"]} if "nextPageToken" in reply else None
    changes = [sorted(set(record) - {"id", "messages"}) for record in records]
    assert changes == [["messagesAdded"], ["labelsAdded", "labelsRemoved"], ["messagesDeleted"]]
    assert reply["historyId"] == gmail.getProfile(userId="me").execute()["historyId"]


def test_errors_are_told_as_google_tells_them(gmail):
    with pytest.raises(HttpError) as missing:
        gmail.messages().get(userId="me", id="nobody").execute()
    assert (missing.value.status_code, missing.value.reason) == (404, "Requested entity was not found.")
    with pytest.raises(HttpError) as garbage:
        gmail.history().list(userId="me", startHistoryId="then").execute()
    assert garbage.value.status_code == 400


def test_labels_are_listed(gmail):
    labels = {label["id"]: label["type"] for label in gmail.labels().list(userId="me").execute()["labels"]}
    assert labels["INBOX"] == "system"
