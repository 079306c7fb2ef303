"""Analysis: a weighted, undirected graph in arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Network:
    """`ids` rise; `weights` is symmetric, a row and a column a node in their order, without loops; parallel edges are added up."""

    ids: Array
    weights: Any

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, node: int) -> int | None:
        """The row of a node, None where it has none."""
        row = int(np.searchsorted(self.ids, node))
        return row if row < len(self.ids) and self.ids[row] == node else None

    def without(self, row: int) -> "Network":
        """The same without one node."""
        kept = np.delete(np.arange(len(self.ids)), row)
        return Network(ids=self.ids[kept], weights=self.weights[kept][:, kept])


def make_network(*, ids: Array, sources: Array, targets: Array, weights: Array) -> Network:
    """A network of these nodes (rising ids) and of the edges between them; edges to others are left out.

    Parallel edges are added up in the order given, on which the last bit of their sum depends.
    """
    rows, there = _find_rows(ids, sources)
    columns, too = _find_rows(ids, targets)
    kept = there & too & (rows != columns)
    rows, columns = rows[kept], columns[kept]
    ends = (np.concatenate([rows, columns]), np.concatenate([columns, rows]))
    matrix = csr_array(coo_array((np.tile(weights[kept].astype(float), 2), ends), shape=(len(ids), len(ids))))
    return Network(ids=ids, weights=matrix)


def _find_rows(ids: Array, nodes: Array) -> tuple[Array, Array]:
    """Rows of these nodes, and which of them have one. Narrow integers: of others yen() makes nothing."""
    if not len(ids):
        return np.zeros(len(nodes), dtype=np.int32), np.zeros(len(nodes), dtype=bool)
    rows = np.minimum(np.searchsorted(ids, nodes), len(ids) - 1).astype(np.int32)
    return rows, ids[rows] == nodes


def count_components(network: Network) -> tuple[int, int]:
    """How many parts hang together, a lone node being one, and the nodes of the largest."""
    if not len(network):
        return 0, 0
    count, label = connected_components(network.weights, directed=False)
    return int(count), int(np.bincount(label).max())


def find_anchor(network: Network, *, row: int, placed: Array) -> int | None:
    """The strongest neighbour of a row that is placed; None where none is."""
    start, stop = network.weights.indptr[row : row + 2]
    ends, strengths = network.weights.indices[start:stop], network.weights.data[start:stop]
    there = placed[ends]
    return int(ends[there][np.argmax(strengths[there])]) if there.any() else None
