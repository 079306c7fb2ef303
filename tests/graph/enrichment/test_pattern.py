import numpy as np
import pytest

from graph.enrichment.base import Entity, Event, Rule, Series, World
from graph.enrichment.pattern import PatternLayer, assign, match_event, render_name

SATURDAY = 18_001 - (18_001 + 3) % 7 + 5
MORNING, EVENING = 9 * 60, 20 * 60
CHOIR, ANNA, HALL = 1, 2, 3
ENTITIES = {
    CHOIR: Entity(CHOIR, "topic", "choir"),
    ANNA: Entity(ANNA, "person", "Anna"),
    HALL: Entity(HALL, "place", "the hall"),
}
NAMES = {key: entity.name for key, entity in ENTITIES.items()}


def make_world(*, choirs=12, others=300):
    """Choir with Anna on Saturday mornings, every few weeks among notes of other days."""
    notes = [Event(n, SATURDAY + n, EVENING if n % 3 else MORNING, "note") for n in range(1, others + 1)]
    days = [SATURDAY + 7 * (n * (others // 7) // choirs) for n in range(choirs)]
    choir = [Event(1_000 + n, day, MORNING, "note", (CHOIR, ANNA)) for n, day in enumerate(days)]
    events = {event.id: event for event in notes + choir}
    return World(today=SATURDAY + others, active_days=None, entities=ENTITIES, events=events)


def compute(world):
    return PatternLayer().compute(world)


def test_a_template_is_found_with_its_items_and_numbers():
    (finding,) = compute(make_world())
    assert finding.subject == ("template", ("entity:1", "entity:2", "weekday:5", "part:morning"))
    assert finding.status == "computed"
    assert finding.p is None
    assert finding.values["pattern_confidence"] == pytest.approx(0.757506, abs=1e-4)
    assert (finding.evidence["n"], finding.evidence["k"], finding.evidence["support"]) == (12, 12, 12)
    assert finding.evidence["memories"] == [1_004, 1_005, 1_006, 1_007, 1_008, 1_009, 1_010, 1_011]
    assert finding.evidence["p_adj"] < 1e-4


def test_one_busy_day_is_no_template():
    world = make_world(choirs=0)
    busy = {2_000 + n: Event(2_000 + n, SATURDAY, MORNING, "note", (CHOIR, ANNA)) for n in range(12)}
    events = dict(world.events) | busy
    assert compute(World(today=world.today, active_days=None, entities=ENTITIES, events=events)) == []


def test_an_entity_of_nearly_every_memory_makes_no_item():
    world = make_world(choirs=12, others=14)
    assert compute(world) == []


def test_a_person_without_memories_has_no_patterns():
    assert compute(World(today=SATURDAY, active_days=None)) == []


def test_the_names_do_not_matter():
    world = make_world()
    renamed = {key: Entity(key, entity.kind, "x") for key, entity in ENTITIES.items()}
    other = World(today=world.today, active_days=None, entities=renamed, events=world.events)
    assert compute(world) == compute(other)


def test_a_new_memory_matches_when_it_holds_every_item():
    definition = ("entity:1", "weekday:5", "part:morning", "platform:note")
    assert match_event(Event(1, SATURDAY, MORNING, "note", (CHOIR, ANNA)), definition)
    assert not match_event(Event(1, SATURDAY + 1, MORNING, "note", (CHOIR,)), definition)
    assert not match_event(Event(1, SATURDAY, EVENING, "note", (CHOIR,)), definition)
    assert not match_event(Event(1, SATURDAY, None, "note", (CHOIR,)), definition)
    assert not match_event(Event(1, SATURDAY, MORNING, "mail", (CHOIR,)), definition)


def test_every_memory_gets_the_templates_it_fits():
    world = make_world()
    subjects = [finding.subject for finding in compute(world)]
    assert assign(world, subjects) == {1_000 + n: tuple(subjects) for n in range(12)}


def test_assignment_is_that_of_matching_one_by_one():
    world = make_world()
    subjects = [
        ("template", ("entity:1",)),
        ("template", ("entity:2", "part:evening")),
        ("template", ("entity:1", "weekday:5")),
    ]
    one_by_one = {
        event.id: {subject for subject in subjects if match_event(event, subject[1])} for event in world.events.values()
    }
    assigned = assign(world, subjects)
    assert {key: set(found) for key, found in assigned.items()} == {
        key: found for key, found in one_by_one.items() if found
    }


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        (
            ["entity:1", "entity:2", "entity:3", "weekday:5", "part:morning"],
            "Choir with Anna at the hall, Saturday morning",
        ),
        (["entity:2", "weekday:0"], "With Anna, Monday"),
        (["entity:1", "part:evening", "platform:zoho_mail"], "Choir, evening (zoho mail)"),
        (["entity:2", "entity:9"], "? with Anna"),
    ],
)
def test_names_follow_a_fixed_grammar(definition, name):
    kinds = {key: entity.kind for key, entity in ENTITIES.items()}
    assert render_name(definition, NAMES, kinds=kinds) == name


def test_a_sequence_is_named_step_by_step():
    assert render_name(["entity:1", "entity:2"], NAMES, days=3.0, ordered=True) == "choir -> Anna (typically 3 d)"


def make_chain(*, times=5):
    """Three series, one after the other within days, each pair a rule."""
    starts = [SATURDAY + 50 * n for n in range(times)]
    series = {n: Series(n, (n,), np.array(starts, np.int64) + n) for n in (CHOIR, ANNA, HALL)}
    events = {
        10 * n + key: Event(10 * n + key, start + key, None, "note", (key,))
        for n, start in enumerate(starts)
        for key in series
    }
    rule = {
        "window": 3,
        "trials": 5,
        "hits": 5,
        "expected": 0.5,
        "p": 0.0,
        "p_adjusted": 0.0,
        "strength": 1.0,
        "fraction": 0.9,
    }
    rules = [Rule(cause=1, effect=2, **rule), Rule(cause=2, effect=3, **rule)]
    return World(today=SATURDAY + 400, active_days=None, series=series, entities=ENTITIES, events=events, rules=rules)


def test_a_sequence_is_told_with_its_days_and_memories():
    (finding,) = compute(make_chain())
    assert finding.subject == ("sequence", (1, 2, 3))
    assert finding.values["definition"] == ["entity:1", "entity:2", "entity:3"]
    assert (finding.evidence["n"], finding.evidence["k"], finding.evidence["days"]) == (5, 5, 2.0)
    assert finding.evidence["memories"] == [22, 23, 31, 32, 33, 41, 42, 43]
    sentence = PatternLayer().explain(values=finding.values, evidence=finding.evidence, names=NAMES)
    assert sentence == "choir -> Anna -> the hall (typically 2 d): seen whole 5 times, of 5 times that it began so."


def test_every_step_of_a_sequence_is_assigned_to_it():
    world = make_chain()
    assert assign(world, [("sequence", (1, 2, 3))]) == dict.fromkeys(world.events, (("sequence", (1, 2, 3)),))


def test_the_explanation_names_the_numbers():
    (finding,) = compute(make_world())
    sentence = PatternLayer().explain(values=finding.values, evidence=finding.evidence, names=NAMES)
    assert sentence == (
        "Choir with Anna, Saturday morning: these came together in 12 memories; "
        f"chance alone would give about {finding.evidence['expected']:.1f}."
    )
