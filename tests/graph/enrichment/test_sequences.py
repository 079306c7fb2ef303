"""Sequences: paths of rules that were seen whole."""

import numpy as np
import pytest

from graph.enrichment.base import Rule, Series, World
from graph.enrichment.sequences import find_sequences, wilson_bound


def world_of(*series, window=3):
    """Series 1, 2, ... of entities 10, 20, ..., with a rule from each to the next."""
    found = {key: Series(id=key, entities=(key * 10,), days=np.array(days)) for key, days in enumerate(series, start=1)}
    rules = [
        Rule(key, key + 1, window, trials=5, hits=5, expected=0.1, p=1e-6, p_adjusted=1e-4, strength=0.9, fraction=0.9)
        for key in range(1, len(series))
    ]
    return World(today=200, active_days=np.arange(200), series=found, rules=rules)


def test_three_steps_seen_three_times_are_a_sequence():
    (found,) = find_sequences(world_of([1, 20, 40, 60], [2, 22, 41, 61], [4, 23, 44]))
    assert (found.entities, found.windows) == ((10, 20, 30), (3, 3))
    assert found.instances == ((1, 2, 4), (20, 22, 23), (40, 41, 44))
    assert (found.prefixes, found.confidence) == (4, pytest.approx(wilson_bound(3, 4), abs=1e-6))


def test_twice_is_not_enough():
    assert find_sequences(world_of([1, 20], [2, 22], [4, 23])) == []


def test_what_takes_longer_than_the_windows_is_not_seen():
    assert find_sequences(world_of([1, 20, 40], [2, 21, 41], [9, 28, 48])) == []


def test_the_longer_sequence_tells_the_story_of_its_parts():
    found = find_sequences(world_of([1, 20, 40], [2, 21, 41], [3, 22, 42], [4, 23, 43]))
    assert [episode.entities for episode in found] == [(10, 20, 30, 40)]


def test_a_part_seen_much_more_often_stays():
    starts = range(1, 121, 20)
    steps = [[start + n for start in starts] for n in range(3)]
    found = find_sequences(world_of(*steps, [4, 24, 44]))
    assert [episode.entities for episode in found] == [(10, 20, 30), (10, 20, 30, 40)]


def test_of_two_starts_the_nearer_counts():
    (found,) = find_sequences(world_of([1, 2, 20, 40], [3, 21, 41], [4, 22, 42]))
    assert found.instances[0] == (2, 3, 4)


def test_nothing_is_known_without_trials():
    assert wilson_bound(0, 0) == 0.0
