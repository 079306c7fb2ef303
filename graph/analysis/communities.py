"""Analysis: which nodes belong together."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.sparse import csr_array

from graph.analysis.network import Array, Network


def find_communities(network: Network) -> Array:
    """A number for every row, equal for those that belong together, by greedy modularity (Louvain; Blondel et al. 2008).

    Only nodes beside one that moved are looked at again (Traag et al. 2019), in the order of their rows: the same graph gives the
    same communities. A lone node is its own.
    """
    weights, label = network.weights, np.arange(len(network))
    while True:
        names, small = np.unique(_move_nodes(weights), return_inverse=True)
        label = small[label]
        if len(names) == len(small):
            return label
        belongs = csr_array((np.ones(len(small)), (np.arange(len(small)), small)), shape=(len(small), len(names)))
        weights = csr_array(belongs.T @ weights @ belongs)


def _move_nodes(weights: csr_array) -> Array:
    """Move each node to the neighbouring community that it makes the graph most modular in, until none moves."""
    bounds, ends, values = weights.indptr.tolist(), weights.indices.tolist(), weights.data.tolist()
    partition = _Partition.of_single_nodes(weights)
    waiting, queued = deque(range(weights.shape[0])), [True] * weights.shape[0]
    while waiting:
        node = waiting.popleft()
        queued[node] = False
        beside, strengths = ends[bounds[node] : bounds[node + 1]], values[bounds[node] : bounds[node + 1]]
        if not partition.move(node, beside=beside, strengths=strengths):
            continue
        for end in beside:
            if not queued[end] and partition.label[end] != partition.label[node]:
                queued[end] = True
                waiting.append(end)
    return np.array(partition.label)


@dataclass(frozen=True, slots=True)
class _Partition:
    """Each node's community, each node's strength, each community's, and the strength of all."""

    label: list[int]
    strength: list[float]
    total: list[float]
    whole: float

    @classmethod
    def of_single_nodes(cls, weights: csr_array) -> "_Partition":
        strength = [float(value) for value in np.asarray(weights.sum(axis=1)).ravel()]
        return cls(
            label=list(range(len(strength))), strength=strength, total=list(strength), whole=sum(strength) or 1.0
        )

    def move(self, node: int, *, beside: Sequence[int], strengths: Sequence[float]) -> bool:
        """Let a node join the best community among its own and its neighbours'; False where it stays."""
        label, total, home, own = self.label, self.total, self.label[node], self.strength[node]
        links: dict[int, float] = {home: 0.0}
        for end, strength in zip(beside, strengths, strict=True):
            if end != node:
                links[label[end]] = links.get(label[end], 0.0) + strength
        total[home] -= own
        best, most, expected = home, links[home] - own * total[home] / self.whole, own / self.whole
        for other, link in links.items():
            if link - expected * total[other] > most + 1e-12:
                best, most = other, link - expected * total[other]
        total[best] += own
        label[node] = best
        return best != home


def number_communities(label: Array, *, before: Sequence[int | None]) -> Array:
    """Numbers from 0, the largest community first, but one of which most members bore a number together keeps that.

    `before` is each row's number in the layout before, None where it had none. A number is given once: the larger community keeps it.
    """
    sizes = Counter(label.tolist())
    members: dict[int, Counter[int]] = {one: Counter() for one in sizes}
    for one, number in zip(label.tolist(), before, strict=True):
        if number is not None:
            members[one][number] += 1
    order = sorted(sizes, key=lambda one: (-sizes[one], one))
    kept: dict[int, int] = {}
    for one in order:
        number, stayed = min(members[one].items(), key=lambda item: (-item[1], item[0]), default=(-1, 0))
        if 2 * stayed > sizes[one] and number not in kept.values():
            kept[one] = number
    taken = set(kept.values())
    free = (number for number in count() if number not in taken)
    numbers = {one: kept[one] if one in kept else next(free) for one in order}
    return np.array([numbers[one] for one in label.tolist()], dtype=np.int64)
