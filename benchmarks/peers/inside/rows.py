"""A person's entities and ties as rows of the database, for peers that begin with rows."""

import math
import os
from typing import Any

import psycopg

NODES = "SELECT id, kind, name, memories, importance, community, x, y, first_seen, last_seen FROM graph_entities WHERE user_id = %s AND shown"
EDGES = "SELECT a_id, b_id, id, weight, memories, layers, first, last FROM entity_ties WHERE user_id = %s"
NODE_NAMES = ("id", "kind", "label", "memories", "importance", "community", "x", "y", "first_seen", "last_seen")
EDGE_NAMES = ("source", "target", "id", "weight", "memories", "layers", "first", "last")
Rows = list[tuple[Any, ...]]


class Reader:
    """One kept connection."""

    def __init__(self, person: int) -> None:
        self.wire = psycopg.connect(os.environ["PEERS_DATABASE_URL"], autocommit=True)
        self.person = person

    def read(self) -> tuple[Rows, Rows]:
        with self.wire.cursor(binary=True) as cursor:
            nodes = cursor.execute(NODES, [self.person]).fetchall()
            return nodes, cursor.execute(EDGES, [self.person]).fetchall()


def price(weight: float) -> float:
    """What a step over a tie costs: the product's own measure (graph/analysis/paths.py)."""
    return math.log(2) - math.log(-math.expm1(-weight))
