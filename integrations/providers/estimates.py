"""Arrive: what a sample tells about the whole, for a preview in few calls."""

from collections import Counter
from collections.abc import Sequence


def spread(ids: Sequence[str], *, size: int) -> tuple[str, ...]:
    """Up to `size` of them at even distances: where they are in order of time, some of every time."""
    if len(ids) <= size:
        return tuple(ids)
    return tuple(ids[place * len(ids) // size] for place in range(size))


def estimate_distinct(counts: Counter[str]) -> int:
    """How many kinds there are, by how often each was met in a sample: Chao1, a lower bound.

    seen + f1 (f1 - 1) / (2 (f2 + 1)), with f1 kinds met once and f2 met twice: the bias-corrected form, which needs no kind met twice,
    of Anne Chao 1984, "Nonparametric estimation of the number of classes in a population", Scandinavian Journal of Statistics 11.
    """
    once = sum(1 for times in counts.values() if times == 1)
    twice = sum(1 for times in counts.values() if times == 2)
    return len(counts) + round(once * (once - 1) / (2 * (twice + 1)))
