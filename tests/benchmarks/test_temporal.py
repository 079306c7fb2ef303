import numpy as np
import pytest

from benchmarks.series import NULLS, PERIODS, recurring, rule_days, shuffled, stage, without_rule
from benchmarks.temporal import MEASURES, count, naive, planted_series

EXPECTED = {
    "planted": 18, "found": 18, "discovered": 18, "false": 0, "calendar_found": 16, "family": 16,
    "running": 16, "next": 15, "ended": 2, "lapsed": 2, "null_discovered": 0, "shuffled_discovered": 0,
    "naive_found": 3, "naive_discovered": 3, "naive_false": 0, "naive_family": 2, "naive_next": 2,
}  # fmt: skip


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_one_person_is_counted_exactly() -> None:
    counts = count(7)
    assert {name: int(counts.get(name, 0)) for name in EXPECTED} == EXPECTED


def test_the_same_seed_is_the_same_person() -> None:
    one, other = count(3), count(3)
    assert {name: value for name, value in one.items() if name != "seconds"} == {
        name: value for name, value in other.items() if name != "seconds"
    }


def test_every_measure_can_be_taken_of_one_person() -> None:
    counts = count(7)
    assert all(0 <= measure.value(counts) <= 1 for measure in MEASURES)


@pytest.mark.parametrize("kind", [kind for kind in PERIODS if kind not in ("weekdays", "daily")])
def test_a_rule_comes_once_a_period(kind: str) -> None:
    days, period = rule_days(rng(), kind=kind, first=17000, last=17000 + 365 * 8)
    assert np.abs(np.diff(days) - period).max() <= 0.25 * period
    assert len(days) >= 7


def test_misses_and_strays_are_as_many_as_asked_for() -> None:
    on = stage(rng(), years=6)
    sizes = [len(recurring(rng(seed), kind="weekly", on=on, miss=0.5, noise=0.0).days) for seed in range(30)]
    assert 0.35 < np.mean(sizes) / (6 * 52) < 0.55


@pytest.mark.parametrize("kind", list(NULLS))
def test_a_series_without_a_rule_lies_on_active_days(kind: str) -> None:
    on = stage(rng(), years=6)
    days = without_rule(rng(2), kind=kind, on=on).days
    assert set(days.tolist()) <= set(on.active.tolist())


def test_shuffling_moves_days_and_keeps_how_many() -> None:
    _, world = planted_series(rng())
    twin = shuffled(rng(2), world=world)
    assert [len(one.days) for one in twin.series.values()] == [len(one.days) for one in world.series.values()]
    assert any((one.days != world.series[one.id].days).any() for one in twin.series.values())


def test_the_rule_of_thumb_sees_even_gaps_alone() -> None:
    assert naive(np.arange(0, 700, 7)) == ("weekly", 700)
    assert naive(np.array([0, 1, 2, 90, 91, 200])) is None
