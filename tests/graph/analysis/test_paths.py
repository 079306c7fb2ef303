"""Analysis: the best ways are those that every other search finds too, and a long chain of weak ties is none of them."""

from itertools import islice, pairwise
from math import exp, log

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.analysis import paths as module
from graph.analysis.network import make_network
from graph.analysis.paths import STEP, find_best_paths, price

EDGES = st.dictionaries(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.01, 30),
    max_size=40,
)


def network_of(edges, size=12):
    pairs = np.array(list(edges), dtype=np.int64).reshape(-1, 2)
    weights = np.array(list(edges.values()), dtype=float)
    return make_network(ids=np.arange(size), sources=pairs[:, 0], targets=pairs[:, 1], weights=weights)


def find(edges, source, target, most=3):
    return find_best_paths(network_of(edges), source=source, target=target, most=most)


def test_a_step_costs_its_half_and_how_unlikely_a_true_meeting_is():
    assert price(np.array([0.5]))[0] == pytest.approx(log(2) - log(1 - exp(-0.5)))


def test_strong_ties_cost_hardly_more_than_their_step_and_weak_ones_never_too_little():
    costs = price(np.array([30.0, 1.0, 0.1, 0.001]))
    assert costs[0] == pytest.approx(STEP, abs=1e-9)
    assert list(costs) == sorted(costs)


def test_the_best_ways_of_a_known_graph_come_in_their_order():
    # 0-1-3 strong, 0-2-3 weaker, 0-3 straight and weak: exp(-cost) is 1/4 x .865 x .865, 1/4 x .632 x .632, 1/2 x .181
    found = find({(0, 1): 2.0, (1, 3): 2.0, (0, 2): 1.0, (2, 3): 1.0, (0, 3): 0.2}, 0, 3)
    assert [path.nodes for path in found] == [(0, 1, 3), (0, 2, 3), (0, 3)]
    worth = [(1 - exp(-2.0)) ** 2 / 4, (1 - exp(-1.0)) ** 2 / 4, (1 - exp(-0.2)) / 2]
    assert [exp(-path.cost) for path in found] == pytest.approx(worth)


def test_a_chain_of_equal_ties_is_worse_than_any_shorter_one():
    chain = {(0, 1): 0.1, (1, 2): 0.1, (2, 3): 0.1, (3, 4): 0.1, (0, 5): 0.1, (4, 5): 0.1}
    assert [len(path.nodes) for path in find(chain, 0, 4)] == [3, 5]


def test_a_very_strong_chain_of_five_does_not_beat_a_single_memory_of_two():
    chain = {(0, 1): 30.0, (1, 2): 30.0, (2, 3): 30.0, (3, 4): 30.0, (4, 5): 30.0, (0, 5): 1.0}
    assert find(chain, 0, 5)[0].nodes == (0, 5)


def test_where_nothing_leads_there_is_no_path():
    assert find({(0, 1): 1.0, (2, 3): 1.0}, 0, 3) == []


def test_there_are_as_many_paths_as_there_are():
    assert len(find({(0, 1): 1.0, (1, 2): 1.0}, 0, 2, most=5)) == 1


@given(
    edges=EDGES, ends=st.tuples(st.integers(0, 11), st.integers(0, 11)), most=st.integers(1, 5), near=st.integers(2, 12)
)
def test_paths_are_loopless_and_cost_what_an_independent_search_finds(edges, ends, most, near):
    if ends[0] == ends[1]:
        ends = (0, 11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "NEAR", near)  # so that small graphs are searched in portions too
        found = find(edges, *ends, most=most)
    witness = nx.Graph()
    witness.add_nodes_from(range(12))
    witness.add_weighted_edges_from((a, b, float(price(np.array([w]))[0])) for (a, b), w in edges.items())
    assert [path.cost for path in found] == pytest.approx(best_costs(witness, *ends, most=most))
    assert all(len(set(path.nodes)) == len(path.nodes) for path in found)
    assert len({path.nodes for path in found}) == len(found)
    assert all((path.nodes[0], path.nodes[-1]) == ends for path in found)
    for path in found:
        assert path.cost == pytest.approx(sum(witness[a][b]["weight"] for a, b in pairwise(path.nodes)))


def best_costs(graph, source, target, *, most):
    if not nx.has_path(graph, source, target):
        return []
    ways = nx.shortest_simple_paths(graph, source, target, weight="weight")
    return [nx.path_weight(graph, way, "weight") for way in islice(ways, most)]
