"""Served: what a person says of an entity over REST wins, is settled at once, and can be taken back exactly."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from graph.models import Entity, EntityEvent, Leaf, Tie, Work
from graph.services import decide
from memories.models import Memory
from tests.factories.graph import find_entity, list_entities, list_ties


def call(api, method, entity, *, path="", **body):
    return getattr(api, method)(f"/api/v1/graph/entities/{entity.pk}/{path}", body or None, format="json")


def state(user):
    aliases = list(Entity.objects.filter(user=user).order_by("pk").values_list("pk", "aliases"))
    return list_entities(user), list_ties(user), aliases, list(Memory.objects.order_by("pk").values_list("entities"))


@pytest.fixture
def rui(user, life):
    return find_entity(user, "Rui Costa")


@pytest.fixture
def ana(user, life):
    return find_entity(user, "Ana Silva")


def test_an_entity_says_by_which_names_it_goes(api, user, life, ana):
    told = call(api, "get", ana).json()
    assert told["names"] == [{"id": ana.pk, "kind": "person", "name": "Ana Silva", "memories": 2}]
    assert (told["hidden"], told["id"]) == (False, ana.pk)
    assert "merged_into" not in told


def test_a_name_that_is_given_is_shown_everywhere_and_an_empty_one_takes_it_back(api, user, ana):
    before = state(user)
    told = call(api, "patch", ana, name="Aninhas").json()
    assert (told["name"], told["aliases"]) == ("Aninhas", ["Ana Silva"])
    assert find_entity(user, "Aninhas").pk == ana.pk
    assert call(api, "patch", ana, name="").json()["name"] == "Ana Silva"
    assert state(user) == before


def test_a_kind_and_hiding_are_said_in_one_call(api, user, ana):
    told = call(api, "patch", ana, kind="organisation", hidden=True).json()
    assert (told["kind"], told["hidden"]) == ("organisation", True)
    assert ana.pk not in [row["id"] for row in api.get("/api/v1/graph/entities/").json()["results"]]
    assert call(api, "patch", ana, hidden=False).json()["hidden"] is False


def test_a_change_asks_for_new_places_and_new_layers(api, user, ana):
    Work.objects.all().delete()
    call(api, "patch", ana, name="Aninhas")
    assert set(Work.objects.values_list("kind", flat=True)) == {"layout", "layers"}


def test_two_become_one_and_a_split_gives_back_exactly_what_was(api, user, ana, rui):
    before = state(user)
    merged = call(api, "post", ana, path="merge/", other=rui.pk).json()
    assert (merged["memories"], len(merged["names"])) == (4, 2)
    gone = ana if merged["id"] == rui.pk else rui
    assert call(api, "get", gone).json()["merged_into"] == merged["id"]
    assert not Tie.objects.filter(user=user, a__in=[gone.pk]).exists()
    parted = call(api, "post", gone, path="split/", leaf=gone.pk).json()
    assert {parted["rest"]["id"], parted["split"]["id"]} == {ana.pk, rui.pk}
    assert parted["split"]["id"] == gone.pk
    assert state(user) == before


def test_a_split_may_take_out_the_name_that_the_rest_goes_by(api, user, ana, rui):
    merged = call(api, "post", ana, path="merge/", other=rui.pk).json()
    parted = api.post(f"/api/v1/graph/entities/{merged['id']}/split/", {"leaf": merged["id"]}, format="json").json()
    assert parted["split"]["id"] == merged["id"]
    assert {parted["rest"]["id"], parted["split"]["id"]} == {ana.pk, rui.pk}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"kind": "animal"}, "kind"),
        ("", {"name": "x" * 256}, "name"),
        ("", {"importance": 1}, "importance"),
        ("", {}, "detail"),
        ("merge/", {}, "other"),
        ("merge/", {"other": "Rui"}, "other"),
        ("merge/", {"other": 10**12}, "other"),
        ("split/", {"leaf": 10**12}, "leaf"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(api, user, ana, path, body, field):
    answer = call(api, "post" if path else "patch", ana, path=path, **body)
    assert answer.status_code == 400
    assert field in answer.json()
    assert not EntityEvent.objects.exists()


def test_an_entity_is_not_merged_with_itself_and_its_only_name_stays(api, ana):
    merge, split = (
        call(api, "post", ana, path="merge/", other=ana.pk),
        call(api, "post", ana, path="split/", leaf=ana.pk),
    )
    assert merge.json() == {"other": ["Ana Silva is the entity itself."]}
    assert split.json() == {"leaf": ["Ana Silva has no other name to be parted from."]}


def test_nobody_merges_with_or_splits_what_is_another_persons(api, other_user, ana):
    theirs = Leaf.objects.create(user=other_user, kind="person", key="ana silva")
    Entity.objects.create(id=theirs.pk, user=other_user, kind="person", name="Ana Silva", memories=1)
    assert call(api, "post", ana, path="merge/", other=theirs.pk).json() == {
        "other": [f"There is no entity {theirs.pk}."]
    }
    assert call(api, "post", ana, path="split/", leaf=theirs.pk).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_while_a_worker_keeps_the_graph_for_long_the_person_is_asked_to_try_again(api, user, ana, monkeypatch):
    monkeypatch.setattr(decide, "PATIENCE_MS", 50)
    with psycopg.connect(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"]) as worker:
        worker.execute("SELECT pg_advisory_xact_lock(hashtext('graph'), %s)", [user.pk])
        answer = call(api, "patch", ana, name="Aninhas")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "being worked on" in answer.json()["detail"]
    assert call(api, "patch", ana, name="Aninhas").status_code == 200
