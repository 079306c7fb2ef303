"""Analysis: importance is PageRank, and drift says how far two rankings are apart."""

import networkx as nx
import numpy as np
import pytest

from graph.analysis.importance import measure_drift, rank
from graph.analysis.network import Network, count_components, make_network
from tests.factories.networks import network_from


@pytest.mark.parametrize(
    "graph",
    [
        nx.karate_club_graph(),
        nx.star_graph(9),
        nx.empty_graph(4),
        nx.disjoint_union(nx.path_graph(3), nx.empty_graph(2)),
    ],
)
def test_importance_is_what_an_independent_pagerank_says(graph):
    expected = nx.pagerank(graph, tol=1e-12, max_iter=1000)
    most = max(expected.values())
    assert rank(network_from(graph)) == pytest.approx([expected[node] / most for node in sorted(graph)], abs=1e-6)


def test_nobody_is_of_no_importance_and_nothing_has_none():
    assert rank(network_from(nx.star_graph(3000))).min() > 0
    assert len(rank(network_from(nx.empty_graph(0)))) == 0


def test_the_same_ranking_has_not_drifted_at_whatever_scale():
    assert measure_drift(before=np.array([1.0, 0.5]), now=np.array([0.8, 0.4])) == pytest.approx(0)


def test_a_newcomers_whole_share_is_drift():
    assert measure_drift(before=np.array([1.0, 1.0, 0.0]), now=np.array([1.0, 1.0, 2.0])) == pytest.approx(0.5)


def test_without_a_ranking_before_all_is_drift():
    assert measure_drift(before=np.zeros(3), now=np.ones(3)) == 1
    assert measure_drift(before=np.zeros(0), now=np.zeros(0)) == 0


def test_a_lone_node_is_a_component():
    assert count_components(network_from(nx.disjoint_union(nx.path_graph(3), nx.empty_graph(2)))) == (3, 3)
    assert count_components(network_from(nx.empty_graph(0))) == (0, 0)


def test_edges_to_others_and_loops_are_left_out_and_parallel_ones_added_up():
    ends = {"sources": np.array([2, 4, 2, 2, 9]), "targets": np.array([4, 2, 2, 7, 4])}
    network = make_network(ids=np.array([2, 4]), **ends, weights=np.array([1.0, 0.5, 3.0, 1.0, 1.0]))
    assert network.weights.toarray().tolist() == [[0, 1.5], [1.5, 0]]


def test_a_node_is_found_by_its_id_and_can_be_left_out():
    network = network_from(nx.path_graph(4))
    assert [network.find(node) for node in (0, 3, 4, -1)] == [0, 3, None, None]
    rest = network.without(1)
    assert (rest.ids.tolist(), rest.weights.toarray().tolist()) == ([0, 2, 3], [[0, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert isinstance(rest, Network)
