"""Analysis: where the nodes of a network are drawn, so that what belongs together stands together."""

from dataclasses import dataclass

import numpy as np

from graph.analysis.network import Array, Network, find_anchor

DRAWN_BY_FORCE = 700
FRESH_STEPS = 120
LATER_STEPS = 30
REPULSION = 2.0
GRAVITY = 1.0
GOLDEN_ANGLE = 2.399963229728653
TOUCHING = 1e-4  # squared; two nodes on one spot push each other no harder


@dataclass(frozen=True, slots=True)
class Forces:
    """What moves the nodes of a drawing: how they attract each other, and their masses."""

    attraction: Array
    mass: Array

    def move(self, points: Array) -> Array:
        """Points one step on: each goes by its force over how stiffly it is held (Jacobi's step), which needs no speed to be chosen.

        The forces are ForceAtlas2's (Jacomy et al. 2014), with the attraction of LinLog (Noack 2009).
        """
        dx, dy = (np.subtract.outer(points[:, axis], points[:, axis]) for axis in (0, 1))
        squared = dx * dx + dy * dy
        np.maximum(squared, TOUCHING, out=squared)
        distance = np.sqrt(squared)
        push = np.multiply.outer(REPULSION * self.mass, self.mass) / squared
        np.fill_diagonal(push, 0)
        pull = self.attraction * np.log1p(distance) / distance
        centred = points - points.mean(axis=0)
        inward = GRAVITY * self.mass / np.maximum(np.hypot(centred[:, 0], centred[:, 1]), TOUCHING)
        stiffness = push.sum(axis=1) + pull.sum(axis=1) + inward
        push -= pull
        force = points * push.sum(axis=1)[:, None] - push @ points - centred * inward[:, None]
        moved: Array = points + force / stiffness[:, None]
        return moved

    def find_scale(self, points: Array) -> float:
        """The size at which this picture neither swells nor shrinks: where its attraction outweighs its repulsion."""
        rows, columns = np.nonzero(np.triu(self.attraction))
        span = np.hypot(*(points[rows] - points[columns]).T)
        centred = points - points.mean(axis=0)
        inward = GRAVITY * float(self.mass @ np.hypot(centred[:, 0], centred[:, 1]))
        outward = REPULSION * float(self.mass.sum() ** 2 - (self.mass**2).sum()) / 2
        weight = self.attraction[rows, columns]
        small, large = 1e-3, 1e9
        while large > 1.01 * small:
            scale = (small * large) ** 0.5
            pulled = float(weight @ (np.log1p(scale * span) * scale * span)) + inward * scale
            small, large = (scale, large) if pulled < outward else (small, scale)
        return small


def draw(network: Network, *, importance: Array, community: Array, before: Array) -> Array:
    """A place (x, y) for every row, nine tenths within the unit circle; `before` holds NaN where there was none.

    The most important are drawn by force, from where they stood, so that the picture stays the one they know. The rest keep to their
    strongest neighbour.
    """
    if not len(network):
        return np.zeros((0, 2))
    order = np.lexsort((np.arange(len(network)), -importance))
    core = np.sort(order[:DRAWN_BY_FORCE])
    known = ~np.isnan(before[core, 0])
    start = np.where(known[:, None], before[core], _spread(community[core]))
    steps = LATER_STEPS if 2 * known.sum() > len(core) else FRESH_STEPS
    points = np.full((len(network), 2), np.nan)
    points[core] = _fit(_draw_by_force(network, rows=core, start=start, steps=steps))
    for row in order[DRAWN_BY_FORCE:]:
        points[row] = _stand_beside(network, row=int(row), points=points)
    return np.round(points, 4)


def _spread(community: Array) -> Array:
    """Communities begin on a spiral, their members around them: forces find the rest sooner."""
    place = np.arange(len(community))
    return 0.3 * np.sqrt(community)[:, None] * _turn(community) + 0.02 * np.sqrt(place)[:, None] * _turn(place)


def _turn(number: Array) -> Array:
    angle = number * GOLDEN_ANGLE
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _draw_by_force(network: Network, *, rows: Array, start: Array, steps: int) -> Array:
    if len(rows) < 3:
        return start
    attraction = network.weights[rows][:, rows].toarray().astype(np.float32)
    forces = Forces(attraction=attraction, mass=(1 + (attraction > 0).sum(axis=1)).astype(np.float32))
    points = (start * forces.find_scale(start)).astype(np.float32)
    for _ in range(steps):
        points = forces.move(points)
    return points.astype(float)


def _fit(points: Array) -> Array:
    """Nine tenths of the nodes within the unit circle and nobody far outside: a few strays would make the rest tiny."""
    points = points - np.median(points, axis=0)
    radius = np.hypot(points[:, 0], points[:, 1])
    unit = max(float(np.percentile(radius, 90)), 1e-9)
    points, radius = points / unit, radius / unit
    outside = np.maximum(radius, 1.0)
    fitted: Array = points * ((1 + 0.25 * np.tanh(outside - 1)) / outside)[:, None]
    return fitted


def _stand_beside(network: Network, *, row: int, points: Array) -> Array:
    """A little away from the strongest neighbour that has a place, on a side of its own; the lonely go on a ring around all."""
    node = int(network.ids[row])
    anchor = find_anchor(network, row=row, placed=~np.isnan(points[:, 0]))
    side = _turn(np.array(node % 997))
    if anchor is None:
        return 1.4 * side
    place: Array = points[anchor] + (0.03 + 0.05 * (node * 7919 % 97) / 97) * side
    return place
