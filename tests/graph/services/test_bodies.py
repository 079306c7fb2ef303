"""What is kept of the graph is what would be made, and it is served only while it is."""

import json

import pytest

from graph.models import Body, Tie
from graph.selectors import KEPT, GraphQuestion, read_graph
from graph.services.bodies import store_bodies
from memories.compression import compress_body, expand_zstd
from tests.factories.graph import relate_now, write

pytestmark = pytest.mark.django_db(transaction=True)  # a version is a snapshot: what is not committed is always news


@pytest.fixture
def life(user):
    relate_now(write(user, "Ana Silva", "@Porto"), write(user, "Ana Silva", "@Braga"))
    return user


@pytest.mark.parametrize("question", KEPT, ids=lambda question: question.shape)
def test_the_kept_body_is_the_one_that_is_made(life, question):
    made = read_graph(user_id=life.pk, question=question)
    store_bodies(user_id=life.pk)
    kept = read_graph(user_id=life.pk, question=question)
    assert kept.body is None
    without = [json.loads(text) | {"version": ""} for text in (made.body, expand_zstd(kept.packed))]
    assert without[0] == without[1]
    assert json.loads(expand_zstd(kept.packed))["version"] == kept.version


def test_a_kept_body_is_not_served_after_a_change(life):
    store_bodies(user_id=life.pk)
    Body.objects.filter(user=life).update(packed=compress_body(b"old", encoding="zstd"))
    Tie.objects.filter(user=life).update(weight=0.25)
    answer = read_graph(user_id=life.pk, question=GraphQuestion())
    assert answer.packed is None
    assert set(json.loads(answer.body)["edges"]["weight"]) == {0.25}


def test_what_still_holds_is_not_written_again(life):
    store_bodies(user_id=life.pk)
    before = set(Body.objects.values_list("pk", "version"))
    store_bodies(user_id=life.pk)
    assert set(Body.objects.values_list("pk", "version")) == before
    Tie.objects.filter(user=life).update(weight=0.25)
    store_bodies(user_id=life.pk)
    written = set(Body.objects.values_list("pk", "version")) - before
    assert len(written) == 3  # of the view of memories nothing changed


def test_a_body_of_another_life_of_the_database_is_not_served(life):
    store_bodies(user_id=life.pk)
    Body.objects.update(version="0-1:99999999:")
    assert read_graph(user_id=life.pk, question=GraphQuestion()).packed is None
