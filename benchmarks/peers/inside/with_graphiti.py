"""Graphiti with its embedded database: no language model, made-up vectors in place of an embedder's.

Arguments: the graph as JSON, and a folder for its database.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peers.inside.loop import Job, refuse_network, serve_jobs

os.environ["GRAPHITI_TELEMETRY_ENABLED"] = "false"
refuse_network()

from graphiti_core.driver.kuzu_driver import KuzuDriver  # noqa: E402 -- after the network is shut
from graphiti_core.edges import EntityEdge  # noqa: E402
from graphiti_core.embedder import EmbedderClient  # noqa: E402
from graphiti_core.nodes import EntityNode  # noqa: E402
from graphiti_core.utils.bulk_utils import add_nodes_and_edges_bulk  # noqa: E402
from pydantic import TypeAdapter  # noqa: E402

GROUP, DIMENSIONS = "bench", 1024
NODES, EDGES = TypeAdapter(list[EntityNode]), TypeAdapter(list[EntityEdge])


class NoEmbedder(EmbedderClient):
    """Every vector is there before it is asked for."""

    async def create(self, input_data: Any) -> list[float]:
        raise AssertionError(f"No vector for {input_data!r}.")


class Store:
    """A graph and an empty database for it."""

    def __init__(self, graph: dict[str, Any], *, path: Path, run: asyncio.Runner) -> None:
        self.nodes = [make_node(row) for row in graph["nodes"]]
        self.edges = [make_edge(row) for row in graph["edges"]]
        self.path, self.run = path, run
        self.driver = KuzuDriver(str(path / "first"))

    def do(self, work: Awaitable[Any]) -> Any:
        async def wait() -> Any:
            return await work

        return self.run.run(wait())

    def save_one_by_one(self) -> None:
        """As the library's own `add_triplet` and `add_episode` save what they found."""
        for one in (*self.nodes, *self.edges):
            self.do(one.save(self.driver))

    def save_in_bulk(self) -> None:
        """Into another new database, from which nothing is read."""
        driver = KuzuDriver(str(self.path / "second"))
        self.do(add_nodes_and_edges_bulk(driver, [], [], self.nodes, self.edges, NoEmbedder()))

    def fetch(self) -> tuple[list[EntityNode], list[EntityEdge]]:
        return (
            self.do(EntityNode.get_by_group_ids(self.driver, [GROUP])),
            self.do(EntityEdge.get_by_group_ids(self.driver, [GROUP])),
        )

    def fetch_json(self) -> int:
        """Bytes of JSON, written by the objects' own library."""
        nodes, edges = self.fetch()
        return len(NODES.dump_json(nodes)) + len(EDGES.dump_json(edges))


def make_node(row: dict[str, Any]) -> EntityNode:
    known = {"uuid", "name", "kind"}
    return EntityNode(
        uuid=row["uuid"], name=row["name"], group_id=GROUP, labels=[row["kind"].capitalize()], created_at=datetime.now(UTC),
        name_embedding=make_vector(row["uuid"]), attributes={name: row[name] for name in row if name not in known},
    )  # fmt: skip


def make_edge(row: dict[str, Any]) -> EntityEdge:
    known = {"uuid", "source", "target", "first"}
    return EntityEdge(
        uuid=row["uuid"], source_node_uuid=row["source"], target_node_uuid=row["target"], name="TIED", group_id=GROUP,
        fact=f"Named together in {row['memories']} memories.", created_at=datetime.now(UTC),
        valid_at=datetime.fromisoformat(row["first"]).replace(tzinfo=UTC), fact_embedding=make_vector(row["uuid"]),
        attributes={name: row[name] for name in row if name not in known},
    )  # fmt: skip


def make_vector(seed: str) -> list[float]:
    source = random.Random(seed)  # noqa: S311 -- no secret
    return [source.gauss(0, 1) / DIMENSIONS**0.5 for _ in range(DIMENSIONS)]


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        store = Store(json.loads(Path(sys.argv[1]).read_text()), path=Path(sys.argv[2]), run=runner)
        serve_jobs(
            {
                "store": Job(store.save_one_by_one),
                "store in bulk": Job(store.save_in_bulk),
                "fetch objects": Job(store.fetch),
                "fetch": Job(store.fetch_json, float),
            }
        )
