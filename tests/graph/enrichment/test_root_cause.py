"""Layer 7: chains walked back over causal relationships."""

import numpy as np
import pytest

from graph.enrichment.base import Edge, Event, World, day_number
from graph.enrichment.root_cause import RootCauseLayer
from tests.graph.enrichment.test_causal import STATISTICS

FIRST = day_number(np.datetime64("2024-05-03").item())


def reply(pk, source, target):
    return Edge(id=pk, source=source, target=target, type="reply_to")


def step(pk, source, target, *, of, weight=0.9):
    evidence = STATISTICS | {"cause": of[0], "effect": of[1], "weight": weight}
    return Edge(id=pk, source=source, target=target, type="precedes", confidence=0.8, evidence=evidence)


def find(*edges):
    memories = {memory for edge in edges for memory in (edge.source, edge.target)}
    events = {memory: Event(id=memory, day=FIRST + memory - 1, minute=None, source="note") for memory in memories}
    found = RootCauseLayer().compute(World(today=0, active_days=np.array([0]), events=events, edges=edges))
    return {finding.subject: finding for finding in found}


def test_a_thread_goes_back_to_its_first_mail():
    finding = find(reply(10, 1, 2), reply(11, 2, 3))[11]
    assert finding.values["root_cause_analysis"] == "Goes back 2 steps, to 3 May 2024."
    assert finding.values["chain"] == [
        {"memory": 1, "edge": None, "basis": None, "confidence": 1.0},
        {"memory": 2, "edge": 10, "basis": "response", "confidence": 1.0},
        {"memory": 3, "edge": 11, "basis": "response", "confidence": 1.0},
    ]
    assert (finding.evidence["memories"], finding.evidence["hops"]) == ([1, 2, 3], 2)


def test_confidences_are_multiplied():
    finding = find(step(10, 1, 2, of=(7, 8), weight=0.8), step(11, 2, 3, of=(8, 9), weight=0.7))[11]
    assert finding.values["confidence"] == pytest.approx(0.56)
    assert finding.evidence["entities"] == [7, 8, 9]


def test_the_walk_ends_where_it_grows_unsure():
    finding = find(step(10, 1, 2, of=(7, 8), weight=0.5), step(11, 2, 3, of=(8, 9), weight=0.5))[11]
    assert finding.evidence["memories"] == [2, 3]


def test_the_surest_way_back_is_taken():
    edges = step(10, 1, 3, of=(7, 8), weight=0.5), step(11, 2, 3, of=(6, 8)), step(12, 3, 4, of=(8, 9))
    assert find(*edges)[12].evidence["memories"] == [2, 3, 4]


def test_a_first_step_that_is_too_unsure_has_no_value():
    finding = find(step(10, 1, 2, of=(7, 8), weight=0.2))[10]
    assert finding.status == "not_significant"
    assert finding.values == {"root_cause_analysis": None, "chain": None, "confidence": None}


def test_precedence_goes_on_only_from_what_led_here():
    edges = step(10, 1, 2, of=(6, 5)), step(11, 2, 3, of=(8, 9))
    assert find(*edges)[11].evidence["memories"] == [2, 3]


def test_no_thing_explains_itself():
    edges = step(10, 1, 2, of=(9, 8)), step(11, 2, 3, of=(8, 9))
    assert find(*edges)[11].evidence["memories"] == [2, 3]


def test_no_memory_stands_twice_in_a_chain():
    assert find(reply(10, 1, 2), reply(11, 2, 1))[10].evidence["memories"] == [1, 2]


def test_a_chain_has_eight_steps_at_most():
    assert find(*(reply(pk, pk, pk + 1) for pk in range(1, 13)))[12].evidence["hops"] == 8


def test_what_is_not_causal_goes_back_to_nothing():
    backward = Edge(id=11, source=1, target=2, type="stated_cause", evidence={"direction": "target_to_source"})
    assert find(Edge(id=10, source=1, target=2, type="shares_entity"), backward) == {}


def test_the_sentence_names_the_steps_by_precedence():
    finding = find(reply(10, 1, 2), step(11, 2, 3, of=(8, 9)))[11]
    sentence = RootCauseLayer().explain(
        values=finding.values, evidence=finding.evidence, names={8: "rain", 9: "a cold"}
    )
    assert sentence.startswith("Goes back 2 steps, to 3 May 2024. A reply or a forwarded mail")
    assert "“rain” is usually followed by “a cold” within 3 days" in sentence
