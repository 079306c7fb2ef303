"""igraph: a graph in C from rows, out as JSON in columns; its PageRank, communities, paths and drawing.

Arguments: a person's id, and the ids of the two ends of a path.
"""

import sys

import igraph
import orjson

from benchmarks.peers.inside.loop import Job, serve_jobs
from benchmarks.peers.inside.rows import EDGE_NAMES, NODE_NAMES, Reader, price


def build(reader: Reader) -> igraph.Graph:
    nodes, edges = reader.read()
    place = {row[0]: index for index, row in enumerate(nodes)}
    ends = [(place[row[0]], place[row[1]]) for row in edges]
    nodes_of = dict(zip(NODE_NAMES, map(list, zip(*nodes, strict=True)), strict=True))
    edges_of = dict(zip(EDGE_NAMES[2:], list(map(list, zip(*edges, strict=True)))[2:], strict=True))
    return igraph.Graph(n=len(nodes), edges=ends, vertex_attrs=nodes_of, edge_attrs=edges_of)


def render(graph: igraph.Graph) -> bytes:
    ids = graph.vs["id"]
    pairs = graph.get_edgelist()
    edges = {"source": [ids[a] for a, _ in pairs], "target": [ids[b] for _, b in pairs]}
    edges |= {name: graph.es[name] for name in graph.es.attributes()}
    return orjson.dumps({"nodes": {name: graph.vs[name] for name in graph.vs.attributes()}, "edges": edges})


def main(person: int, source: int, target: int) -> None:
    reader = Reader(person)
    graph = build(reader)
    costs = list(map(price, graph.es["weight"]))
    first, last = (graph.vs["id"].index(end) for end in (source, target))

    def find_paths() -> list[list[int]]:
        return graph.get_k_shortest_paths(first, last, k=3, weights=costs, output="epath")

    serve_jobs(
        {
            "fetch": Job(lambda: render(build(reader)), len),
            "PageRank": Job(lambda: graph.pagerank(weights="weight")),
            "communities": Job(
                lambda: graph.community_multilevel(weights="weight"),
                lambda found: graph.modularity(found, weights="weight"),
            ),
            "paths": Job(find_paths, lambda found: sum(costs[edge] for path in found for edge in path)),
            "drawing": Job(lambda: graph.layout_fruchterman_reingold(weights="weight")),
        }
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
