"""Served: the whole graph in columns by one statement, with a version that changes when the graph does and only then."""

import json
from datetime import timedelta

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient
from waffle.testutils import override_flag

from graph.models import EntityEvent, Leaf, Relationship
from memories.models import Memory
from tests.factories import MemoryFactory
from tests.factories.graph import FIRST_DAY, find_entity, relate_now, write
from tests.graph.conftest import connect

NODES = ["id", "kind", "label", "memories", "importance", "community", "x", "y", "first_seen", "last_seen"]
EDGES = ["id", "source", "target", "type", "weight", "layers"]
LATER = FIRST_DAY + timedelta(days=2)
VIEWS = ("entities", "memories")
AUTHENTICATION = 1  # the token together with its person
HOSTILE = (
    '"quoted"',
    "back\\slash",
    "emoji 🎉",
    "</script><script>",
    "tab\tbell\x07",
    "it's %s {0} %(x)s",
    "zero​width",
    "ü" * 40,
)


def get(api, **params):
    response = api.get("/api/v1/graph/", params)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


@pytest.mark.parametrize("view", VIEWS)
def test_the_graph_comes_in_columns_of_equal_length(api, life, view):
    graph = get(api, view=view)
    assert list(graph) == ["nodes", "edges", "version", "complete"]
    assert (list(graph["nodes"]), list(graph["edges"])) == (NODES, EDGES)
    assert {len(column) for column in graph["nodes"].values()} == {4}
    assert {len(column) for column in graph["edges"].values()} == {len(graph["edges"]["id"])} != {0}
    assert set(graph["edges"]["source"] + graph["edges"]["target"]) <= set(graph["nodes"]["id"])
    assert graph["complete"] is True


def test_nodes_of_entities_show_what_is_known_of_them(api, life, user):
    nodes = get(api)["nodes"]
    rows = {
        row["label"]: row for row in (dict(zip(NODES, row, strict=True)) for row in zip(*nodes.values(), strict=True))
    }
    rui = rows["Rui Costa"]
    assert (rui["id"], rui["kind"], rui["memories"]) == (find_entity(user, "Rui Costa").pk, "person", 3)
    assert (rui["first_seen"], rui["last_seen"]) == ("2024-05-05", "2024-05-06")
    assert nodes["importance"] == sorted(nodes["importance"], reverse=True)
    assert nodes["importance"][0] == 1


def test_edges_of_memories_are_relationships_with_their_type_and_layers(api, life, user):
    edges = get(api, view="memories")["edges"]
    rows = list(zip(*edges.values(), strict=True))
    row = Relationship.objects.get(user=user)
    assert rows == [(row.pk, life[2].pk, life[3].pk, "duplicate_of", 1, 1 << 7)]


@pytest.mark.parametrize("view", VIEWS)
def test_the_whole_graph_is_one_statement(api, life, view, django_assert_num_queries):
    get(api)  # flags are warm
    with django_assert_num_queries(1):
        response = api.get("/api/v1/graph/", {"view": view})
    assert response.headers["Server-Timing"].startswith('queries;desc="1", db;dur=')


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.django_db(transaction=True)
def test_the_server_too_counts_one_statement_beside_those_of_the_token(user, life, view):
    client = APIClient(headers={"Authorization": f"Token {AuthToken.objects.create(user=user)[1]}"})
    with connect() as other:
        client.get("/api/v1/graph/")  # flags are warm
        before = count_statements(other)
        assert client.get("/api/v1/graph/", {"view": view}).status_code == 200
        after = count_statements(other)
    assert after["graph"] - before["graph"] == 1
    assert after["else"] - before["else"] <= AUTHENTICATION, sorted(after["texts"] - before["texts"])


def count_statements(session):
    """Calls of the application's role in this database so far: reads of the graph, everything else, and their texts."""
    rows = session.execute(
        "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
        " WHERE d.datname = current_database() AND s.userid = current_user::regrole"
    ).fetchall()
    rows = [(text, calls) for text, calls in rows if "pg_stat_statements" not in text]
    graph = sum(calls for text, calls in rows if "FROM read_graph(" in text)
    return {"graph": graph, "else": sum(calls for _, calls in rows) - graph, "texts": set(rows)}


def test_what_is_counted_is_what_is_drawn(api, life):
    stats = api.get("/api/v1/graph/stats/").json()
    entities, memories = get(api), get(api, view="memories")
    assert (stats["entities"], stats["ties"]) == (len(entities["nodes"]["id"]), len(entities["edges"]["id"]))
    assert (stats["memories"], stats["relationships"]) == (len(memories["nodes"]["id"]), len(memories["edges"]["id"]))
    assert stats["communities"] == len(set(entities["nodes"]["community"]))
    assert stats["kinds"] == {"person": 2, "place": 1, "organisation": 1}
    assert stats["types"] == {"duplicate_of": 1}
    assert stats["density"] == pytest.approx(2 * stats["ties"] / (4 * 3))


