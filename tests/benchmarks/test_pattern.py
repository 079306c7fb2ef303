from benchmarks.measures import add_up
from benchmarks.pattern import MEASURES, count, make, make_null


def test_planted_templates_are_found_and_nothing_where_nothing_is():
    counts = add_up(count(seed) for seed in (0, 1, 2))
    del counts["seconds"]
    assert counts == {
        "users": 3,
        "planted": 24,
        "recovered": 22,
        "exact": 21,
        "found": 22,
        "fragments": 1,
        "strays": 0,
        "null_found": 0,
        "naive_found": 24,
        "naive_recovered": 0,
        "naive_strays": 24,
    }


def test_the_naive_method_finds_what_is_frequent_and_not_what_belongs_together():
    counts = count(0)
    recall = MEASURES[0]
    assert recall.value(counts) > 0.8
    assert recall.naive(counts) == 0


def test_the_null_twin_keeps_every_column():
    world, null = make(4).world, make_null(4)
    for column in (lambda e: e.day, lambda e: e.minute, lambda e: e.source):
        assert sorted(map(column, world.events.values())) == sorted(map(column, null.events.values()))
    named = [sorted(entity for event in one.events.values() for entity in event.entities) for one in (world, null)]
    assert named[0] == named[1]


def test_the_same_seed_gives_the_same_user():
    assert make(7).world.events == make(7).world.events
    assert make(7).templates != make(8).templates
