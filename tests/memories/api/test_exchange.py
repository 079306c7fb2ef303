"""A person's memories out as a file, and files of memories in, over REST."""

import json
from io import BytesIO
from threading import BoundedSemaphore

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from memories.api import exchange
from memories.models import Memory, Tombstone
from memories.services import export
from tests.factories import MemoryFactory

OUT, IN = "/api/v1/memories/export/", "/api/v1/memories/import/"
GOOD = b'{"external_id": "1", "occurred_at": "2024-07-03", "content": "Rain."}\n'
OTHER = b'{"external_id": "2", "occurred_at": "2024-07-04", "content": "Sun."}\n'
MAIL = b"From: Ben <ben@post.example>\nDate: Mon, 1 Jul 2024 10:00:00 +0000\nSubject: Rain\nMessage-ID: <1@x>\n\nIt rains.\n"


def upload(api, body, name="memories.ndjson", query="", **fields):
    file = BytesIO(body)
    file.name = name
    return api.post(IN + query, {"file": file, **fields}, format="multipart")


def send(api, body, content_type="application/x-ndjson", query=""):
    return api.generic("POST", IN + query, body, content_type=content_type)


def read_export(api):
    return [json.loads(line) for line in api.get(OUT).getvalue().splitlines()]


# --- Out --------------------------------------------------------------------


def test_an_export_is_a_file_of_ndjson_with_every_memory(api, user):
    memory = MemoryFactory(user=user, content="Räksmörgås\nat the harbour", account="ana@post.example")
    answer = api.get(OUT)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="life-graph-20')
    assert answer.headers["Cache-Control"] == "no-store"
    (line,) = answer.getvalue().decode().splitlines()
    told = json.loads(line)
    assert (told["record"], told["content"], told["account"]) == ("memory", memory.content, memory.account)
    assert told["external_id"] == memory.external_id


def test_an_export_holds_nothing_of_anybody_elses(api, user, other_user):
    MemoryFactory(user=other_user, content="Secret.")
    assert read_export(api) == []


def test_a_client_that_takes_ndjson_alone_is_served(api):
    assert api.get(OUT, headers={"accept": "application/x-ndjson"}).getvalue() == b""


def test_a_stranger_who_takes_ndjson_alone_is_told_in_json(db):
    answer = APIClient().get(OUT, headers={"accept": "application/x-ndjson"})
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])


@pytest.mark.parametrize(("count", "queries"), [(0, 3), (3, 4), (6, 5)])
def test_an_export_asks_once_for_each_batch(api, user, monkeypatch, count, queries):
    monkeypatch.setattr(export, "BATCH", 3)
    MemoryFactory.create_batch(count, user=user)
    with CaptureQueriesContext(connection) as captured:
        read_export(api)
    assert len(captured) == queries


def test_an_export_is_read_before_it_is_streamed(api, user):
    MemoryFactory.create_batch(3, user=user)
    answer = api.get(OUT)
    with CaptureQueriesContext(connection) as captured:
        assert len(answer.getvalue().splitlines()) == 3
    assert len(captured) == 0


# --- In ---------------------------------------------------------------------


def test_an_upload_is_stored_and_its_bad_line_named(api, user):
    answer = upload(api, GOOD + b"{\n" + OTHER)
    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in ("created", "updated", "unchanged", "skipped", "erased", "dry_run")} == {
        "created": 2, "updated": 0, "unchanged": 0, "skipped": 1, "erased": 0, "dry_run": False,
    }  # fmt: skip
    assert [skip["where"] for skip in told["skips"]] == ["line 2"]
    assert told["skips"][0]["reason"].startswith("is not valid JSON")
    assert Memory.objects.filter(user=user).count() == 2


def test_an_upload_for_the_second_time_changes_nothing(api):
    upload(api, GOOD)
    assert upload(api, GOOD).json()["unchanged"] == 1
    assert upload(api, GOOD.replace(b"Rain", b"Hail")).json()["updated"] == 1


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "text/plain", "text/plain; charset=utf-8"])
def test_a_body_may_be_the_file_itself(api, user, content_type):
    assert send(api, GOOD + OTHER, content_type).json()["created"] == 2
    assert Memory.objects.filter(user=user, source="note").count() == 2


@pytest.mark.parametrize(
    ("name", "body", "content"),
    [
        ("a.json", b'[{"content": "Rain."}]', "Rain."),
        ("a.csv", b"content,title\nRain.,Day\n", "Rain."),
        ("a.md", b"# Day\n\nRain.", "Rain."),
        ("a.eml", MAIL, "It rains."),
        ("a.mbox", b"From ben Mon Jul  1 10:00:00 2024\n" + MAIL, "It rains."),
        ("a.txt", GOOD, "Rain."),
        ("a.txt", b'{"memories": [\n{"content": "Rain."}]}', "Rain."),
        ("a", MAIL, "It rains."),
        ("a.txt", b"title;content\nDay;Rain.\n", "Rain."),
        ("a.txt", b"Only rain.", "Only rain."),
    ],
)
def test_a_file_is_read_by_its_name_or_by_what_it_holds(api, user, name, body, content):
    assert upload(api, body, name).json()["created"] == 1
    assert content in Memory.objects.get(user=user).content


