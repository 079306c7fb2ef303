"""Layer 5, cross-platform: one event that several platforms tell of, as clusters of the edges that detection drew between pairs.

A chain of likenesses is not yet one event: two clusters are joined only while the average link between them (a pair without an
edge counts as .25: it was rejected, or shares too little to be compared, or is of one platform) is at least one half.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from graph.enrichment.base import Edge, Finding, World

LEAST_P = 0.5
UNLINKED = (
    0.25  # what a pair without an edge counts in the average: little, for it may share too few words to be compared
)

Cluster = frozenset[int]
Links = Mapping[frozenset[int], float]


class CrossPlatformLayer:
    """One finding for each cluster; its subject is the rising tuple of the ids of its memories."""

    name = "cross_platform"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        edges = [
            edge
            for edge in world.edges
            if edge.type == "same_event"
            and edge.confidence >= LEAST_P
            and {edge.source, edge.target} <= world.events.keys()
        ]
        platforms = {pk: world.events[pk].source for edge in edges for pk in (edge.source, edge.target)}
        clusters = join_edges(edges)
        return [self._judge(cluster, edges=edges, platforms=platforms) for cluster in clusters]

    def _judge(self, cluster: Cluster, *, edges: Sequence[Edge], platforms: Mapping[int, str]) -> Finding:
        memories = sorted(cluster)
        inner = sorted(
            (edge for edge in edges if edge.source in cluster and edge.target in cluster), key=lambda e: e.id
        )
        sources = sorted({platforms[memory] for memory in memories})
        confidence = round(math.fsum(edge.confidence for edge in inner) / len(inner), 6)
        evidence = {
            "memories": memories,
            "edges": [edge.id for edge in inner],
            "sources": sources,
            "shared_keys": sum(_count(edge, "shared_keys") for edge in inner),
            "days_apart": max(_count(edge, "days_apart") for edge in inner),
            "n": len(memories),
            "k": len(inner),
            "version": self.version,
        }
        if len(sources) < 2:
            nothing = {"platform_sources": None, "confidence": None, "memory_ids": None}
            return Finding(tuple(memories), "not_significant", nothing, evidence)
        values = {"platform_sources": sources, "confidence": confidence, "memory_ids": memories}
        return Finding(tuple(memories), "computed", values, evidence)

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        sources, memories, keys = evidence.get("sources"), evidence.get("n"), evidence.get("shared_keys")
        named = [str(source).replace("_", " ") for source in sources] if isinstance(sources, list) else []
        if len(named) < 2:
            return "Only one platform tells of it."
        because = "a reference, sum or address in common" if keys else "the same particulars at about the same time"
        told = f"{memories} memories from {', '.join(named[:-1])} and {named[-1]} tell of the same event"
        sure = values.get("confidence")
        return f"{told}: they have {because}" + (f" ({100 * sure:.0f} % sure)." if isinstance(sure, float) else ".")


def _count(edge: Edge, name: str) -> int:
    value = edge.evidence.get(name)
    return value if isinstance(value, int) else 0


def join_edges(edges: Iterable[Edge]) -> list[Cluster]:
    """Clusters by union of the likeliest edges first, each union under the test of the average link."""
    ordered = sorted(edges, key=lambda edge: (-edge.confidence, edge.source, edge.target))
    links: dict[frozenset[int], float] = {}
    home: dict[int, Cluster] = {}
    for edge in ordered:
        links.setdefault(frozenset((edge.source, edge.target)), edge.confidence)
        for memory in (edge.source, edge.target):
            home.setdefault(memory, frozenset({memory}))
    for edge in ordered:
        one, other = home[edge.source], home[edge.target]
        if one != other and _average(one, other, links=links) >= LEAST_P:
            home.update(dict.fromkeys(one | other, one | other))
    return sorted({cluster for cluster in home.values() if len(cluster) > 1}, key=sorted)


def _average(one: Cluster, other: Cluster, *, links: Links) -> float:
    pairs = [frozenset((a, b)) for a in sorted(one) for b in sorted(other)]
    return math.fsum(links.get(pair, UNLINKED) for pair in pairs) / len(pairs)
