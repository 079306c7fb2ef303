"""All of the peers: the same 400 nodes and 5,000 edges of one person stored, fetched and analysed by Life Graph and by others."""

import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from psycopg import Connection
from psycopg.rows import dict_row

from benchmarks.home import DATABASE, fresh_database
from benchmarks.measures import Part
from benchmarks.peers.jobs import Jobs, tell_analysis, tell_fetching, tell_storing
from benchmarks.peers.newcomer import Newcomers
from benchmarks.peers.ours import Analysis
from benchmarks.peers.process import open_peers
from benchmarks.reading.database import connect_app
from benchmarks.reading.run import prepare, read_server
from benchmarks.reading.universe import Person, Universe, plan_universe

TITLE = "# Peers"
NODES = """
SELECT id::text AS uuid, name, kind, memories, importance, community, x, y, first_seen::text, last_seen::text
FROM graph_entities WHERE user_id = %s AND shown ORDER BY id
"""
EDGES = """
SELECT id::text AS uuid, a_id::text AS source, b_id::text AS target, weight, memories, layers, first::text, last::text
FROM entity_ties WHERE user_id = %s ORDER BY id
"""


def measure_peers(*, people: int) -> Iterator[Part]:
    """A part for RESULTS.md at a time. `people` of the usual size are there; at least two."""
    universe, load = plan_universe(people=people, special=()), os.getloadavg()[0]
    with fresh_database():
        prepare(universe)
        yield describe(universe, load=load), []
        with open_jobs(universe) as jobs:
            yield tell_storing(jobs)
            yield tell_fetching(jobs)
            yield tell_analysis(jobs)


def describe(universe: Universe, *, load: float) -> str:
    person = universe.people[0]
    return "\n".join(
        [
            TITLE,
            "",
            f"Written {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
            f" PostgreSQL {read_server()}; before it, others kept {load:.1f} of the cores busy.",
            "",
            f"The graph of one made-up person, {person.entities} nodes and {person.ties:,} edges, among {universe.relationships:,} relationships of"
            f" {len(universe.people)} people. Each peer is a process of `.venv-peers` (requirements/peers.txt) that takes turns with this one; a"
            " value is the middle one of several rounds, with no wire of HTTP on either side. Graphiti has no language model, its vectors of 1,024"
            " numbers are made up before the clock starts, and it keeps its database, kuzu, in a file.",
            "",
        ]
    )


@contextmanager
def open_jobs(universe: Universe) -> Iterator[Jobs]:
    """Every contender at its start."""
    still, changed = universe.usual[:2]
    analysis = Analysis(still)
    with tempfile.TemporaryDirectory() as name, connect_app() as reader, connect_app() as writer:
        folder = Path(name)
        graph = folder / "graph.json"
        graph.write_text(json.dumps(read_graph(reader, person=still)), encoding="utf-8")
        asked = [str(number) for number in (still.user_id, *analysis.ends)]
        arguments = {"graphiti": [str(graph), name], "networkx": asked, "igraph": asked}
        with open_peers(arguments, folder=folder, environment={"PEERS_DATABASE_URL": find_url()}) as peers:
            newcomers = Newcomers(writer, model=still, first=len(universe.people) + 1)
            yield Jobs(peers=peers, still=still, changed=changed, newcomers=newcomers, analysis=analysis, wire=reader)


def read_graph(wire: Connection, *, person: Person) -> dict[str, Any]:
    """Nodes and edges as they go to a peer that has a database of its own."""
    with wire.cursor(row_factory=dict_row) as cursor:
        nodes = cursor.execute(NODES, [person.user_id]).fetchall()
        return {"nodes": nodes, "edges": cursor.execute(EDGES, [person.user_id]).fetchall()}


def find_url() -> str:
    """Of the bench's database, for the application's role."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}"))
