"""networkx: a graph of dictionaries from rows, out as JSON; its PageRank, communities, paths and drawing.

Arguments: a person's id, and the ids of the two ends of a path.
"""

import sys
from itertools import islice

import networkx as nx
import orjson

from benchmarks.peers.inside.loop import Job, serve_jobs
from benchmarks.peers.inside.rows import EDGE_NAMES, NODE_NAMES, Reader, price

Network = nx.Graph  # of ids


def build(reader: Reader) -> Network:
    graph = nx.Graph()
    nodes, edges = reader.read()
    graph.add_nodes_from((row[0], dict(zip(NODE_NAMES[1:], row[1:], strict=True))) for row in nodes)
    graph.add_edges_from((row[0], row[1], dict(zip(EDGE_NAMES[2:], row[2:], strict=True))) for row in edges)
    return graph


def render(graph: Network) -> bytes:
    return orjson.dumps(nx.node_link_data(graph, edges="edges"))


def main(person: int, source: int, target: int) -> None:
    reader = Reader(person)
    graph = build(reader)
    for _, _, edge in graph.edges(data=True):
        edge["cost"] = price(edge["weight"])

    def find_paths() -> list[list[int]]:
        return list(islice(nx.shortest_simple_paths(graph, source, target, weight="cost"), 3))

    serve_jobs(
        {
            "fetch": Job(lambda: render(build(reader)), len),
            "PageRank": Job(lambda: nx.pagerank(graph, tol=1e-10 / len(graph), max_iter=200)),
            "communities": Job(
                lambda: nx.community.louvain_communities(graph, seed=1),
                lambda sets: nx.community.modularity(graph, sets),
            ),
            "paths": Job(find_paths, lambda found: sum(nx.path_weight(graph, path, "cost") for path in found)),
            "drawing": Job(lambda: nx.spring_layout(graph, seed=1)),
        }
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
