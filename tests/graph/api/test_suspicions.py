"""Served: what a person should look at, each with its reason."""

from datetime import timedelta

import pytest

from graph.models import Suspicion
from graph.services.layers import renew_all_layers
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, relate_now, write

PATH = "/api/v1/graph/suspicions/"
SHOP = [{"name": "Corner Shop", "address": "billing@cornershop.example"}]


@pytest.fixture
def charged(user):
    """The same sum from the same sender twice, under different references; all layers have passed."""
    rows = [
        write(
            user,
            content=f"Your card was charged £49.90, order INV-10{n}7.",
            day=FIRST_DAY + timedelta(days=n),
            source="gmail",
            author="Corner Shop",
            participants=SHOP,
        )
        for n in range(2)
    ]
    relate_now(*rows)
    renew_all_layers(user_id=user.pk)
    return rows


def get(api):
    response = api.get(PATH)
    assert response.status_code == 200
    return response.json()["results"]


def test_a_suspicion_names_its_reason_and_its_memories(api, user, charged):
    (row,) = get(api)
    assert set(row) == {"id", "kind", "why", "memories", "found_at"}
    assert (row["kind"], row["memories"]) == ("paid_twice", [memory.pk for memory in charged])
    assert row["why"] == (
        "The same payee and the same sum, 1 day apart, under different references: perhaps it was charged twice."
    )


@pytest.mark.parametrize(
    ("kind", "evidence", "words"),
    [
        ("lookalike_domain", {"known": 7, "times": 1}, "one letter away from one that 7 memories came from"),
        ("new_account", {"known": 1}, "A bank account that this sender has not named before"),
        ("new_address", {"known": 4}, "A name known from 4 memories writes from an address that is new"),
    ],
)
def test_every_kind_has_its_sentence(api, user, kind, evidence, words):
    Suspicion.objects.create(user=user, kind=kind, memory_ids=[], evidence=evidence)
    assert words in get(api)[0]["why"]


def test_a_second_pass_shows_it_once_and_as_found_before(api, user, charged):
    before = get(api)
    renew_all_layers(user_id=user.pk)
    assert get(api) == before


def test_a_suspicion_goes_with_any_of_its_memories(api, user, charged):
    erase_memories(user=user, memory_ids=[charged[0].pk])
    assert get(api) == []


def test_what_no_longer_looks_wrong_is_no_longer_listed(api, user, charged):
    type(charged[1]).objects.filter(pk=charged[1].pk).update(content="Your card was charged £12.00, order INV-1017.")
    renew_all_layers(user_id=user.pk)
    assert get(api) == []


def test_the_dashboard_counts_them(api, user, charged):
    assert api.get("/api/v1/dashboard/").json()["suspicions"] == 1


def test_somebody_elses_are_not_shown(api, other_user):
    Suspicion.objects.create(user=other_user, kind="new_account", memory_ids=[], evidence={"known": 1})
    assert get(api) == []
    assert api.get("/api/v1/dashboard/").json()["suspicions"] == 0
