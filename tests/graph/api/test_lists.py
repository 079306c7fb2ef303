"""Served: entities, their neighbours and relationships as lists, each at a fixed number of statements."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from graph.models import EntityEvent, Leaf, Relationship, Tie
from graph.services.layout import lay_out
from graph.services.refresh import refresh_view
from memories.services.erase import erase_memories
from tests.factories import UserFactory
from tests.factories.graph import FIRST_DAY, find_all, find_entity, relate_now, write

LATER = FIRST_DAY + timedelta(days=2)
ENTITY = ["id", "name", "kind", "aliases", "memories", "importance", "community", "first_seen", "last_seen"]


@pytest.fixture
def life(user):
    memories = (
        write(user, "Ana Silva", "@Porto"),
        write(user, "Ana Silva", "Rui Costa", "@Porto", day=LATER),
        write(user, "Ana Silva", "&Chess Club", day=LATER),
        write(user, "Ana", "#once", day=LATER),
    )
    relate_now(*memories)
    lay_out(user_id=user.pk)
    return memories


def get(api, path, **params):
    response = api.get(f"/api/v1/graph/{path}", params)
    assert response.status_code == 200, response.content
    return response.json()


def names(api, **params):
    return [row["name"] for row in get(api, "entities/", **params)["results"]]


def test_entities_come_by_importance_with_all_that_is_known_of_them(api, user, life):
    rows = get(api, "entities/")["results"]
    assert [list(row) for row in rows] == [ENTITY] * 4
    assert rows[0] | {"community": 0} == {
        "id": find_entity(user, "Ana Silva").pk,
        "name": "Ana Silva",
        "kind": "person",
        "aliases": ["Ana"],
        "memories": 4,
        "importance": 1.0,
        "community": 0,
        "first_seen": "2024-05-03",
        "last_seen": "2024-05-05",
    }
    assert "once" not in names(api)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"kind": "place"}, ["Porto"]),
        ({"q": "SILVA"}, ["Ana Silva"]),
        ({"q": "nobody"}, []),
        ({"q": "100%"}, []),
        ({"ordering": "name"}, ["Ana Silva", "Chess Club", "Porto", "Rui Costa"]),
        ({"ordering": "-name"}, ["Rui Costa", "Porto", "Chess Club", "Ana Silva"]),
        ({"ordering": "-memories", "limit": 2}, ["Ana Silva", "Porto"]),
    ],
)
def test_entities_are_found_and_ordered_as_asked(api, life, params, found):
    assert names(api, **params) == found


@pytest.mark.parametrize(("field", "value"), [("kind", "animal"), ("ordering", "password"), ("ordering", "--name")])
def test_a_filter_that_makes_no_sense_is_answered_by_its_field(api, field, value):
    response = api.get("/api/v1/graph/entities/", {field: value})
    assert (response.status_code, list(response.json())) == (400, [field])


def test_pages_of_entities_hold_each_once(api, life):
    page, seen = get(api, "entities/", limit=1), []
    while page:
        seen += [row["name"] for row in page["results"]]
        page = api.get(page["next"]).json() if page["next"] else None
    assert sorted(seen) == ["Ana Silva", "Chess Club", "Porto", "Rui Costa"]


def test_the_id_of_a_merged_leaf_answers_with_the_entity_it_went_into(api, user, life):
    ana = find_entity(user, "Ana Silva").pk
    assert "merged_into" not in get(api, f"entities/{ana}/")
    merged = get(api, f"entities/{Leaf.objects.get(key='ana').pk}/")
    assert (merged["id"], merged["merged_into"], merged["name"]) == (ana, ana, "Ana Silva")


def test_an_entity_that_the_person_merged_answers_from_its_old_id(api, user, life):
    old = find_entity(user, "Rui Costa").pk
    leaves = {leaf.key: leaf for leaf in Leaf.objects.all()}
    EntityEvent.objects.create(user=user, action="merge", entity=leaves["rui costa"], other=leaves["ana silva"])
    relate_now(*life)
    assert get(api, f"entities/{old}/")["merged_into"] == find_entity(user, "Ana Silva").pk


@pytest.mark.parametrize("path", ["entities/{}/", "entities/{}/neighbours/"])
def test_somebody_elses_entity_is_not_found(api, other_user, path):
    relate_now(write(other_user, "Ana Silva", "@Porto"))
    for pk in (find_entity(other_user, "Porto").pk, 0, 2**63):
        assert api.get(f"/api/v1/graph/{path.format(pk)}").status_code == 404


def test_neighbours_come_by_strength_of_their_tie(api, user, life):
    rows = get(api, f"entities/{find_entity(user, 'Ana Silva').pk}/neighbours/")["results"]
    assert [row["entity"]["name"] for row in rows][:2] == ["Porto", "Chess Club"]
    assert [row["weight"] for row in rows] == sorted((row["weight"] for row in rows), reverse=True)
    assert rows[0] | {"tie": 0} == {
        "tie": 0,
        "memories": 2,
        "weight": 1.5,
        "first": "2024-05-03",
        "last": "2024-05-05",
        "layers": [],
        "entity": {"id": find_entity(user, "Porto").pk, "name": "Porto", "kind": "place"},
    }


def test_neighbours_name_the_layers_that_say_something_of_their_tie(api, user, life):
    ana, porto = find_entity(user, "Ana Silva").pk, find_entity(user, "Porto").pk
    Tie.objects.filter(user=user, a_id=min(ana, porto), b_id=max(ana, porto)).update(layers=0b10000010)
    assert get(api, f"entities/{ana}/neighbours/")["results"][0]["layers"] == ["temporal", "change"]


def test_neighbours_are_as_many_as_asked_for_and_none_is_hidden(api, user, life):
    path = f"entities/{find_entity(user, 'Ana Silva').pk}/neighbours/"
    assert len(get(api, path, limit=1)["results"]) == 1
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.get(key="porto"))
    relate_now(*life)
    assert "Porto" not in [row["entity"]["name"] for row in get(api, path)["results"]]
    assert list(api.get(f"/api/v1/graph/{path}", {"limit": "0"}).json()) == ["limit"]


@pytest.fixture
def person(transactional_db):
    """Somebody with four copies of a text, one of the three relationships with all layers, and a fresh view."""
    ana = UserFactory()
    rows = [write(ana, "Ana Silva", day=FIRST_DAY + timedelta(days=n)) for n in range(4)]
    relate_now(*rows)
    find_all(relationships(ana).order_by("pk").first())
    refresh_view()
    return ana


def relationships(user):
    return Relationship.objects.filter(user=user)


@pytest.fixture
def client_of(person):
    client = APIClient()
    client.force_authenticate(person)
    return client


def ids(client, **params):
    return [row["id"] for row in get(client, "relationships/", **params)["results"]]


def test_relationships_are_rows_of_the_view_with_all_its_columns(person, client_of):
    rows = get(client_of, "relationships/")["results"]
    assert [row["id"] for row in rows] == list(relationships(person).order_by("pk").values_list("pk", flat=True))
    assert len(rows[0]) == 40
    assert (rows[0]["user_id"], rows[0]["pattern_name"], rows[0]["layers"]) == (person.pk, "Walk", 511)
    assert (rows[1]["causal_score"], rows[1]["is_duplicate"], rows[1]["platform_sources"]) == (None, None, None)


def test_relationships_are_filtered_by_type_and_layer(person, client_of):
    whole = ids(client_of)
    assert ids(client_of, layer=4) == whole[:1]
    assert ids(client_of, layer=8) == ids(client_of, type="duplicate_of") == whole
    assert ids(client_of, type="reply_to") == []
    assert list(client_of.get("/api/v1/graph/relationships/", {"layer": "10"}).json()) == ["layer"]


def test_relationships_of_an_erased_memory_are_gone_at_once(person, client_of):
    memory = relationships(person).order_by("pk").first().target_event
    erase_memories(user=person, memory_ids=[memory.pk])
    rows = get(client_of, "relationships/")["results"]
    assert memory.pk not in {row[end] for row in rows for end in ("source_event_id", "target_event_id")}


def test_lists_cost_a_fixed_number_of_statements(person, client_of, django_assert_num_queries):
    relate_now(*[write(person, f"Person Number{n}", "Ana Silva", day=LATER) for n in range(5)])
    pk = find_entity(person, "Ana Silva").pk
    for path, statements in (
        ("relationships/", 1),
        ("entities/", 1),
        ("entities/?q=ana&kind=person", 1),
        (f"entities/{pk}/", 2),
        (f"entities/{pk}/neighbours/", 2),
        ("stats/", 1),
    ):
        with django_assert_num_queries(statements):
            get(client_of, path)
