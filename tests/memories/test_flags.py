"""Switches for work and flags for people: stable, fresh within five seconds, never asking Redis."""

import socket
import time
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.cache import caches
from waffle import flag_is_active, get_waffle_switch_model

from memories.flags import is_switch_on
from memories.models import Flag, User
from tests.factories import MemoryFactory, UserFactory

NAME = "serve_precomputed_graph"
SWITCHES = ("extract_new_memories", "relate_memories", "enrich_relationships", "refresh_view")
PATHS = ("memories/", "search/?q=river", "dashboard/", "narrative/", "graph/", "graph/?view=memories")


@pytest.fixture(autouse=True)
def no_rows(db):
    """Each test makes the rows it speaks of; without one the settings decide."""
    Flag.objects.all().delete()
    get_waffle_switch_model().objects.all().delete()


@pytest.fixture
def people(db):
    User.objects.bulk_create(UserFactory.build_batch(300))
    return list(User.objects.all())


def is_on_for(flag, user, rf):
    request = rf.get("/")
    request.user = user
    return flag.is_active(request)


def list_active(people, percent, rf):
    flag, _ = Flag.objects.update_or_create(name=NAME, defaults={"percent": percent})
    return {person.pk for person in people if is_on_for(flag, person, rf)}


def test_a_percent_flag_gives_each_person_the_same_answer_each_time(people, rf):
    assert list_active(people, 50, rf) == list_active(people, 50, rf)


def test_raising_the_percent_only_adds_people(people, rf):
    shares = [list_active(people, percent, rf) for percent in (0, 5, 20, 50, 80, 99.9)]
    assert all(fewer <= more for fewer, more in pairwise(shares))
    assert not shares[0]
    assert 110 < len(shares[3]) < 190


def test_another_flag_draws_other_people(people, rf):
    other = Flag.objects.create(name="another", percent=50)
    assert {person.pk for person in people if is_on_for(other, person, rf)} != list_active(people, 50, rf)


def test_the_percent_sets_no_cookie_and_needs_no_request(people, rf):
    flag = Flag.objects.create(name=NAME, percent=50)
    request = rf.get("/")
    for request.user in people[:40]:
        assert bool(flag.is_active(request)) == bool(flag.is_active_for_user(request.user))
    assert not hasattr(request, "waffles")
    assert flag.percent == 50


@pytest.mark.parametrize(("everyone", "active"), [(True, True), (False, False)])
def test_for_everyone_or_nobody_wins_over_the_percent(people, rf, everyone, active):
    flag = Flag.objects.create(name=NAME, everyone=everyone, percent=50)
    assert {bool(is_on_for(flag, person, rf)) for person in people} == {active}
    assert {bool(flag.is_active_for_user(person)) for person in people} == {active}


def test_a_flag_can_be_on_for_one_person_or_group(user, other_user, rf):
    flag = Flag.objects.create(name=NAME, percent=0)
    flag.users.add(user)
    assert (is_on_for(flag, user, rf), is_on_for(flag, other_user, rf)) == (True, False)
    group = Group.objects.create(name="early")
    other_user.groups.add(group)
    flag.groups.add(group)
    caches["flags"].clear()
    assert is_on_for(flag, other_user, rf)


def test_a_stranger_has_no_share(db, rf):
    assert not is_on_for(Flag.objects.create(name=NAME, percent=99.9), AnonymousUser(), rf)


def test_a_switch_costs_one_query_and_then_none(db, django_assert_num_queries):
    get_waffle_switch_model().objects.create(name="sync_gmail", active=False)
    caches["flags"].clear()
    with django_assert_num_queries(1):
        assert [is_switch_on("sync_gmail") for _ in range(5)] == [False] * 5


def test_a_switch_that_another_process_turned_is_seen_within_five_seconds(db, monkeypatch):
    switches = get_waffle_switch_model().objects
    switches.create(name="sync_gmail", active=False)
    assert not is_switch_on("sync_gmail")
    switches.filter(name="sync_gmail").update(active=True)  # as another process would: our cache is not told
    assert not is_switch_on("sync_gmail")
    later = time.time() + 5.1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)
    assert is_switch_on("sync_gmail")


def test_flags_are_read_while_redis_is_stopped(user, rf, settings):
    with socket.create_server(("127.0.0.1", 0)) as stopped:
        settings.REDIS_URL = f"redis://127.0.0.1:{stopped.getsockname()[1]}/0"
        request = rf.get("/")
        request.user = user
        assert flag_is_active(request, NAME)
        assert is_switch_on("relate_memories")
    assert "locmem" in settings.CACHES["flags"]["BACKEND"]


@pytest.fixture
def all_off(db):
    switches = get_waffle_switch_model().objects
    for name in SWITCHES:
        switches.update_or_create(name=name, defaults={"active": False})
    Flag.objects.update_or_create(name=NAME, defaults={"everyone": False})
    caches["flags"].clear()


@pytest.mark.parametrize("path", PATHS)
def test_with_everything_off_what_a_person_sees_still_works(all_off, user, api, path):
    mention = {
        "key": "lisbon",
        "text": "Lisbon",
        "kind": "place",
        "field": "content",
        "start": 0,
        "end": 6,
        "entity_id": None,
    }
    MemoryFactory.create_batch(2, user=user, content="Lisbon by the river", entities=[mention])
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200
    assert b"isbon" in response.content


def test_with_everything_off_a_memory_is_still_stored(all_off, api):
    assert api.post("/api/v1/memories/", {"content": "Soup."}, format="json").status_code == 201


def test_the_small_graph_is_one_query(all_off, user, api, django_assert_num_queries):
    mentions = [
        {"key": key, "text": key.title(), "kind": "person", "field": "content", "start": 0, "end": 3, "entity_id": None}
        for key in ("ana", "rui")
    ]
    MemoryFactory.create_batch(60, user=user, entities=mentions)
    api.get("/api/v1/graph/")  # warms the flags
    with django_assert_num_queries(1):
        graph = api.get("/api/v1/graph/").json()
    assert (graph["nodes"]["label"], graph["nodes"]["memories"]) == (["Ana", "Rui"], [50, 50])
    assert graph["edges"]["weight"] == [50]
