"""Causes that the author states."""

import pytest

from graph.detection.stated import draw_stated, find_stated
from tests.graph.detection.tellings import tell


def read(content):
    """(cue, cause, effect) of each statement."""
    found = find_stated(tell(1, content))
    return [(s.cue, content[slice(*s.cause)], content[slice(*s.effect)]) for s in found]


@pytest.mark.parametrize(
    ("content", "cue", "cause", "effect"),
    [
        ("The jam boiled over because Otto barked.", "because", "Otto barked", "The jam boiled over"),
        ("Because Otto barked, the jam boiled over.", "because", "Otto barked", "the jam boiled over"),
        ("Because Otto barked, which is rare, I woke up.", "because", "Otto barked, which is rare", "I woke up"),
        ("No hot water because of a valve.", "because_of", "a valve", "No hot water"),
        ("The picnic moved indoors due to wasps.", "due_to", "wasps", "The picnic moved indoors"),
        ("The visit was off owing to ice on the road.", "owing_to", "ice on the road", "The visit was off"),
        ("Thanks to earplugs, I slept properly.", "thanks_to", "earplugs", "I slept properly"),
        ("Three nights of sleet led to a broken fence.", "led_to", "Three nights of sleet", "a broken fence"),
        ("The late paint resulted in a long Monday.", "resulted_in", "The late paint", "a long Monday"),
        ("The flood was caused by a pipe.", "caused_by", "a pipe", "The flood was"),
        ("The pipe caused a great flood.", "caused", "The pipe", "a great flood"),
        ("He left early in the wake of the row.", "in_the_wake_of", "the row", "He left early"),
        ("We are late as a result of the fog.", "as_a_result_of", "the fog", "We are late"),
        ("The bus broke down. As a result, we walked home.", "as_a_result", "The bus broke down", "we walked home"),
        ("The bus broke down; consequently we walked home.", "consequently", "The bus broke down", "we walked home"),
        ("My phone sank. That is why I've been silent.", "that_is_why", "My phone sank", "I've been silent"),
        ("It rained, which is why we stayed in.", "which_is_why", "It rained", "we stayed in"),
        ("I saw Mr. Price. That's why it goes ahead.", "that_is_why", "I saw Mr. Price", "it goes ahead"),
        ("Quiet day; I rested because my knee hurt; then tea.", "because", "my knee hurt", "I rested"),
    ],
)
def test_each_cue_tells_cause_from_effect(content, cue, cause, effect):
    assert read(content) == [(cue, cause, effect)]


@pytest.mark.parametrize(
    "content",
    [
        "The train was due to leave at nine.",
        "Five pounds are due to me.",
        "He was led to the altar.",
        "The path led to the church.",
        "Many thanks to Agnes for the soup.",
        "I came not because I was asked.",
        "Was it because of the rain?",
        "She caused the walls to be painted.",
        "That is why.",
        "Just because.",
        "I have been here since Monday.",
    ],
)
def test_other_uses_of_the_words_state_no_cause(content):
    assert read(content) == []


def test_a_paragraph_ends_what_that_is_why_looks_back_to():
    assert read("It rained.\n\nThat is why we stayed in.") == []


def link(*earlier, clause="Otto barked", information=None):
    content = f"The jam boiled over because {clause}."
    start = content.index(clause)
    stating = tell(9, content, day=20_060, spans=((0, 7, 1), (start, start + 4, 2)), entities=(1, 2))
    (statement,) = find_stated(stating)
    return draw_stated(stating, statement, earlier, information=information or {1: 5.0, 2: 4.0})


def test_the_cause_is_tied_to_the_memory_it_speaks_of():
    line = link(tell(1, "Otto has a cough", day=20_058, entities=(2,)), tell(2, "Jam", day=20_059, entities=(1,)))
    assert (line.source, line.target, line.type, line.method) == (1, 9, "stated_cause", "lexical")
    assert line.evidence["cue"] == "because"
    assert line.evidence["direction"] == "source_to_target"
    assert line.evidence["entities"] == [2]
    assert line.evidence["cause_span"] == [28, 39]
    assert 0.6 < line.confidence < 0.89


def test_rivals_make_the_tie_less_sure():
    one, two = tell(1, "Otto", day=20_059, entities=(2,)), tell(2, "Otto", day=20_058, entities=(2,))
    assert link(one, two).source == 1
    assert link(one, two).evidence["rivals"] == 1
    assert link(one, two).confidence < link(one).confidence


@pytest.mark.parametrize(
    "earlier",
    [
        tell(1, "Otto", day=19_990, entities=(2,)),
        tell(1, "Otto", day=20_061, entities=(2,)),
        tell(9, "Otto", day=20_060, entities=(2,)),
        tell(1, "Jam", day=20_059, entities=(1,)),
    ],
    ids=["long ago", "later", "itself", "of the effect alone"],
)
def test_no_line_where_it_is_unclear_what_is_meant(earlier):
    assert link(earlier) is None


def test_what_is_named_in_every_other_memory_ties_nothing():
    assert link(tell(1, "Otto", day=20_059, entities=(2,)), information={2: 0.7}) is None
