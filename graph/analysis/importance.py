"""Analysis: how important a node is."""

import numpy as np

from graph.analysis.network import Array, Network

DAMPING = 0.85
PRECISION = 1e-10
LONGEST = 200


def rank(network: Network) -> Array:
    """PageRank over the weights (Brin and Page 1998), scaled so that the first is 1, to six decimals and never 0.

    By power iteration; what a lone node has goes to all alike.
    """
    size = len(network)
    if not size:
        return np.zeros(0)
    strength = np.asarray(network.weights.sum(axis=1)).ravel()
    lone = strength == 0
    share = np.where(lone, 0.0, 1 / np.where(lone, 1, strength))
    score = np.full(size, 1 / size)
    for _ in range(LONGEST):
        spread = network.weights @ (score * share) + score[lone].sum() / size
        before, score = score, DAMPING * spread + (1 - DAMPING) / size
        if np.abs(score - before).sum() < PRECISION:
            break
    importance: Array = np.maximum(np.round(score / score.max(), 6), 1e-6)
    return importance


def measure_drift(*, before: Array, now: Array) -> float:
    """How far two rankings of the same nodes are apart: half of what their shares differ by, 0 for the same, 1 at most.

    A newcomer's importance before is 0, so its whole share counts.
    """
    if not before.sum():
        return 1.0 if len(now) else 0.0
    return float(np.abs(before / before.sum() - now / now.sum()).sum() / 2)
