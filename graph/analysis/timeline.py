"""Analysis: where memories are drawn: x is time, from the first (-1) to the last (1); y keeps what belongs together in a band."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from graph.analysis.network import Array, Network, find_anchor

LANE = 0.03
MARGIN = 0.02
MIDDLE = (5, 95)  # percentiles of time between which a band is a community's own
GOLDEN = 0.6180339887498949
FARTHEST = 1.5  # where a newcomer from long before or after all others stands until the next layout


@dataclass(slots=True)
class Lanes:
    """Which lanes are taken when: a band is some lanes high and takes its time."""

    taken: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def find_room(self, *, wish: float, high: int, span: tuple[float, float]) -> int:
        """Take the free band whose lowest lane is nearest to the wish; returns that lane."""
        for low in _go_out_from(round(wish)):
            if all(self._is_free(lane, span=span) for lane in range(low, low + high)):
                for lane in range(low, low + high):
                    self.taken.setdefault(lane, []).append(span)
                return low
        raise AssertionError  # lanes have no end

    def _is_free(self, lane: int, *, span: tuple[float, float]) -> bool:
        return all(end < span[0] or span[1] < start for start, end in self.taken.get(lane, ()))


def _go_out_from(middle: int) -> Iterator[int]:
    yield middle
    for step in count(1):
        yield from (middle + step, middle - step)


def draw_timeline(network: Network, *, days: Array, community: Array, before: Array) -> Array:
    """A place (x, y) for every row; `before` holds NaN where there was none.

    The larger communities choose their band first, as near as may be to where their members stood, else to those they are tied to.
    Two share lanes where they are of different times. A member's height in its band follows from its id, so it stays where it is when
    others come. Memories without any tie lie in a band of their own below all.
    """
    if not len(network):
        return np.zeros((0, 2))
    x = (2 * (days - days.min()) / max(days.max() - days.min(), 1) - 1).astype(float)
    y = np.full(len(network), np.nan)
    lanes, within = Lanes(), (network.ids * GOLDEN) % 1
    numbers, sizes = np.unique(community, return_counts=True)
    for number in numbers[np.lexsort((numbers, -sizes))]:
        rows = np.flatnonzero(community == number)
        if len(rows) < 2:
            continue
        high = 1 + round(len(rows) ** 0.5 / 2)
        start, end = np.percentile(x[rows], MIDDLE)
        stood = before[rows, 1] / LANE - high * within[rows]
        wish = _find_middle(network, rows=rows, y=y) - high / 2 if np.isnan(stood).all() else float(np.nanmedian(stood))
        low = lanes.find_room(wish=wish, high=high, span=(start - MARGIN, end + MARGIN))
        y[rows] = (low + high * within[rows]) * LANE
    lone = np.isnan(y)
    y[lone] = (min(lanes.taken, default=0) - 4 + 3 * within[lone]) * LANE
    return np.round(np.stack([x, y], axis=-1), 4)


def _find_middle(network: Network, *, rows: Array, y: Array) -> float:
    """The lane in the middle of what these are tied to and has a height already; 0 where nothing is."""
    strength = np.asarray(network.weights[rows].sum(axis=0)).ravel()
    strength[np.isnan(y)] = 0
    return float(strength @ np.nan_to_num(y) / strength.sum()) / LANE if strength.any() else 0.0


def place_newcomers(network: Network, *, days: Array, community: Array, before: Array) -> tuple[Array, Array]:
    """Community and place (x, y) of the rows that have no place (NaN in `before`), everything else being left as it is.

    Each goes to its own time on the scale of the layout that stands, at the height of its strongest neighbour and in its community;
    one without neighbours goes to the height of the lowest, in community 0.
    """
    new = np.flatnonzero(np.isnan(before[:, 0]))
    x = np.clip(_read_scale(days=days, before=before)(days[new]), -FARTHEST, FARTHEST)
    places = np.stack([x, np.zeros(len(new))], axis=-1)
    joined = np.zeros(len(new), dtype=np.int64)
    for place, row in enumerate(new):
        anchor = find_anchor(network, row=int(row), placed=~np.isnan(before[:, 0]))
        joined[place] = 0 if anchor is None else community[anchor]
        height = np.nanmin(before[:, 1]) if anchor is None else before[anchor, 1]
        places[place, 1] = height + LANE * ((int(network.ids[row]) * GOLDEN) % 1 - 0.5)
    return joined, np.round(places, 4)


def _read_scale(*, days: Array, before: Array) -> np.poly1d:
    """Time to x, from the first and the last memory that have a place."""
    placed = np.flatnonzero(~np.isnan(before[:, 0]))
    first, last = placed[np.argmin(days[placed])], placed[np.argmax(days[placed])]
    slope = (before[last, 0] - before[first, 0]) / max(days[last] - days[first], 1)
    return np.poly1d([slope or 2.0, before[first, 0] - (slope or 2.0) * days[first]])
