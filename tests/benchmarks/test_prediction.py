import numpy as np

from benchmarks.links import wins
from benchmarks.measures import add_up
from benchmarks.prediction import MEASURES, count, make


def test_the_counts_of_two_persons():
    counts = add_up(count(seed) for seed in (0, 1))
    assert [counts[f"h30_bin{n}_n"] for n in range(10)] == [422, 178, 102, 82, 75, 103, 94, 80, 79, 145]
    assert [counts[f"h30_bin{n}_hit"] for n in range(10)] == [20, 21, 18, 29, 27, 51, 49, 56, 60, 143]


def test_probabilities_beat_the_mean_rate_and_keep_their_word():
    counts = add_up(count(seed) for seed in range(3))
    figures = {measure.name: measure.value(counts) for measure in MEASURES}
    assert figures["skill over the mean rate, 30 days"] > 0.15
    assert figures["calibration error, 30 days"] < 0.05
    assert figures["new links, area under the curve"] > 0.7


def test_the_naive_rate_promises_too_much():
    counts = count(0)
    by_name = {measure.name: measure for measure in MEASURES}
    error = by_name["calibration error, 30 days"]
    assert error.naive(counts) > 2 * error.value(counts)


def test_ranking_all_that_came_first_wins_every_pair_and_ties_half():
    came = np.array([1.0, 1.0, 0.0, 0.0])
    assert wins(np.array([0.9, 0.8, 0.2, 0.1]), came) == 4
    assert wins(np.zeros(4), came) == 2


def test_the_same_seed_gives_the_same_person():
    assert [days.tolist() for days in make(3)] == [days.tolist() for days in make(3)]
