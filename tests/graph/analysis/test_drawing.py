"""Analysis: what belongs together stands together, in the same place every time."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graph.analysis.communities import find_communities, number_communities
from graph.analysis.drawing import DRAWN_BY_FORCE, draw
from graph.analysis.importance import rank
from graph.analysis.timeline import draw_timeline, place_newcomers
from tests.factories.networks import network_from


def graph_of(*groups, ties=()):
    graph = nx.Graph()
    for group in groups:
        graph.add_weighted_edges_from((a, b, 1.0) for a, b in combinations(group, 2))
    graph.add_weighted_edges_from((a, b, 1.0) for a, b in ties)
    return graph


def drawn(graph, before=None):
    network = network_from(graph)
    community = number_communities(find_communities(network), before=[None] * len(network))
    stood = np.full((len(network), 2), np.nan) if before is None else before
    return draw(network, importance=rank(network), community=community, before=stood)


def on_time(graph, days, before=None):
    network = network_from(graph)
    community = number_communities(find_communities(network), before=[None] * len(network))
    stood = np.full((len(network), 2), np.nan) if before is None else before
    return draw_timeline(network, days=np.array(days), community=community, before=stood)


def reach(points):
    return np.hypot(*(points - points.mean(axis=0)).T).max()


def test_the_same_graph_is_drawn_the_same():
    graph = graph_of(range(5), range(10, 16), ties=[(4, 10)])
    assert drawn(graph).tolist() == drawn(graph.copy()).tolist()


def test_groups_stand_closer_to_themselves_than_to_each_other():
    points = drawn(graph_of(range(6), range(10, 16), ties=[(0, 10)]))
    apart = np.hypot(*(points[:6].mean(axis=0) - points[6:].mean(axis=0)))
    assert apart > reach(points[:6])
    assert apart > reach(points[6:])


def test_most_stand_within_the_unit_circle_and_nobody_far_outside():
    away = np.hypot(*drawn(nx.connected_caveman_graph(12, 8)).T)
    assert np.percentile(away, 90) == pytest.approx(1, abs=0.01)
    assert away.max() < 1.3


def test_a_picture_that_stands_moves_little_when_somebody_comes():
    graph = nx.connected_caveman_graph(12, 8)
    first = drawn(graph)
    graph.add_edge(3, 96)
    moved = np.hypot(*(drawn(graph, before=np.vstack([first, [np.nan, np.nan]]))[:96] - first).T)
    assert np.median(moved) < 0.1


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_the_smallest_graphs_have_places_too(size):
    points = drawn(nx.path_graph(size))
    assert len({tuple(point) for point in points.tolist()}) == size
    assert np.isfinite(points).all()


def test_what_is_too_much_to_draw_by_force_stands_beside_its_neighbour():
    graph = graph_of(range(3), ties=[(0, n) for n in range(3, DRAWN_BY_FORCE + 20)])
    graph.add_node(10**6)
    points = drawn(graph)
    assert np.isfinite(points).all()
    assert np.hypot(*(points[DRAWN_BY_FORCE + 19] - points[0])) < 0.2
    assert np.hypot(*points[-1]) == pytest.approx(1.4, abs=0.01)


def test_time_goes_from_left_to_right():
    points = on_time(graph_of(range(3)), [100, 105, 110])
    assert points[:, 0].tolist() == [-1, 0, 1]


def test_a_single_day_and_no_day_at_all_have_their_places_too():
    assert np.isfinite(on_time(graph_of(range(3)), [5, 5, 5])).all()
    assert on_time(nx.empty_graph(0), []).shape == (0, 2)


def test_communities_of_one_time_have_bands_of_their_own_and_the_lonely_lie_below():
    graph = graph_of(range(8), range(10, 18))
    graph.add_nodes_from([20, 21])
    y = on_time(graph, [*range(8), *range(8), 3, 4])[:, 1]
    low, high = sorted([y[:8], y[8:16]], key=min)
    assert low.max() < high.min()
    assert y[16:].max() < low.min()


def test_communities_of_different_times_share_their_lanes():
    y = on_time(graph_of(range(8), range(10, 18)), [*range(8), *range(100, 108)])[:, 1]
    assert abs(y[:8].mean() - y[8:].mean()) < 0.05


def test_a_timeline_that_stands_is_drawn_again_as_it_stands():
    graph, days = nx.connected_caveman_graph(6, 9), [n * 3 % 50 for n in range(54)]
    first = on_time(graph, days)
    assert on_time(graph, days, before=first).tolist() == first.tolist()


def test_a_newcomer_goes_to_its_time_beside_its_strongest_neighbour():
    network = network_from(graph_of(range(4), ties=[(0, 9)]))
    before = np.array([[-1, 0.5], [0, 0.6], [0, 0.6], [1, 0.7], [np.nan, np.nan]])
    community, points = place_newcomers(
        network, days=np.array([0, 10, 10, 20, 25]), community=np.array([3, 3, 3, 3, 0]), before=before
    )
    assert (community.tolist(), points[0, 0]) == ([3], 1.5)
    assert abs(points[0, 1] - 0.5) < 0.05


def test_a_newcomer_without_neighbours_lies_low():
    network = network_from(nx.empty_graph(2))
    community, points = place_newcomers(
        network, days=np.array([3, 4]), community=np.array([5, 0]), before=np.array([[0.0, -0.4], [np.nan, np.nan]])
    )
    assert (community.tolist(), abs(points[0, 1] + 0.4) < 0.05) == ([0], True)
