from dataclasses import replace

import numpy as np

from graph.enrichment.base import Entity, Event, World
from graph.enrichment.links import find_candidates, fit_links, gather, labels, predict_links


def make_world(*memories, kinds=None, today=1_000):
    """Memories as (day, entities); people unless `kinds` says otherwise."""
    events = {n: Event(n, day, None, "note", tuple(named)) for n, (day, named) in enumerate(memories, start=1)}
    ids = {entity for _, named in memories for entity in named}
    entities = {key: Entity(key, (kinds or {}).get(key, "person"), "") for key in ids}
    return World(today=today, active_days=np.array([today]), entities=entities, events=events)


def candidates(world):
    meetings = gather(world)
    found = find_candidates(meetings, today=world.today)
    return [(int(meetings.ids[a]), int(meetings.ids[b])) for a, b in zip(found.first, found.second, strict=True)]


def test_only_those_with_a_common_neighbour_who_never_met_are_candidates():
    world = make_world((900, [1, 2]), (910, [2, 3]), (920, [1, 4]), (930, [8, 9]))
    assert sorted(candidates(world)) == [(1, 3), (2, 4)]


def test_topics_lead_to_each_other_but_are_no_link_themselves():
    world = make_world((900, [1, 2]), (910, [2, 3]), (920, [3, 4]), kinds={2: "topic"})
    assert candidates(world) == [(1, 3)]


def test_a_long_list_of_names_says_nothing_of_any_two():
    world = make_world((900, list(range(1, 25))), (910, [30, 31]), (911, [31, 32]))
    assert candidates(world) == [(30, 32)]


def test_what_comes_later_is_not_looked_at():
    world = make_world((900, [1, 2]), (910, [2, 3]), (990, [1, 3]))
    found = find_candidates(gather(world), today=950)
    assert labels(gather(world), found, today=950).tolist() == [1.0]


def make_growing(*, today=1_000):
    """Every tenth day somebody new meets 1 and 2, and some days later 3, their common friend."""
    first = [(today - 400, [1, 2, 3])]
    new = [(today - 390 + 10 * n, [10 + n, 1, 2]) for n in range(36)]
    later = [(today - 390 + 10 * n + 25, [10 + n, 3]) for n in range(30)]
    return make_world(*first, *new, *later, today=today)


def test_those_whose_like_met_lately_are_the_likeliest_and_likelier_than_strangers():
    links = predict_links(make_growing(), number=1_000)
    chances = {link.entities: link.probability for link in links}
    assert {(3, 10 + n) for n in range(30, 36)} <= set(chances)
    assert min(chances[3, 10 + n] for n in range(30, 36)) > 5 * chances[10, 11]


def test_a_past_without_new_links_predicts_none():
    world = make_world((900, [1, 2]), (910, [2, 3]))
    assert fit_links(gather(world), today=world.today) is None
    assert predict_links(world, number=5) == []


def test_a_person_without_memories_has_no_links():
    assert predict_links(make_world(), number=5) == []


def test_the_order_of_the_memories_does_not_matter():
    world = make_growing()
    turned = replace(world, events=dict(reversed(world.events.items())))
    assert predict_links(world, number=9) == predict_links(turned, number=9)
