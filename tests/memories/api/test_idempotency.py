"""`Idempotency-Key`: however often a POST arrives, one memory is made."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from rest_framework.test import APIClient

from memories.models import IdempotencyKey, Memory
from tests.factories import MemoryFactory

PATH = "/api/v1/memories/"
BODY = {"content": "Soup at the harbour."}


def post(client, body=BODY, key="k1"):
    return client.post(PATH, body, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_the_same_key_and_body_get_the_same_answer_and_one_memory(api):
    first, again = post(api), post(api)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Memory.objects.count() == 1


def test_the_order_of_a_bodys_fields_makes_no_difference(api):
    body = {"title": "Soup", "content": "Hot."}
    assert post(api, body).json()["id"] == post(api, dict(reversed(body.items()))).json()["id"]


def test_the_same_key_with_another_body_is_a_conflict(api):
    post(api)
    answer = post(api, {"content": "Stew."})
    assert (answer.status_code, answer.json()) == (409, {"detail": "This Idempotency-Key was used for another body."})
    assert Memory.objects.get().content == BODY["content"]


def test_two_people_may_use_the_same_key(api, other_user):
    other = APIClient()
    other.force_authenticate(other_user)
    assert post(api).json()["id"] != post(other, {"content": "Stew."}).json()["id"]


def test_a_refused_body_does_not_use_up_its_key(api):
    assert post(api, {"content": ""}).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert post(api).status_code == 201


def test_a_late_repetition_does_not_bring_back_what_was_erased(api):
    api.delete(f"{PATH}{post(api).json()['id']}/")
    answer = post(api)
    assert answer.status_code == 409
    assert "was erased" in answer.json()["detail"]
    assert not Memory.objects.exists()
    assert post(api, key="k2").status_code == 201


@pytest.mark.parametrize(("key", "code"), [("k" * 255, 201), ("k" * 256, 400), ("a\x00b", 400)])
def test_a_key_has_at_most_255_characters(api, key, code):
    answer = post(api, key=key)
    assert answer.status_code == code
    assert code == 201 or list(answer.json()) == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [BODY, BODY | {"external_id": "a"}], ids=["content alone", "external_id"])
def test_two_posts_at_once_make_one_memory(user, body):
    barrier = Barrier(4, timeout=20)

    def send(_):
        client = APIClient()
        client.force_authenticate(user)
        barrier.wait()
        try:
            return post(client, body).json()["id"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(send, range(4)))
    assert ids == {Memory.objects.get().pk}


def test_the_key_keeps_nothing_of_the_body(api):
    MemoryFactory(user__username="somebody")
    post(api)
    row = IdempotencyKey.objects.get()
    assert len(row.body_hash) == 64
    assert "Soup" not in f"{row.key}{row.body_hash}"
