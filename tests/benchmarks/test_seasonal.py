from datetime import date

import numpy as np

from benchmarks.seasonal import MEASURES, count, person, rayleigh, season, seasonal_stage
from graph.enrichment.base import day_number

EXPECTED = {
    "planted": 10, "found": 10, "discovered": 10, "false": 0, "with_months": 10, "planted_8": 12,
    "found_8": 12, "discovered_8": 12, "false_8": 0, "null_discovered": 0, "shuffled_discovered": 0,
    "naive_found": 10, "naive_discovered": 34, "naive_false": 24,
}  # fmt: skip


def test_one_person_is_counted_exactly() -> None:
    counts = count(7)
    assert {name: int(counts.get(name, 0)) for name in EXPECTED} == EXPECTED


def test_the_same_seed_is_the_same_person() -> None:
    one, other = count(3), count(3)
    assert {name for name in one if one[name] != other[name]} <= {"seconds", "seconds_8"}


def test_every_measure_can_be_taken_of_one_person() -> None:
    counts = count(7)
    assert all(0 <= measure.value(counts) <= 1 for measure in MEASURES)


def test_a_planted_season_lies_in_its_months() -> None:
    rng = np.random.default_rng(4)
    on = seasonal_stage(rng, years=8)
    planted = season(rng, on=on, persistence=1.0, noise=0.0)
    months = [int(str(np.datetime64(int(day), "D"))[5:7]) for day in planted.planted.days]
    assert np.mean([month in planted.months for month in months]) > 0.75


def test_a_person_has_series_with_and_without_a_season() -> None:
    seasons, on = person(np.random.default_rng(5), years=5)
    assert {one.planted.null for one in seasons} == {True, False}
    assert all(one.planted.days[0] >= on.start and one.planted.days[-1] < on.end for one in seasons)


def test_the_naive_test_takes_one_summer_for_a_season() -> None:
    summer = np.arange(day_number(date(2020, 7, 1)), day_number(date(2020, 8, 1)))
    assert rayleigh(summer) < 1e-6
    assert rayleigh(np.arange(summer[0], summer[0] + 365 * 4, 5)) > 0.5
