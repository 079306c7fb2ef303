"""The jobs, and who takes turns at them: a graph is stored, fetched as JSON, analysed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from psycopg import Connection

from benchmarks.measures import Part
from benchmarks.peers.newcomer import Newcomers
from benchmarks.peers.ours import Analysis, fetch_composed, fetch_from_memory, fetch_kept, take
from benchmarks.peers.process import Absent, Peer, Taken
from benchmarks.peers.turns import Contender, compare, tabulate_turns, take_turns
from benchmarks.reading.figures import Figure, show, tabulate
from benchmarks.reading.universe import Person

KEPT = b"SELECT packed FROM graph_bodies WHERE user_id = $1 AND shape = $2"
STORES, FETCHES, ANALYSES = 5, 15, 7
GRAPHITI = "Graphiti"


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the contenders work on: `still` is read as kept, of `changed` nothing is kept, `newcomers` get the graph anew."""

    peers: Mapping[str, Peer | Absent]
    still: Person
    changed: Person
    newcomers: Newcomers
    analysis: Analysis
    wire: Connection

    def ask(self, peer: str, job: str) -> Callable[[], Taken]:
        return partial(self.peers[peer].do, job)

    def read_bytes(self) -> Taken:
        """The kept body by libpq and no more."""
        from graph.selectors import GraphQuestion

        named = [str(self.still.user_id).encode(), GraphQuestion().shape.encode()]
        return take(
            lambda: self.wire.pgconn.exec_params(KEPT, named, result_format=1),
            tell=lambda result: len(result.get_value(0, 0)),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the graph in memory; `result` says what the number is that comes out."""

    title: str
    result: str
    contenders: Sequence[Contender]


def tell_storing(jobs: Jobs) -> Part:
    new = jobs.newcomers
    contenders = [
        Contender("Life Graph", "COPY into its tables in one transaction, all keys and triggers on, and the body in which it is fetched", new.store_graph, times=3),
        Contender(f"{GRAPHITI}, in bulk", "`add_nodes_and_edges_bulk`", jobs.ask("graphiti", "store in bulk"), only=1),
        Contender(f"{GRAPHITI}, one by one", "`save` of each, as its `add_episode` and `add_triplet` do", jobs.ask("graphiti", "store"), only=3),
        Contender("Life Graph, and what is behind the graph", "the same with 2,000 memories, 6,000 mentions and 5,000 relationships, and all kept bodies", new.store_life),
    ]  # fmt: skip
    new.store_life()
    turns = take_turns(contenders, rounds=STORES, warm=False)
    rows = tabulate_turns(turns, contenders=contenders, result="rows")
    bars = [bar for one in contenders[1:3] for bar in compare(turns, above=one.name, below="Life Graph", target=300)]
    return _tell("Storing the graph", rows, bars)


def tell_fetching(jobs: Jobs) -> Part:
    memory, kept = "Life Graph, read before", "Life Graph, kept body"
    contenders = [
        Contender(memory, "one statement says that the body in this process's memory still holds", partial(fetch_from_memory, jobs.still), times=20),
        Contender(kept, "first read in a process: the same statement gives the body", partial(fetch_kept, jobs.still), times=5),
        Contender("Life Graph, composed", "nothing kept: made of rows by the statement, then packed", partial(fetch_composed, jobs.changed), times=2),
        Contender("libpq alone", "the kept body's bytes, nothing asked, nothing checked", jobs.read_bytes, times=20),
        Contender(f"{GRAPHITI}, objects", "`get_by_group_ids` of nodes and of edges", jobs.ask("graphiti", "fetch objects")),
        Contender(GRAPHITI, "the same and JSON by pydantic's own serializer", jobs.ask("graphiti", "fetch")),
        Contender("networkx", "rows by psycopg, a graph of them, node-link JSON by orjson", jobs.ask("networkx", "fetch")),
        Contender("igraph", "rows by psycopg, a graph of them, columns as JSON by orjson", jobs.ask("igraph", "fetch")),
    ]  # fmt: skip
    fetch_kept(jobs.still)
    turns = take_turns(contenders, rounds=FETCHES)
    rows = tabulate_turns(turns, contenders=contenders, result="kB", scale=1000)
    bars = [bar for ours in (memory, kept) for bar in compare(turns, above=GRAPHITI, below=ours, target=90)]
    return _tell(
        "Fetching all of it as JSON",
        [*rows, "", "Life Graph's bytes are packed (zstd), as a browser takes them; the others' are not."],
        bars,
    )


def tell_analysis(jobs: Jobs) -> Part:
    """A table for each question."""
    lines = ["All of them have the graph in memory before the clock starts, but for the path as it is served.", ""]
    for question in list_questions(jobs):
        turns = take_turns(question.contenders, rounds=ANALYSES)
        rows = tabulate_turns(turns, contenders=question.contenders, result=question.result)
        lines += [f"### {question.title}", "", *rows, ""]
    return _tell("Analysing it", lines, [])


def list_questions(jobs: Jobs) -> list[Question]:
    ours = jobs.analysis
    return [
        Question("PageRank", "", [
            Contender("Life Graph", "power iteration over a sparse matrix, to 1e-10", ours.rank, times=3),
            Contender("networkx", "`pagerank`, to 1e-10", jobs.ask("networkx", "PageRank")),
            Contender("igraph", "`pagerank` (PRPACK)", jobs.ask("igraph", "PageRank"), times=3),
        ]),
        Question("Communities", "modularity", [
            Contender("Life Graph", "Louvain, the same ones each time", ours.find_communities),
            Contender("networkx", "`louvain_communities`, one seed", jobs.ask("networkx", "communities")),
            Contender("igraph", "`community_multilevel` (Louvain)", jobs.ask("igraph", "communities")),
        ]),
        Question("The three best paths", "cost of all three", [
            Contender("Life Graph", "Yen's among the nodes of shortest detour", ours.find_paths),
            Contender("Life Graph, as `graph/path/` answers", "ties and reasons read from the database, evidence included", ours.explain_paths),
            Contender("networkx", "`shortest_simple_paths` (Yen)", jobs.ask("networkx", "paths")),
            Contender("igraph", "`get_k_shortest_paths` (Yen)", jobs.ask("igraph", "paths")),
        ]),
        Question("A first drawing", "", [
            Contender("Life Graph", "ForceAtlas2's forces with LinLog attraction, 120 steps", ours.draw),
            Contender("networkx", "`spring_layout`, 50 steps", jobs.ask("networkx", "drawing")),
            Contender("igraph", "`layout_fruchterman_reingold`, 500 steps", jobs.ask("igraph", "drawing")),
        ]),
    ]  # fmt: skip


def _tell(title: str, rows: Sequence[str], bars: Sequence[Figure]) -> Part:
    judged = [*tabulate(bars), ""] if bars else []
    broken = [f"peers, {bar.name}: {show(bar.middle)} {bar.unit}" for bar in bars if not bar.holds]
    return "\n".join([f"## {title}", "", *rows, "", *judged]), broken
