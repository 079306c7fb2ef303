"""Layer 9."""

import numpy as np
import pytest

from graph.enrichment.base import Edge, Event, World
from graph.enrichment.duplicate import DuplicateLayer

LAYER = DuplicateLayer()


def compute(*edges, days=(20_000, 20_001)):
    events = {n: Event(id=n, day=day, minute=None, source="note") for n, day in enumerate(days, start=1)}
    return LAYER.compute(World(today=20_100, active_days=np.array(days), events=events, edges=edges))


def edge(kind="duplicate_of", *, confidence=0.93, **evidence):
    return Edge(id=7, source=1, target=2, type=kind, confidence=confidence, evidence=evidence)


def explain(finding):
    return LAYER.explain(values=finding.values, evidence=finding.evidence, names={})


def test_equal_texts_are_duplicates_for_certain():
    (finding,) = compute(edge(confidence=1.0))
    assert (finding.subject, finding.status) == (7, "computed")
    assert finding.values == {"is_duplicate": True, "duplicate_confidence": 1.0}
    assert finding.evidence == {"memories": [1, 2], "days_apart": 1, "n": 1, "version": 2}
    assert explain(finding) == "Both hold the same text, word for word, 1 day apart."


def test_near_copies_are_as_sure_as_their_edge():
    (finding,) = compute(edge(similarity=0.975, shared_information=30.5), days=(20_000, 20_000))
    assert finding.values["duplicate_confidence"] == 0.93
    assert finding.evidence["shared_information"] == 30.5
    assert explain(finding).startswith("The later is a near copy of the earlier, on the same day: 98 % of the text")


@pytest.mark.parametrize("kind", ["reply_to", "same_event", "shares_entity"])
def test_other_relationships_are_no_matter_of_this_layer(kind):
    assert compute(edge(kind)) == []


def test_a_text_in_the_evidence_is_not_passed_on():
    (finding,) = compute(edge(similarity=0.9, note="a private word"))
    assert "note" not in finding.evidence
