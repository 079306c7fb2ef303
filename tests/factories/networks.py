"""Graphs of another library as networks of arrays."""

from typing import Any

import numpy as np

from graph.analysis.network import Network, make_network


def network_from(graph: Any) -> Network:
    """The network of a graph of networkx; an edge without a weight weighs 1."""
    ids = np.array(sorted(graph), dtype=np.int64)
    edges = [(a, b, data.get("weight", 1.0)) for a, b, data in graph.edges(data=True)]
    columns = np.array(edges, dtype=float).reshape(-1, 3)
    ends = columns[:, :2].astype(np.int64)
    return make_network(ids=ids, sources=ends[:, 0], targets=ends[:, 1], weights=columns[:, 2])
