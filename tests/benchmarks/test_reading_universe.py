"""Who lives in the made-up universe, and when a run says nothing."""

import pytest

from benchmarks.reading.client import Reply
from benchmarks.reading.latency import is_void
from benchmarks.reading.rounds import Rounds
from benchmarks.reading.universe import Person, plan_universe


def test_everything_grows_with_the_relationships():
    person = Person(user_id=1, relationships=5_000)
    assert (person.memories, person.entities, person.ties, person.mentions) == (2_000, 400, 5_000, 6_000)


def test_people_of_special_sizes_live_among_the_usual_ones():
    universe = plan_universe(people=3, special=(1_000, 10_000))
    assert [person.relationships for person in universe.people] == [5_000, 5_000, 5_000, 1_000, 10_000]
    assert [person.user_id for person in universe.usual] == [1, 2, 3]
    assert universe.relationships == 26_000


def test_a_ratio_is_taken_round_by_round():
    rounds = Rounds({"before": [900.0, 2_000.0], "one": [1.0, 2.0]}, {"one": Reply(0.001, 200, b"1", {})})
    assert rounds.ratio("before", to="one") == [900.0, 1_000.0]


@pytest.mark.parametrize(("before", "void"), [(499.0, True), (500.0, False), (1_300.0, False), (1_301.0, True)])
def test_a_run_whose_baselines_stand_elsewhere_is_void(before, void):
    assert is_void(Rounds({"before": [before], "one": [1.0]}, {})) is void
