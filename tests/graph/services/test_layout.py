"""Served: importance, communities and places, the same each time for the same graph."""

from itertools import combinations

import networkx as nx
import pytest

from graph.models import Body, Entity
from graph.services.layout import DRAWN_BY_FORCE, compute_places, lay_out
from tests.factories.graph import find_entity, relate_now, write

ONE, OTHER = ("Ana Silva", "Bia Alves", "Caio Reis", "Davi Melo"), ("Eva Lima", "Fabio Dias", "Gil Rosa", "Hugo Paz")


def graph_of(*groups, ties=()):
    graph = nx.Graph()
    for group in groups:
        graph.add_weighted_edges_from((a, b, 1.0) for a, b in combinations(group, 2))
    graph.add_weighted_edges_from((a, b, 1.0) for a, b in ties)
    return graph


@pytest.fixture
def cliques(user):
    """Two groups of four, each named together, and one tie between them."""
    groups = [write(user, *names) for names in (ONE, OTHER) * 3]
    relate_now(*groups, write(user, *ONE, "@Porto"), write(user, ONE[0], OTHER[0]))
    lay_out(user_id=user.pk)
    return user


def test_the_same_graph_is_drawn_the_same():
    graph = graph_of(range(5), range(10, 16), ties=[(4, 10)])
    assert compute_places(graph, before={}) == compute_places(graph.copy(), before={})


def test_importance_is_a_share_and_the_best_connected_comes_first(cliques):
    importance = dict(Entity.objects.filter(user=cliques).values_list("name", "importance"))
    assert all(0 < value <= 1 for value in importance.values())
    assert max(importance, key=importance.get) == ONE[0]
    assert importance[ONE[0]] == 1


def test_two_groups_are_two_communities(cliques):
    community = dict(Entity.objects.filter(user=cliques).values_list("name", "community"))
    assert len({community[name] for name in ONE}) == len({community[name] for name in OTHER}) == 1
    assert community[ONE[0]] != community[OTHER[0]]


def test_groups_stand_closer_to_themselves_than_to_each_other():
    places = compute_places(graph_of(range(6), range(10, 16), ties=[(0, 10)]), before={})
    centres = [
        [sum(getattr(places[n], axis) for n in group) / 6 for axis in "xy"] for group in (range(6), range(10, 16))
    ]
    within = max(
        abs(places[n].x - centre[0]) + abs(places[n].y - centre[1])
        for group, centre in zip((range(6), range(10, 16)), centres, strict=True)
        for n in group
    )
    assert abs(centres[0][0] - centres[1][0]) + abs(centres[0][1] - centres[1][1]) > within / 2


def test_every_shown_entity_has_a_place_of_its_own(cliques):
    places = list(Entity.objects.shown().filter(user=cliques).values_list("x", "y"))
    assert len(set(places)) == len(places) == 9
    assert all(abs(x) < 3 and abs(y) < 3 for x, y in places)


def test_a_newcomer_has_a_place_before_the_next_layout(cliques):
    relate_now(write(cliques, ONE[0], "Zita Nova"), write(cliques, "Lone Wolf"))
    assert not Entity.objects.filter(user=cliques, x__isnull=True).exists()
    ana, zita = find_entity(cliques, ONE[0]), find_entity(cliques, "Zita Nova")
    assert abs(ana.x - zita.x) + abs(ana.y - zita.y) < 0.2


def test_an_entity_that_is_hidden_takes_no_part(cliques):
    Entity.objects.filter(user=cliques, name=OTHER[3]).update(hidden=True, importance=0.0)
    lay_out(user_id=cliques.pk)
    assert find_entity(cliques, OTHER[3]).importance == 0.0


def test_another_persons_graph_is_left_alone(cliques, other_user):
    relate_now(write(other_user, *ONE))
    lay_out(user_id=other_user.pk)
    before = list(Entity.objects.filter(user=other_user).order_by("pk").values("x", "y", "importance", "community"))
    lay_out(user_id=cliques.pk)
    assert (
        list(Entity.objects.filter(user=other_user).order_by("pk").values("x", "y", "importance", "community"))
        == before
    )


def test_an_empty_graph_has_an_empty_layout(user):
    assert compute_places(nx.Graph(), before={}) == {}
    lay_out(user_id=user.pk)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_graphs_have_places_too(size):
    graph = nx.path_graph(size)
    nx.set_edge_attributes(graph, 1.0, "weight")
    places = compute_places(graph, before={})
    assert len({(place.x, place.y) for place in places.values()}) == size


def test_what_is_too_much_to_draw_by_force_stands_beside_its_neighbour():
    graph = graph_of(range(3), ties=[(0, n) for n in range(3, DRAWN_BY_FORCE + 20)])
    graph.add_node(10**6)
    places = compute_places(graph, before={n: (n / 1000, n % 7 / 10) for n in range(DRAWN_BY_FORCE + 20)})
    assert set(places) == set(graph)
    last = DRAWN_BY_FORCE + 19
    assert abs(places[last].x - places[0].x) + abs(places[last].y - places[0].y) < 0.2


def test_the_text_that_was_kept_of_the_graph_goes_with_the_next_change(cliques):
    assert ONE[0] in Body.objects.get(user=cliques, view="entities").body
    relate_now(write(cliques, "Lone Wolf"))
    assert not Body.objects.filter(user=cliques).exists()
    lay_out(user_id=cliques.pk)
    assert "Lone Wolf" in Body.objects.get(user=cliques, view="entities").body
