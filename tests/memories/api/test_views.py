"""Memories over REST: stored at once, wrong input named by field, edited, erased, listed page by page."""

import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from memories.models import Memory, Tombstone
from memories.services.store import store_drafts
from memories.wakeups import Breaker
from tests.factories import MemoryFactory, make_draft

PATH = "/api/v1/memories/"
SHOWN = {
    "id", "external_id", "source", "account", "title", "content", "author", "participants", "occurred_at", "occurred_on",
    "occurred_precision", "thread_id", "reply_to", "message_id", "in_reply_to", "metadata", "stage", "failed_stage",
    "entities", "created_at", "updated_at",
}  # fmt: skip


def post(api, **body):
    return api.post(PATH, json.dumps(body), content_type="application/json")


def list_ids(answer):
    return [row["external_id"] for row in answer.json()["results"]]


def test_a_post_stores_a_memory_and_answers_with_its_whole_shape(api, user):
    answer = post(
        api, content="Soup at the harbour.", occurred_at="2024-05-03", external_id="a", participants=[{"name": "Ana"}]
    )
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == SHOWN
    assert (body["stage"], body["entities"], body["external_id"], body["source"]) == ("stored", None, "a", "note")
    assert (body["occurred_on"], body["occurred_precision"]) == ("2024-05-03", "day")
    assert body["participants"] == [{"name": "Ana", "address": ""}]
    assert Memory.objects.get().user == user


def test_content_alone_is_enough_and_happened_now(api):
    body = post(api, content="Soup.").json()
    assert abs(datetime.fromisoformat(body["occurred_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert body["external_id"].startswith("sha256:")


def test_the_same_external_id_again_is_an_update(api):
    first = post(api, content="Soup.", external_id="a").json()
    again = post(api, content="Stew.", external_id="a")
    assert (again.status_code, again.json()["id"], again.json()["content"]) == (200, first["id"], "Stew.")


def test_what_the_server_decides_cannot_be_sent(api, other_user):
    said = {
        "id": 77,
        "user": other_user.pk,
        "stage": "enriched",
        "entities": [],
        "account": "x",
        "intake": "backfill",
        "attempts": 9,
    }
    post(api, content="Soup.", **said)
    row = Memory.objects.get()
    assert (row.user.username, row.stage, row.entities, row.account, row.intake, row.attempts) == (
        "ana",
        "stored",
        None,
        "",
        "live",
        0,
    )
    assert row.pk != 77


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "content", "is missing"),
        ({"content": None}, "content", "is missing"),
        ({"content": " \n"}, "content", "is blank"),
        ({"content": 7}, "content", "must be text, not a number"),
        ({"content": ["a"]}, "content", "must be text, not a list"),
        ({"content": "a\x00b"}, "content", "holds a NUL character"),
        ({"content": "a\ud800b"}, "content", "holds half of a surrogate pair"),
        ({"content": "a" * 5_000_000}, "content", "is longer than 1000000 characters"),
        ({"content": "a", "title": "\x00"}, "title", "holds a NUL character"),
        ({"content": "a", "title": "a" * 501}, "title", "is longer than 500 characters"),
        ({"content": "a", "occurred_at": "last Tuesday"}, "occurred_at", "no date that can be read"),
        ({"content": "a", "occurred_at": "2024-02-30"}, "occurred_at", "no date that can be read"),
        ({"content": "a", "occurred_at": 1714723200}, "occurred_at", "must be text, not a number"),
        ({"content": "a", "source": "Not a slug"}, "source", "must be 1 to 32 of a-z"),
        ({"content": "a", "participants": {"name": "Ana"}}, "participants", "must be a list, not an object"),
        ({"content": "a", "participants": ["Ana"]}, "participants", "number 1 must be {name, address}"),
        ({"content": "a", "metadata": []}, "metadata", "must be an object, not a list"),
        ({"content": "a", "metadata": {"k": "\ud800"}}, "metadata", "surrogate"),
        ({"content": "a", "metadata": {"k": 10**400}}, "metadata", "too large"),
        ({"content": "a", "external_id": {}}, "external_id", "must be text, not an object"),
    ],
    ids=str,
)
def test_what_cannot_be_stored_is_named_by_field_and_reason(api, body, field, reason):
    answer = post(api, **body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert reason in answer.json()[field][0]
    assert not Memory.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null", "true"])
def test_a_body_that_is_no_object_is_refused(api, body):
    answer = api.post(PATH, body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"detail": "The body must be a JSON object."})


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"content": "a"', '{"content": NaN}', "[" * 100_000, b"\xff\xfe", '{"content": ' + "1" * 5000 + "}"],
)
def test_a_body_that_is_no_json_is_refused_in_words(api, body):
    answer = api.post(PATH, body, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()) in (["detail"], ["content"])


