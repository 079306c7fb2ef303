"""Layer 1: response, stated reason, precedence; and no other."""

import numpy as np
import pytest

from graph.enrichment.base import Edge, World
from graph.enrichment.causal import CausalLayer

STATISTICS = {
    "cause": 7, "effect": 8, "window": 3, "hits": 11, "trials": 39, "expected": 0.95, "p": 1e-8, "p_adj": 1e-3,
    "strength": 0.26, "fraction": 0.91, "lag": 2,
}  # fmt: skip


def find(kind, **more):
    edge = Edge(id=5, source=1, target=2, type=kind, **more)
    return CausalLayer().compute(World(today=0, active_days=np.array([0]), edges=[edge]))


def explain(kind, names=None, **more):
    (finding,) = find(kind, **more)
    return CausalLayer().explain(values=finding.values, evidence=finding.evidence, names=names or {})


@pytest.mark.parametrize("kind", ["reply_to", "forward_of"])
def test_an_answer_is_there_because_of_what_it_answers(kind):
    (finding,) = find(kind)
    assert finding.subject == 5
    assert finding.values == {
        "causal_score": 1.0,
        "causal_strength": None,
        "causal_direction": "source_to_target",
        "causal_basis": "response",
    }


def test_a_stated_reason_keeps_its_direction_and_confidence():
    (finding,) = find("stated_cause", confidence=0.9, evidence={"direction": "target_to_source"})
    assert finding.values["causal_direction"] == "target_to_source"
    assert (finding.values["causal_score"], finding.values["causal_basis"]) == (0.9, "stated")


def test_precedence_scores_its_attributable_fraction():
    (finding,) = find("precedes", evidence=STATISTICS)
    assert (finding.values["causal_score"], finding.values["causal_strength"]) == (0.91, 0.26)
    assert (finding.evidence["n"], finding.evidence["k"], finding.evidence["expected"]) == (39, 11, 0.95)


@pytest.mark.parametrize("kind", ["shares_entity", "same_thread", "duplicate_of", "same_event", "precedes"])
def test_nothing_else_is_causal(kind):
    assert find(kind) == []


def test_precedence_is_told_as_what_usually_follows():
    sentence = explain("precedes", names={7: "the market", 8: "bread"}, evidence=STATISTICS)
    assert sentence == (
        "“the market” is usually followed by “bread” within 3 days: 11 of 39 times, "
        "where 0.9 would be expected by chance."
    )
    assert "cause" not in sentence


def test_what_hardly_comes_by_chance_is_said_so():
    assert "where hardly any would be expected" in explain("precedes", evidence=STATISTICS | {"expected": 0.01})


def test_each_basis_has_its_sentence():
    assert explain("reply_to") == "The later one is a reply to the earlier one, so it is there because of it."
    assert explain("forward_of") == "The later one passes on the earlier one, so it is there because of it."
    assert "gives the earlier one as the reason" in explain("stated_cause")
