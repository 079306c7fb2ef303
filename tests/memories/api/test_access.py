"""Who may see what, for every address of the API: nothing for strangers, nothing of anybody else's."""

import re

import pytest
from rest_framework.test import APIClient

from graph.models import Entity, Leaf, Relationship, Suspicion, Tie
from integrations.models import Connection, JobFailure, SyncRun
from memories.models import Memory, User
from tests.factories import MemoryFactory, UserFactory
from tests.factories.graph import find_all, relate_now, write
from tests.factories.urls import METHODS, list_endpoints, list_operations

OPEN = {"auth/token/"}
SECRET = "Quillfeather"
OF_ONE = [(route, method) for route, method in list_operations() if "<" in route]
OF_MANY = [route for route, method in list_operations() if "<" not in route and method == "get"]


def make_connection(owner):
    return Connection.objects.create(user=owner, provider="gmail", nango_id=SECRET, account=SECRET)


# What an id in a route names; a route that is not here makes its tests fail until it is.
OBJECTS = {
    "memories/<int:pk>/": Memory,
    "graph/entities/": Entity,
    "graph/ties/": Tie,
    "graph/relationships/": Relationship,
    "integrations/connections/": Connection,
    "integrations/runs/": SyncRun,
}


@pytest.fixture(scope="module")
def somebody_else(standing):
    """A whole life of somebody else's: a row of every table that an address shows."""
    other_user = UserFactory(username="bruno")
    memories = [write(other_user, f"Ambrosine {SECRET}", "Tomas Kowal", title=SECRET) for _ in range(2)]
    relate_now(*memories)
    find_all(Relationship.objects.get(user=other_user))
    Relationship.objects.create(
        user=other_user, source_event=memories[0], target_event=memories[1], relationship_type="test",
        confidence_score=1, detection_method="test", reasoning=SECRET,
    )  # fmt: skip
    Suspicion.objects.create(
        user=other_user, kind="paid_twice", memory_ids=[memories[0].pk], evidence={"days_apart": 1}
    )
    connection = make_connection(other_user)
    SyncRun.objects.create(user=other_user, connection=connection)
    JobFailure.objects.create(user=other_user, unit="memory:1", first_due=memories[0].created_at, error=SECRET)
    return other_user.pk


@pytest.fixture
def theirs(db, somebody_else):
    return User.objects.get(pk=somebody_else)


def find_id(route, owner):
    model = next(model for start, model in OBJECTS.items() if route.startswith(start))
    return model.objects.filter(user=owner).order_by("pk").values_list("pk", flat=True)[0]


def fill(route, owner):
    """The address of somebody's object; a tie is also found by its two entities."""
    if "<int:a>-<int:b>" in route:
        tie = Tie.objects.filter(user=owner).order_by("pk")[0]
        return route.replace("<int:a>-<int:b>", f"{tie.b_id}-{tie.a_id}")
    return route.replace("<int:pk>", str(find_id(route, owner)))


def call(client, method, path):
    return getattr(client, method)(
        f"/api/v1/{path}",
        {"content": "Mine now."} if method != "get" else None,
        format="json" if method != "get" else None,
    )


@pytest.mark.parametrize(("route", "method"), OF_ONE)
def test_another_persons_object_is_as_absent_as_one_that_never_was(api, theirs, route, method):
    answer = call(api, method, fill(route, theirs))
    assert answer.status_code == 404
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize(("route", "method"), [pair for pair in OF_ONE if pair[1] == "get"])
def test_their_owner_sees_the_same_objects(theirs, route, method):
    owner = APIClient()
    owner.force_authenticate(theirs)
    assert call(owner, method, fill(route, theirs)).status_code == 200


@pytest.mark.parametrize("route", OF_MANY)
@pytest.mark.parametrize("query", ["", f"q={SECRET}", f"entity={SECRET.lower()}", "view=memories", "limit=500"])
def test_no_list_shows_anything_of_anybody_elses(api, theirs, route, query):
    answer = api.get(f"/api/v1/{route}?{query}")
    assert answer.status_code in (200, 400)
    told = answer.getvalue().decode().lower()
    assert "ambrosine" not in told
    if answer.status_code == 400:
        told = told.replace(f"'{SECRET.lower()}'", "")  # the question itself
    assert SECRET.lower() not in told


def test_nothing_that_a_person_can_call_changed_anything_of_anybody_elses(api, theirs):
    def count():
        return [
            model.objects.filter(user=theirs).count()
            for model in (Memory, Entity, Leaf, Tie, Relationship, Connection, SyncRun)
        ]

    before, contents = count(), set(Memory.objects.filter(user=theirs).values_list("content", "revision"))
    for route, method in OF_ONE:
        call(api, method, fill(route, theirs))
    assert count() == before
    assert set(Memory.objects.filter(user=theirs).values_list("content", "revision")) == contents


@pytest.mark.parametrize(("route", "method"), [pair for pair in list_operations() if pair[0] not in OPEN])
def test_a_stranger_is_told_to_come_in_first(db, route, method):
    memory = MemoryFactory()
    answer = call(APIClient(), method, re.sub("<int:[a-z]+>", str(memory.pk), route))
    assert answer.status_code in (401, 403)
    assert list(answer.json()) == ["detail"]


@pytest.mark.parametrize(("route", "view"), list_endpoints())
def test_a_method_that_an_address_does_not_know_is_405(api, user, route, view):
    path = re.sub("<int:[a-z]+>", str(MemoryFactory(user=user).pk), route)
    unknown = [method for method in METHODS if not hasattr(view, method)]
    assert {call(api, method, path).status_code for method in unknown} == {405}


@pytest.mark.parametrize("route", ["graph/series/", "graph/suspicions/"])
def test_what_layers_found_is_seen_by_its_owner_alone(api, theirs, route):
    owner = APIClient()
    owner.force_authenticate(theirs)
    assert len(call(owner, "get", route).json()["results"]) == 1
    assert call(api, "get", route).json()["results"] == []


def test_every_address_is_in_the_matrix():
    assert len(list_endpoints()) >= 20
    assert {route for route, _ in OF_ONE} >= {
        "memories/<int:pk>/",
        "graph/ties/<int:pk>/why/",
        "graph/relationships/<int:pk>/why/",
    }
    assert all(view is not None for _, view in list_endpoints())
