"""Served: `graph/stats/`: counts of both views as they are drawn, and what their layouts found of the whole."""

from datetime import timedelta

import networkx as nx
import pytest

from graph.services.layout import lay_out
from tests.factories.graph import FIRST_DAY, relate_now, write

VIEWS = ("entities", "memories")


@pytest.fixture
def life(user):
    """Two groups apart, a lone name, and a text told three times."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(3)]
    rows = [
        *(write(user, "Ana Silva", "@Porto", "Rui Costa", day=day) for day in days),
        write(user, "Eva Lima", "Gil Rosa"),
        write(user, "Lone Wolf"),
    ]
    relate_now(*rows)
    lay_out(user_id=user.pk)
    return rows


def get(api, path, **params):
    answer = api.get(f"/api/v1/graph/{path}", params)
    assert answer.status_code == 200, answer.content
    return answer.json()


def draw(api, view):
    """A view as `graph/` gives it, for another library to count."""
    body, graph = get(api, "", view=view), nx.Graph()
    graph.add_nodes_from(body["nodes"]["id"])
    graph.add_edges_from(zip(body["edges"]["source"], body["edges"]["target"], strict=True))
    return graph, body


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_counted_is_what_another_library_counts_in_the_drawn_graph(api, life, view):
    stats, (graph, body) = get(api, "stats/")["views"][view], draw(api, view)
    assert (stats["nodes"], stats["edges"]) == (len(graph), len(body["edges"]["id"]))
    assert stats["density"] == pytest.approx(nx.density(graph), abs=1e-6)
    assert stats["communities"] == len(set(body["nodes"]["community"]))
    assert stats["components"] == nx.number_connected_components(graph)
    assert stats["largest_component"] == max(len(part) for part in nx.connected_components(graph))
    assert stats["computed_at"]


def test_what_stands_outside_is_the_view_of_entities(api, life):
    stats = get(api, "stats/")
    for name in ("density", "communities", "components", "largest_component"):
        assert stats[name] == stats["views"]["entities"][name]
    assert (stats["entities"], stats["ties"], stats["components"], stats["largest_component"]) == (6, 4, 3, 3)


def test_before_the_first_layout_components_are_not_known(api, user):
    relate_now(write(user, "Ana Silva", "@Porto"))
    stats = get(api, "stats/")
    assert (stats["entities"], stats["components"], stats["density"]) == (2, None, 1.0)


def test_nothing_is_counted_too(api, user):
    stats = get(api, "stats/")
    assert (stats["entities"], stats["memories"], stats["density"], stats["kinds"], stats["types"]) == (
        0,
        0,
        None,
        {},
        {},
    )


def test_counts_are_of_today_while_the_layout_stands(api, user, life):
    relate_now(write(user, "Ana Silva", "Zita Nova"))
    assert get(api, "stats/")["entities"] == 7
