"""Served: a version holds until what is drawn changes, for the client, for this process and for the changes feed alike."""

import gzip
import json
from datetime import timedelta

import brotli
import pytest
from rest_framework.test import APIClient

from graph.models import Relationship, Tie
from graph.selectors import FIRST_SLICE
from graph.serve import Served, clear_entries, serve_graph
from graph.services.bodies import store_bodies
from graph.services.refresh import refresh_view
from memories.compression import choose_encoding, expand_zstd
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories import MemoryFactory
from tests.factories.graph import FIRST_DAY, find_entity, relate_now, write

pytestmark = pytest.mark.django_db(transaction=True)  # a version is a snapshot: what is not committed is always news
LATER = FIRST_DAY + timedelta(days=2)
VIEWS = ("entities", "memories")


def ask(api, known="", **params):
    return api.get("/api/v1/graph/", params, headers={"If-None-Match": known} if known else {})


def etag(api, **params):
    return ask(api, **params).headers["ETag"]


def test_the_version_holds_while_nothing_changes(api, life):
    before = {view: etag(api, view=view) for view in VIEWS}
    relate_now(*life)
    Memory.objects.update(attempts=1, stage="enriched")
    refresh_view()
    store_bodies(user_id=life[0].user_id)
    assert {ask(api, before[view], view=view).status_code for view in VIEWS} == {304}


CHANGES = {
    "tie": ("entities", lambda user: Tie.objects.filter(user=user).update(layers=2)),
    "relationship": ("memories", lambda user: Relationship.objects.filter(user=user).update(confidence_score=0.5)),
    "name": ("both", lambda user: relate_now(write(user, "Ana Silva", "Zita Alves"))),
    "erase": ("both", lambda user: erase_memories(user=user, memory_ids=[Memory.objects.first().pk])),
    "memory": ("memories", lambda user: MemoryFactory(user=user)),
    "title": ("memories", lambda user: Memory.objects.filter(user=user).update(title="Another")),
    "delete": ("memories", lambda user: Memory.objects.filter(user=user).delete()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_version_ends_with_whatever_is_drawn_and_with_nothing_else(api, life, user, change):
    before = {view: etag(api, view=view) for view in VIEWS}
    concerned, work = CHANGES[change]
    work(user)
    for view in VIEWS:
        assert ask(api, before[view], view=view).status_code == (200 if concerned in (view, "both") else 304), view


def test_another_persons_changes_do_not_end_the_version(api, life, other_user):
    before = etag(api)
    relate_now(write(other_user, "Ana Silva", "@Porto"))
    assert ask(api, before).status_code == 304


def test_another_persons_version_is_nobody_elses(api, life, other_user):
    """A browser may ask with the version of whoever sat there before, and would show their graph on a 304."""
    theirs = APIClient()
    theirs.force_authenticate(other_user)
    tag = etag(api)
    assert ask(theirs, tag).json()["nodes"]["id"] == []
    assert theirs.get("/api/v1/graph/changes/", {"since": tag.removeprefix("W/").strip('"')}).status_code == 410


def test_who_knows_the_version_gets_304_and_no_body(api, life):
    tag = etag(api)
    for known in (tag, tag.removeprefix("W/"), f'"old", {tag}', f'W/"old", {tag}'):
        response = ask(api, known)
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", tag), known
        assert response.headers["Server-Timing"].startswith('queries;desc="1"')


def test_who_knows_another_version_gets_the_graph(api, life):
    for known in ("nonsense", '"1.2.3.e"', '"', "W/", '"0-1:1:"', '"-"', '"x-5:3:"', '"é"', '"x-1:1:1"'):
        assert ask(api, known).status_code == 200, known


def test_the_answer_to_one_question_is_not_that_to_another(api, life, user):
    questions = ({}, {"view": "memories"}, {"limit": 2}, {"edges": 1}, {"as_of": "2024-05-04"}, {"as": "drawing"})
    questions += ({"focus": find_entity(user, "Porto").pk}, {"limit": 2, "view": "memories"})
    for _ in range(2):
        assert len({ask(api, **question).content for question in questions}) == len(questions)


def test_what_this_process_has_sent_it_sends_again_until_something_changes(user, life):
    def serve():
        return serve_graph(user_id=user.pk, question=FIRST_SLICE, known=[], encoding="zstd")

    first = serve()
    assert serve() == Served(first.version, first.content, first.age)
    Tie.objects.filter(user=user).update(weight=0.25)
    after = serve()
    assert set(json.loads(expand_zstd(after.content))["edges"]["weight"]) == {0.25}


def test_the_body_is_packed_as_the_client_takes_it_kept_or_not(api, life, user):
    plain = ask(api).json()
    for encoding in ("zstd", "br", "gzip", "identity") * 2:
        response = api.get("/api/v1/graph/", headers={"Accept-Encoding": encoding})
        assert response.headers.get("Content-Encoding", "identity") == encoding
        assert "Accept-Encoding" in response.headers["Vary"]
        assert unpack(response)["nodes"] == plain["nodes"]
        clear_entries()
        store_bodies(user_id=user.pk)


def unpack(response):

    ways = {"zstd": expand_zstd, "br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
    return json.loads(ways[choose_encoding(response.headers.get("Content-Encoding", ""))](response.content))
