"""Analysis: the best ways from one node to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra, yen

from graph.analysis.network import Array, Network

STEP = log(2)
NEAR = 64  # nodes that the first search looks at


@dataclass(frozen=True, slots=True)
class Path:
    """Nodes by id, the first and the last included, and what the way costs: 0 is certain, rising without end."""

    cost: float
    nodes: tuple[int, ...]


def price(weights: Array) -> Array:
    """What a step over ties of these weights costs, always more than `STEP`.

    A memory that names n entities gives each pair 1/(n-1): were each of them to mean one of the others at random, a tie of weight w
    would stand for w true meetings on average, and for at least one with probability 1 - exp(-w) (Poisson). Each step passes on half
    of what it is told, so a path is worth the product of its ties' probabilities halved a step, and costs the negative logarithm:
    a long chain never comes before a short one of equal ties, and a strong tie costs hardly more than its step.
    """
    result: Array = STEP - np.log(-np.expm1(-weights))
    return result


def find_best_paths(network: Network, *, source: int, target: int, most: int) -> list[Path]:
    """The `most` cheapest loopless paths between two different rows of the network, the cheapest first (Yen 1971).

    A path of at most `bound` passes only nodes whose way from the source and way to the target are together at most `bound`. So the
    search is among the nodes of shortest detour, and among twice as many as long as what it found might be beaten from outside.
    """
    costs = network.weights.copy()
    costs.data = price(costs.data)
    reach = dijkstra(costs, indices=[source, target])
    through = reach[0] + reach[1]
    reached = int(np.isfinite(through).sum())
    if not np.isfinite(reach[0][target]):
        return []
    order = np.lexsort((np.arange(len(through)), through))
    size = min(max(NEAR, _count_within(through, float(reach[0][target]))), reached)
    while True:
        rows = np.sort(order[:size])
        found = _search(costs, rows=rows, ends=(source, target), most=most)
        beaten = len(found) < most or (size < reached and found[-1][0] > through[order[size]])
        if size == reached or not beaten:
            return [Path(cost=cost, nodes=tuple(int(network.ids[row]) for row in way)) for cost, way in found]
        size = min(2 * size, reached)


def _count_within(through: Array, bound: float) -> int:
    return int((through <= bound * (1 + 1e-9)).sum())


def _search(costs: Any, *, rows: Array, ends: tuple[int, int], most: int) -> list[tuple[float, Sequence[int]]]:
    """Yen's paths within these rows, as cost and rows of the whole."""
    first, last = (int(np.searchsorted(rows, end)) for end in ends)
    distances, before = yen(costs[rows][:, rows], first, last, most, return_predecessors=True)
    return [
        (float(cost), [int(rows[row]) for row in _walk(before[place], first=first, last=last)])
        for place, cost in enumerate(distances)
    ]


def _walk(before: Array, *, first: int, last: int) -> list[int]:
    way = [last]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    return way[::-1]
