"""Served: importance, communities and positions of a person's entities, worked out once per layout epoch, never at a read.

Importance is PageRank over tie weights (Brin and Page 1998), scaled so that the first is 1; communities are Louvain's
(Blondel et al. 2008); positions are ForceAtlas2 with LinLog attraction (Jacomy et al. 2014; Noack 2009), which pulls
communities apart, for the most important part; the rest stands beside its strongest neighbour. The one who tells the person's
notes is tied to nearly everything, so they stand in the middle and take no part in the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, sin, sqrt
from typing import Any

import networkx as nx
import numpy as np
from django.db import connection, transaction

from graph.models import Entity, Tie
from graph.services.bodies import store_bodies
from graph.services.gazetteer import hand_down_names
from graph.services.locks import lock_user

SEED = 7
DRAWN_BY_FORCE = 700
FRESH_ITERATIONS = 120
LATER_ITERATIONS = 25
GOLDEN_ANGLE = 2.399963229728653

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is drawn, and what the graph says of it."""

    importance: float
    community: int
    x: float
    y: float


def lay_out(*, user_id: int) -> None:
    """Compute and write a new layout. Only reading and writing touch the database, the work is between them."""
    graph = read_graph(user_id=user_id)
    places = compute_places(graph, before=read_positions(user_id=user_id))
    with transaction.atomic():
        lock_user(user_id)
        write_places(user_id=user_id, places=places)
    store_bodies(user_id=user_id)
    hand_down_names(user_id=user_id)


def read_graph(*, user_id: int) -> "nx.Graph[int]":
    """Shown entities but the teller, and the ties between them."""
    graph: nx.Graph[int] = nx.Graph()
    shown = Entity.objects.shown().filter(user_id=user_id, teller=False).order_by("pk")
    graph.add_nodes_from(shown.values_list("pk", flat=True))
    ties = Tie.objects.filter(user_id=user_id).order_by("a_id", "b_id").values_list("a_id", "b_id", "weight")
    graph.add_weighted_edges_from((a, b, weight) for a, b, weight in ties if a in graph and b in graph)
    return graph


def read_positions(*, user_id: int) -> dict[int, Point]:
    """Positions of the layout before, so that a new one does not turn the picture round."""
    rows = Entity.objects.filter(user_id=user_id, importance__gt=0, x__isnull=False).values_list("pk", "x", "y")
    return {pk: (x, y) for pk, x, y in rows}


def compute_places(graph: "nx.Graph[int]", *, before: dict[int, Point]) -> dict[int, Place]:
    """A place for every node of the graph; deterministic for the same graph and `before`."""
    if not graph:
        return {}
    rank = nx.pagerank(graph, weight="weight")
    highest = max(rank.values())
    importance = {node: value / highest for node, value in rank.items()}
    community = _number_communities(graph)
    order = sorted(graph, key=lambda node: (-importance[node], node))
    position = _draw(graph, order=order, community=community, before=before)
    return {node: Place(importance[node], community[node], *position[node]) for node in graph}


def _number_communities(graph: "nx.Graph[int]") -> dict[int, int]:
    groups = nx.community.louvain_communities(graph, weight="weight", seed=SEED)
    ordered = sorted(groups, key=lambda group: (-len(group), min(group)))
    return {node: number for number, group in enumerate(ordered) for node in group}


def _draw(
    graph: "nx.Graph[int]", *, order: Sequence[int], community: dict[int, int], before: dict[int, Point]
) -> dict[int, Point]:
    core = graph.subgraph(order[:DRAWN_BY_FORCE])
    start = {node: np.array(before.get(node) or _start(community[node], place)) for place, node in enumerate(core)}
    known = sum(node in before for node in core)
    iterations = LATER_ITERATIONS if 2 * known > len(core) else FRESH_ITERATIONS
    position = _fit(_draw_by_force(core, start=start, iterations=iterations), order=list(core))
    for place, node in enumerate(order[DRAWN_BY_FORCE:]):
        position[node] = _beside(graph, node=node, place=place, position=position)
    return position


def _draw_by_force(core: "nx.Graph[int]", *, start: Mapping[int, Any], iterations: int) -> Mapping[int, Any]:
    if len(core) < 3:
        return start
    with np.errstate(divide="ignore", invalid="ignore"):  # a node's distance to itself; networkx drops what comes of it
        drawn: Mapping[int, Any] = nx.forceatlas2_layout(
            core,
            pos=dict(start),
            weight="weight",
            max_iter=iterations,
            linlog=True,
            scaling_ratio=2.0,
            gravity=1.0,
            seed=SEED,
        )
    return drawn


def _fit(drawn: Mapping[int, Any], *, order: Sequence[int]) -> dict[int, Point]:
    """Nine tenths of the nodes within the unit circle and nobody far outside: a few strays would make the rest tiny."""
    points = np.nan_to_num(np.array([drawn[node] for node in order], dtype=float))
    points -= np.median(points, axis=0)
    radius = np.hypot(points[:, 0], points[:, 1])
    unit = max(float(np.percentile(radius, 90)), 1e-9)
    points, radius = points / unit, radius / unit
    outside = np.maximum(radius, 1.0)
    points *= ((1 + 0.25 * np.tanh(outside - 1)) / outside)[:, None]
    return {node: (float(x), float(y)) for node, (x, y) in zip(order, points, strict=True)}


def _start(community: int, place: int) -> Point:
    """Communities begin on a spiral, their members around them: force-directed drawing finds the rest sooner."""
    radius, angle = 0.3 * sqrt(community), community * GOLDEN_ANGLE
    near, turn = 0.02 * sqrt(place), place * GOLDEN_ANGLE
    return (radius * cos(angle) + near * cos(turn), radius * sin(angle) + near * sin(turn))


def _beside(graph: "nx.Graph[int]", *, node: int, place: int, position: dict[int, Point]) -> Point:
    """A little away from the strongest neighbour that has a place; the lonely go on a ring around all."""
    placed = [other for other in graph[node] if other in position]
    angle = place * GOLDEN_ANGLE
    if not placed:
        return (1.4 * cos(angle), 1.4 * sin(angle))
    anchor = max(placed, key=lambda other: (graph[node][other]["weight"], -other))
    away = 0.03 + 0.05 * ((place * 7919) % 97) / 97
    x, y = position[anchor]
    return (x + away * cos(angle), y + away * sin(angle))


def write_places(*, user_id: int, places: dict[int, Place]) -> None:
    """Write the layout; the teller comes first, in the middle."""
    Entity.objects.filter(user_id=user_id, teller=True).update(importance=1.0, community=0, x=0.0, y=0.0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE graph_entities e SET importance = p.importance, community = p.community, x = p.x, y = p.y"
            " FROM unnest(%s::bigint[], %s::float[], %s::int[], %s::float[], %s::float[]) AS p(id, importance, community, x, y)"
            " WHERE e.user_id = %s AND e.id = p.id",
            [
                list(places),
                [place.importance for place in places.values()],
                [place.community for place in places.values()],
                [round(place.x, 4) for place in places.values()],
                [round(place.y, 4) for place in places.values()],
                user_id,
            ],
        )
