"""Served: importance, communities and positions of a person's entities, worked out once per layout epoch, never at a read.

Importance is PageRank over tie weights (Brin and Page 1998), scaled so that the first is 1; communities are Louvain's
(Blondel et al. 2008); positions are a force-directed drawing (Fruchterman and Reingold 1991) of the most important part,
with the rest placed beside their strongest neighbour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin, sqrt

import networkx as nx
from django.db import connection, transaction

from graph.models import Entity, Tie
from graph.services.bodies import store_body
from graph.services.gazetteer import hand_down_names
from graph.services.locks import lock_user

SEED = 7
DRAWN_BY_FORCE = 600
GOLDEN_ANGLE = 2.399963229728653


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
    store_body(user_id=user_id)
    hand_down_names(user_id=user_id)


def read_graph(*, user_id: int) -> "nx.Graph[int]":
    """Shown entities and the ties between them."""
    graph: nx.Graph[int] = nx.Graph()
    shown = Entity.objects.shown().filter(user_id=user_id).order_by("pk").values_list("pk", flat=True)
    graph.add_nodes_from(shown)
    ties = Tie.objects.filter(user_id=user_id).order_by("a_id", "b_id").values_list("a_id", "b_id", "weight")
    graph.add_weighted_edges_from((a, b, weight) for a, b, weight in ties if a in graph and b in graph)
    return graph


def read_positions(*, user_id: int) -> dict[int, tuple[float, float]]:
    """Positions of the layout before, so that a new one does not turn the picture round."""
    rows = Entity.objects.filter(user_id=user_id, x__isnull=False).values_list("pk", "x", "y")
    return {pk: (x, y) for pk, x, y in rows}


def compute_places(graph: "nx.Graph[int]", *, before: dict[int, tuple[float, float]]) -> dict[int, Place]:
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
    graph: "nx.Graph[int]",
    *,
    order: Sequence[int],
    community: dict[int, int],
    before: dict[int, tuple[float, float]],
) -> dict[int, tuple[float, float]]:
    core = graph.subgraph(order[:DRAWN_BY_FORCE])
    start = {node: before.get(node) or _start(community[node], place) for place, node in enumerate(core)}
    drawn = nx.spring_layout(core, pos=start, weight="weight", iterations=60, seed=SEED, k=2.0 / sqrt(len(core)))
    position = {node: (float(x), float(y)) for node, (x, y) in drawn.items()}
    for place, node in enumerate(order[DRAWN_BY_FORCE:]):
        position[node] = _beside(graph, node=node, place=place, position=position)
    return position


def _start(community: int, place: int) -> tuple[float, float]:
    """Communities begin on a spiral, their members around them: force-directed drawing finds the rest sooner."""
    radius, angle = 0.3 * sqrt(community), community * GOLDEN_ANGLE
    near, turn = 0.02 * sqrt(place), place * GOLDEN_ANGLE
    return (radius * cos(angle) + near * cos(turn), radius * sin(angle) + near * sin(turn))


def _beside(
    graph: "nx.Graph[int]", *, node: int, place: int, position: dict[int, tuple[float, float]]
) -> tuple[float, float]:
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
