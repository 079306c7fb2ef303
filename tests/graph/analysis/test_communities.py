"""Analysis: what hangs together closely is a community, and keeps its number."""

import networkx as nx
import numpy as np
import pytest

from graph.analysis.communities import find_communities, number_communities
from tests.factories.networks import network_from


def groups_of(label):
    return {frozenset(np.flatnonzero(label == one).tolist()) for one in set(label.tolist())}


def test_cliques_joined_by_a_thread_are_communities():
    graph = nx.connected_caveman_graph(4, 6)
    assert groups_of(find_communities(network_from(graph))) == {frozenset(range(n, n + 6)) for n in range(0, 24, 6)}


@pytest.mark.parametrize(
    "graph", [nx.karate_club_graph(), nx.les_miserables_graph(), nx.planted_partition_graph(6, 20, 0.4, 0.02, seed=1)]
)
def test_communities_are_about_as_modular_as_an_independent_search_makes_them(graph):
    graph = nx.convert_node_labels_to_integers(graph)
    ours = nx.community.modularity(graph, groups_of(find_communities(network_from(graph))))
    theirs = nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=7))
    assert ours > theirs - 0.02


def test_the_lonely_are_communities_of_their_own_and_nothing_has_none():
    assert groups_of(find_communities(network_from(nx.empty_graph(3)))) == {frozenset([n]) for n in range(3)}
    assert len(find_communities(network_from(nx.empty_graph(0)))) == 0


def test_the_same_graph_has_the_same_communities():
    network = network_from(nx.karate_club_graph())
    assert find_communities(network).tolist() == find_communities(network).tolist()


def test_the_largest_community_is_the_first():
    assert number_communities(np.array([7, 3, 3, 5, 5, 5]), before=[None] * 6).tolist() == [2, 1, 1, 0, 0, 0]


def test_a_community_keeps_the_number_that_most_of_it_had():
    before = [4, 4, None, 0, 0, 0]
    assert number_communities(np.array([1, 1, 1, 2, 2, 3]), before=before).tolist() == [4, 4, 4, 0, 0, 1]


def test_where_two_had_one_number_the_larger_keeps_it():
    assert number_communities(np.array([1, 1, 2, 2, 2]), before=[0] * 5).tolist() == [1, 1, 0, 0, 0]