def test_a_body_over_the_limit_is_refused_unread(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = post(api, content="a" * 1000)
    assert (answer.status_code, answer.json()) == (413, {"detail": "The body is too large."})


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_other_kinds_of_bodies_are_refused(api, kind):
    assert api.post(PATH, "content=a", content_type=kind).status_code == 415


def test_one_memory_is_read_with_its_entities_and_stage(api, user):
    memory = MemoryFactory(user=user, stage="related", entities=[{"key": "ana", "entity_id": 5}])
    body = api.get(f"{PATH}{memory.pk}/").json()
    assert set(body) == SHOWN
    assert (body["stage"], body["entities"]) == ("related", [{"key": "ana", "entity_id": 5}])


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"content": "Stew."}, "content", "Stew."),
        ({"title": "Lunch"}, "title", "Lunch"),
        ({"occurred_at": "2024-06"}, "occurred_precision", "month"),
        ({"occurred_at": "2024-06-09"}, "occurred_on", "2024-06-09"),
        ({"author": "Rui"}, "author", "Rui"),
        ({"participants": [{"name": "Rui"}]}, "participants", [{"name": "Rui", "address": ""}]),
        ({"metadata": {"weather": "rain"}}, "metadata", {"weather": "rain"}),
        ({"title": None}, "title", ""),
    ],
)
def test_an_edit_changes_one_thing_and_sends_the_memory_on_its_journey_again(api, user, said, field, value):
    memory = MemoryFactory(user=user, title="T", stage="enriched")
    answer = api.patch(f"{PATH}{memory.pk}/", said, format="json")
    assert (answer.status_code, answer.json()[field], answer.json()["stage"]) == (200, value, "stored")
    assert Memory.objects.get().revision == 2


@pytest.mark.parametrize(
    "said", [{}, {"content": "Walked along the river."}, {"stage": "failed", "id": 7, "external_id": "x"}]
)
def test_an_edit_of_nothing_leaves_the_memory_where_it_is(api, user, said):
    memory = MemoryFactory(user=user, stage="enriched", external_id="a")
    answer = api.patch(f"{PATH}{memory.pk}/", said, format="json")
    assert (answer.json()["stage"], answer.json()["external_id"]) == ("enriched", "a")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": None}, "content"),
        ({"title": "\x00"}, "title"),
        ({"occurred_at": ""}, "occurred_at"),
        ({"occurred_at": None}, "occurred_at"),
        ([], "detail"),
    ],
)
def test_an_edit_that_cannot_be_stored_is_named_by_field(api, user, said, field):
    memory = MemoryFactory(user=user)
    answer = api.patch(f"{PATH}{memory.pk}/", said, format="json")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_an_edit_of_what_is_being_erased_is_404(api, user, monkeypatch):
    memory = MemoryFactory(user=user)

    def erase_meanwhile(*_, **__):
        Memory.objects.all().delete()
        return {"content": "Stew."}

    monkeypatch.setattr("memories.api.views.read_changes", erase_meanwhile)
    assert api.patch(f"{PATH}{memory.pk}/", {"content": "Stew."}, format="json").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_post_is_answered_at_once_while_redis_is_stopped(api, settings, monkeypatch):
    monkeypatch.setattr("memories.wakeups.BREAKER", Breaker())
    with socket.create_server(("127.0.0.1", 0)) as stopped:
        settings.REDIS_URL = f"redis://127.0.0.1:{stopped.getsockname()[1]}/0"
        begun = time.monotonic()
        assert post(api, content="Soup.").status_code == 201
        assert time.monotonic() - begun < 1


