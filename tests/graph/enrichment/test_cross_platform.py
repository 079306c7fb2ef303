"""Layer 5."""

import numpy as np

from graph.enrichment.base import Edge, Event, World
from graph.enrichment.cross_platform import CrossPlatformLayer

LAYER = CrossPlatformLayer()
SOURCES = {1: "mail", 2: "note", 3: "file", 4: "mail", 5: "note"}


def compute(*links, kind="same_event", order=1):
    """`links` are (source, target, p)."""
    events = {pk: Event(id=pk, day=20_000, minute=None, source=source) for pk, source in SOURCES.items()}
    evidence = {"shared_keys": 1, "days_apart": 2}
    edges = [Edge(n, a, b, kind, p, evidence) for n, (a, b, p) in enumerate(links, start=10)]
    return LAYER.compute(World(today=20_100, active_days=np.array([20_000]), events=events, edges=edges[::order]))


def explain(finding):
    return LAYER.explain(values=finding.values, evidence=finding.evidence, names={})


def test_memories_of_one_event_name_their_platforms():
    (finding,) = compute((1, 2, 0.9), (1, 3, 0.8), (2, 3, 0.7))
    assert (finding.subject, finding.status) == ((1, 2, 3), "computed")
    assert finding.values == {
        "platform_sources": ["file", "mail", "note"],
        "confidence": 0.8,
        "memory_ids": [1, 2, 3],
    }
    assert (finding.evidence["edges"], finding.evidence["n"], finding.evidence["k"]) == ([10, 11, 12], 3, 3)
    assert explain(finding) == (
        "3 memories from file, mail and note tell of the same event:"
        " they have a reference, sum or address in common (80 % sure)."
    )


def test_a_chain_of_weak_links_is_not_one_event():
    findings = compute((1, 2, 0.9), (2, 3, 0.6))
    assert [finding.subject for finding in findings] == [(1, 2)]


def test_a_strong_link_may_stand_for_one_that_shares_too_little():
    assert [finding.subject for finding in compute((1, 2, 0.99), (2, 3, 0.9))] == [(1, 2, 3)]


def test_two_pairs_with_one_bridge_stay_two_events():
    findings = compute((1, 2, 0.95), (3, 4, 0.9), (2, 3, 0.6))
    assert [finding.subject for finding in findings] == [(1, 2), (3, 4)]


def test_the_order_of_the_edges_does_not_matter():
    links = ((1, 2, 0.9), (2, 3, 0.6), (3, 5, 0.7), (4, 5, 0.7), (1, 3, 0.6))
    assert [f.values for f in compute(*links)] == [f.values for f in compute(*links, order=-1)]


def test_doubtful_and_other_edges_are_left_alone():
    assert compute((1, 2, 0.4)) == []
    assert compute((1, 2, 0.9), kind="duplicate_of") == []


def test_one_platform_alone_has_no_value():
    (finding,) = compute((1, 4, 0.9))
    assert finding.status == "not_significant"
    assert set(finding.values.values()) == {None}
    assert explain(finding) == "Only one platform tells of it."