@pytest.mark.parametrize("asked", [{"query": "?format=ndjson&source=diary"}, {"format": "ndjson", "source": "diary"}])
def test_format_and_source_are_asked_for_in_the_address_or_the_form(api, user, asked):
    assert upload(api, GOOD, "odd.md", **asked).json()["created"] == 1
    assert Memory.objects.get(user=user).source == "diary"


@pytest.mark.parametrize("asked", [{"query": "?dry_run=true"}, {"dry_run": "on"}])
def test_a_dry_run_says_what_would_happen_and_stores_nothing(api, asked):
    told = upload(api, GOOD, **asked).json()
    assert (told["created"], told["dry_run"]) == (1, True)
    assert not Memory.objects.exists()


@pytest.mark.parametrize(
    ("query", "field"), [("?format=doc", "format"), ("?source=My Notes", "source"), ("?dry_run=perhaps", "dry_run")]
)
def test_an_option_that_cannot_be_is_named(api, query, field):
    answer = upload(api, GOOD, query=query)
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.ndjson", b"{\n{}\n", "line 2: content: is missing"),
        ("a.ndjson", b"\n\n", "It holds no memories."),
        ("a.ndjson", b'{"record": "pin"}', "line 1: record 'pin' is not understood by this version"),
        ("a.csv", b"text\nRain.\n", "a.csv has no column named content; its columns are: text"),
        ("a.json", b"7", 'a.json is neither a list of memories nor an object with a list "memories"'),
        ("a.pdf", b"%PDF", "No importer can read a.pdf; known formats are: ndjson, markdown, eml, csv, json, mbox"),
        ("a.md", b"\x00", "a.md: holds a NUL byte, so it is no text"),
    ],
)
def test_where_nothing_can_be_read_the_reasons_are_told(api, name, body, reason):
    answer = upload(api, body, name)
    assert answer.status_code == 400
    assert reason in answer.json()["file"]
    assert "/tmp" not in answer.content.decode()


def test_of_many_reasons_the_first_are_told_and_the_rest_counted(api):
    reasons = upload(api, b"{\n" * 30).json()["file"]
    assert (len(reasons), reasons[-1]) == (21, "and 10 more")


def test_a_request_without_a_file_is_told_so(api):
    for answer in (api.post(IN, {"other": "x"}, format="multipart"), send(api, b"")):
        assert (answer.status_code, answer.json()) == (400, {"file": ["is missing"]})


def test_two_files_at_once_are_refused(api):
    answer = api.post(IN, {"file": [BytesIO(GOOD), BytesIO(OTHER)]}, format="multipart")
    assert answer.status_code == 400


def test_a_body_of_another_kind_is_415(api):
    answer = api.post(IN, {"content": "Rain."}, format="json")
    assert (answer.status_code, list(answer.json())) == (415, ["detail"])


@pytest.mark.parametrize("name", ["../../etc/x.md", ".hidden.md", "x" * 240 + ".md", "Größe.md"])
def test_an_odd_file_name_leads_nowhere(api, user, name):
    assert upload(api, b"Rain.", name).json()["created"] == 1
    assert "/" not in Memory.objects.get(user=user).external_id


def test_a_note_without_a_time_keeps_the_one_it_got_when_it_is_sent_again(api, user):
    upload(api, b"Rain.", "a.md")
    first = Memory.objects.get(user=user).occurred_at
    assert upload(api, b"Rain.", "a.md").json()["unchanged"] == 1
    assert Memory.objects.get(user=user).occurred_at == first


def test_what_was_erased_is_not_brought_back(api, user):
    Tombstone.objects.create(user=user, source="note", external_id="1")
    told = upload(api, GOOD + OTHER).json()
    assert (told["created"], told["erased"]) == (1, 1)


def test_an_upload_is_the_persons_own(api, user, other_user):
    MemoryFactory(user=other_user, external_id="1", content="Theirs.")
    assert upload(api, GOOD).json()["created"] == 1
    assert Memory.objects.get(user=other_user).content == "Theirs."


def test_nothing_of_an_upload_is_left_on_the_disk(api, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    upload(api, GOOD * 40_000)
    assert list(tmp_path.iterdir()) == []


def test_a_session_needs_its_token_to_upload(user):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    assert upload(client, GOOD).status_code == 403


def test_while_many_bring_in_files_the_next_is_asked_to_wait(api, monkeypatch):
    monkeypatch.setattr(exchange, "AT_ONCE", BoundedSemaphore(1))
    with exchange.AT_ONCE:
        answer = upload(api, GOOD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert upload(api, b"{").status_code == 400
    assert upload(api, GOOD).status_code == 200


def test_an_export_read_back_doubles_nothing_beside_synced_mails(api, user):
    MemoryFactory(user=user, source="gmail", account="ana@post.example", external_id="m1")
    MemoryFactory(user=user)
    answer = upload(api, api.get(OUT).getvalue())
    assert (answer.json()["created"], answer.json()["unchanged"]) == (0, 2)