def test_a_deleted_memory_is_gone_and_leaves_its_key(api, user):
    memory = MemoryFactory(user=user, external_id="a")
    assert api.delete(f"{PATH}{memory.pk}/").status_code == 204
    assert api.get(f"{PATH}{memory.pk}/").status_code == 404
    assert api.delete(f"{PATH}{memory.pk}/").status_code == 404
    assert Tombstone.objects.get().external_id == "a"


def test_an_erased_memory_comes_back_only_when_it_is_posted_again(api, user):
    draft = make_draft("Soup.", external_id="a")
    first = post(api, content="Soup.", external_id="a").json()
    api.delete(f"{PATH}{first['id']}/")
    assert store_drafts(user=user, drafts=[draft], origin="import:1") == ["erased"]
    assert post(api, content="Soup.", external_id="a").status_code == 201
    assert store_drafts(user=user, drafts=[draft], origin="import:1") == ["unchanged"]


@pytest.mark.parametrize("pk", [0, 2**63, 10**40])
def test_an_id_that_no_memory_can_have_is_404(api, pk):
    assert {getattr(api, method)(f"{PATH}{pk}/").status_code for method in ("get", "patch", "delete")} == {404}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c", "b", "a"]), ("source=gmail", ["b"]), ("since=2024-05-02", ["c", "b"]), ("until=2024-05-02", ["b", "a"]),
        ("q=boat", ["c", "a"]), ("entity=ana", ["b"]), ("entity=17", ["b"]), ("source=none", []), ("limit=1", ["c"]),
        ("limit=0", ["c", "b", "a"]), ("limit=many", ["c", "b", "a"]), ("source=%00", []), ("entity=%00", []), ("q=%00", []),
    ],
)  # fmt: skip
def test_the_list_is_filtered_by_its_parameters(api, user, query, found):
    for key, text in (("a", "A boat."), ("b", "A lunch."), ("c", "Two boats.")):
        MemoryFactory(
            user=user, external_id=key, content=text, occurred_at=datetime(2024, 5, ord(key) - 96, 12, tzinfo=UTC)
        )
    Memory.objects.filter(external_id="b").update(source="gmail", entities=[{"key": "ana", "entity_id": 17}])
    assert list_ids(api.get(f"{PATH}?{query}")) == found


@pytest.mark.parametrize("field", ["since", "until"])
def test_a_day_that_cannot_be_read_is_named(api, field):
    answer = api.get(f"{PATH}?{field}=soon")
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("q=%20", "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=x", "limit"),
        ("q=a&limit=" + "9" * 5000, "limit"),
    ],
)
def test_a_search_that_cannot_be_answered_is_named(api, query, field):
    answer = api.get(f"/api/v1/search/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_the_search_answers_with_memories_and_scores(api, user):
    MemoryFactory(user=user, external_id="a", content="The boat.")
    MemoryFactory(user=user, external_id="b", content="The boat and the boat.")
    [first] = api.get("/api/v1/search/?q=boat&limit=1").json()["results"]
    assert set(first) == {"memory", "score"}
    assert set(first["memory"]) == {"id", "external_id", "title", "snippet", "occurred_at", "source"}


def test_an_answer_is_nobodys_to_keep_and_json_whatever_the_client_accepts(user):
    client = APIClient()
    client.force_authenticate(user)
    answer = client.get(PATH, HTTP_ACCEPT="text/html,*/*;q=0.8")
    assert (answer.headers["Cache-Control"], answer.headers["Content-Type"]) == ("no-store", "application/json")