def test_a_topic_that_one_memory_names_and_what_is_hidden_are_not_shown(api, life, user):
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.get(key="porto"))
    relate_now(*life, write(user, "#once", "Rui Costa", day=LATER))
    graph = get(api)
    assert sorted(graph["nodes"]["label"]) == ["Ana Silva", "Chess", "Rui Costa"]
    assert len(graph["edges"]["id"]) == 2


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"view": "pictures"}, "view"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "9" * 30}, "limit"),
        ({"min_importance": "2"}, "min_importance"),
        ({"min_importance": "nan"}, "min_importance"),
        ({"min_importance": "x\x00"}, "min_importance"),
        ({"edges": "0"}, "edges"),
        ({"as": "pictures"}, "as"),
        ({"focus": "Ana"}, "focus"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"as_of": "2024-02-30"}, "as_of"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_by_its_field(api, params, field):
    response = api.get("/api/v1/graph/", params)
    assert (response.status_code, list(response.json())) == (400, [field])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("limit", "shown", "complete"), [(2, 2, False), (4, 4, True), (5, 4, True)])
def test_a_limit_keeps_the_most_important_and_says_what_is_left(api, life, view, limit, shown, complete):
    whole, graph = get(api, view=view), get(api, view=view, limit=limit)
    assert graph["nodes"]["id"] == whole["nodes"]["id"][:shown]
    assert graph["complete"] is complete
    assert set(graph["edges"]["source"] + graph["edges"]["target"]) <= set(graph["nodes"]["id"])


def test_min_importance_keeps_what_has_it(api, life):
    importance = get(api)["nodes"]["importance"]
    graph = get(api, min_importance=importance[1])
    assert graph["nodes"]["importance"] == [value for value in importance if value >= importance[1]]


def test_focus_keeps_a_node_and_its_neighbours(api, life, user):
    graph = get(api, focus=find_entity(user, "Ana Silva").pk)
    assert sorted(graph["nodes"]["label"]) == ["Ana Silva", "Porto", "Rui Costa"]
    assert get(api, view="memories", focus=life[2].pk)["nodes"]["id"] == sorted([life[2].pk, life[3].pk])


def test_as_of_shows_what_was_there_on_that_day(api, life):
    graph = get(api, as_of="2024-05-04")
    assert sorted(graph["nodes"]["label"]) == ["Ana Silva", "Porto"]
    assert len(graph["edges"]["id"]) == 1
    assert get(api, view="memories", as_of="2024-05-04")["nodes"]["id"] == [life[0].pk]


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_names_make_valid_json(api, user, view):
    relate_now(*[write(user, "Ana Silva", name, title=name, source="note") for name in HOSTILE])
    graph = get(api, view=view)
    assert set(HOSTILE) <= set(graph["nodes"]["label"])


@pytest.mark.parametrize("view", VIEWS)
def test_nobody_yet_is_an_empty_and_whole_graph(api, view):
    graph = get(api, view=view)
    assert (graph["nodes"], graph["edges"]) == ({name: [] for name in NODES}, {name: [] for name in EDGES})
    assert graph["complete"] is True


def test_without_the_flag_the_small_graph_of_the_latest_memories_comes_by_one_query(
    api, life, django_assert_num_queries
):
    with override_flag("serve_precomputed_graph", active=False):
        get(api)  # flags are warm
        with django_assert_num_queries(1):
            graph = get(api)
    assert (list(graph["nodes"]), list(graph["edges"])) == (NODES, EDGES)
    assert sorted(graph["nodes"]["label"]) == ["Ana Silva", "Chess", "Porto", "Rui Costa"]
    assert len(graph["edges"]["id"]) == 4
    assert graph["complete"] is False


def test_the_small_graph_holds_the_latest_fifty_memories_that_have_entities(api, user):
    days = [FIRST_DAY + timedelta(days=n) for n in range(52)]
    Memory.objects.bulk_create([write_unsaved(user, n, day) for n, day in enumerate(days)])
    MemoryFactory(user=user, entities=None, content="Not extracted.")
    with override_flag("serve_precomputed_graph", active=False):
        labels = get(api)["nodes"]["label"]
    assert len(labels) == 50
    assert {"Name 0", "Name 1"}.isdisjoint(labels)


def write_unsaved(user, number, day):
    mention = {"key": f"name {number}", "text": f"Name {number}", "kind": "person", "entity_id": None}
    return MemoryFactory.build(user=user, occurred_at=f"{day}T09:00Z", occurred_on=day, entities=[mention])


def test_somebody_who_is_not_logged_in_sees_nothing(db):
    assert APIClient().get("/api/v1/graph/").status_code in (401, 403)


def test_the_answer_may_not_be_kept_by_others(api, life):
    response = api.get("/api/v1/graph/")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(response.headers["Vary"].replace(" ", "").split(","))
