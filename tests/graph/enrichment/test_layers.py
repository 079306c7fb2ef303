"""The layers are pure: plain facts in, findings out, each with a sentence."""

from datetime import date

import pytest

from graph.enrichment import LAYER_NAMES, LAYERS, Edge, Event, World
from graph.enrichment.causal import CausalLayer
from graph.enrichment.duplicate import DuplicateLayer


def world_of(*kinds, hashes=("same", "same"), days=(date(2024, 5, 3), date(2024, 5, 4))):
    """Two memories and an edge of each kind between them."""
    events = {
        n: Event(id=n, day=day, source="note", content_hash=text)
        for n, (day, text) in enumerate(zip(days, hashes, strict=True))
    }
    edges = [Edge(id=pk, source=0, target=1, type=kind) for pk, kind in enumerate(kinds, start=10)]
    return World(today=date(2024, 6, 1), active_days=days, events=events, edges=edges)


def test_layers_stand_in_the_order_of_their_bits():
    places = [LAYER_NAMES.index(layer.name) for layer in LAYERS]
    assert places == sorted(places)
    assert len(LAYER_NAMES) == len(set(LAYER_NAMES)) == 9


def test_only_an_answer_is_there_because_of_the_other():
    kinds = ("shares_entity", "reply_to", "same_thread", "duplicate_of", "precedes")
    assert [finding.subject for finding in CausalLayer().compute(world_of(*kinds))] == [11]


def test_only_equal_texts_are_duplicates():
    assert [finding.subject for finding in DuplicateLayer().compute(world_of("reply_to", "duplicate_of"))] == [11]


def test_texts_that_differ_by_now_are_no_duplicate_and_have_no_value():
    (finding,) = DuplicateLayer().compute(world_of("duplicate_of", hashes=("one", "other")))
    assert (finding.status, set(finding.values.values())) == ("not_significant", {None})


@pytest.mark.parametrize(
    ("last", "words"),
    [(date(2024, 5, 3), "on the same day"), (date(2024, 5, 4), "1 day apart"), (date(2024, 6, 3), "31 days apart")],
)
def test_a_duplicate_says_how_far_apart(last, words):
    layer = DuplicateLayer()
    (finding,) = layer.compute(world_of("duplicate_of", days=(date(2024, 5, 3), last)))
    said = layer.explain(values=finding.values, evidence=finding.evidence)
    assert said == f"Both hold the same text, word for word, {words}."


def test_an_empty_world_has_no_findings():
    assert [layer.compute(world_of()) for layer in LAYERS] == [[] for _ in LAYERS]
