from datetime import date

import numpy as np
import pytest

from graph.enrichment.base import Finding, Series, World, control_discoveries, day_date, day_number
from graph.enrichment.seasonal import SeasonalLayer, day_of_year

START, TODAY = day_number(date(2017, 3, 5)), day_number(date(2024, 6, 30))
EVERY_DAY = np.arange(START, TODAY + 1)


def world(*days: np.ndarray, active: np.ndarray = EVERY_DAY) -> World:
    series = {number: Series(number, (number,), np.unique(one)) for number, one in enumerate(days)}
    return World(today=TODAY, active_days=active, series=series, asked=frozenset(series))


def find(days: np.ndarray, active: np.ndarray = EVERY_DAY) -> Finding:
    [finding] = control_discoveries(SeasonalLayer().compute(world(days, active=active)))
    return finding


def some_in(months: set[int], *, each: int, seed: int = 1, since: int = START) -> np.ndarray:
    """Some days of those months in every year."""
    rng = np.random.default_rng(seed)
    inside = [day for day in EVERY_DAY if day >= since and day_date(day).month in months]
    years = {day_date(day).year for day in inside}
    parts = [[day for day in inside if day_date(day).year == year] for year in sorted(years)]
    return np.concatenate([rng.choice(part, min(each, len(part)), replace=False) for part in parts])


@pytest.mark.parametrize("months", [{4, 5}, {7}, {12, 1, 2}])
def test_a_season_is_named_by_its_months(months: set[int]) -> None:
    finding = find(some_in(months, each=8))
    assert finding.values["seasonal_months"] == sorted(months)
    assert finding.values["seasonal_strength"] > 0.9


def test_strays_weaken_a_season() -> None:
    strays = np.random.default_rng(2).choice(EVERY_DAY, 20, replace=False)
    pure, mixed = find(some_in({7}, each=8)), find(np.r_[some_in({7}, each=8), strays])
    assert 0.5 < mixed.values["seasonal_strength"] < pure.values["seasonal_strength"]


def test_two_years_cannot_show_a_season() -> None:
    finding = find(some_in({7}, each=8, since=day_number(date(2022, 1, 1))))
    assert finding.status == "not_enough_data"
    assert finding.evidence == {"reason": "two years cannot show a season", "n": 16, "years": 2, "version": 2}


def test_one_busy_fortnight_is_not_a_season() -> None:
    burst = np.arange(START + 400, START + 415)
    assert find(np.r_[burst, START + 10, START + 900, START + 1500]).status == "not_significant"


def test_what_follows_the_writing_has_no_season() -> None:
    summers = np.array([day for day in EVERY_DAY if day_date(day).month in (6, 7, 8) or day % 10 == 0])
    picked = [np.random.default_rng(seed).choice(summers, 60, replace=False) for seed in range(20)]
    findings = control_discoveries(SeasonalLayer().compute(world(*picked, active=summers)))
    assert {finding.status for finding in findings} == {"not_significant"}


def test_a_series_alone_is_what_it_is_among_others() -> None:
    days = [some_in({9, 10}, each=4, seed=seed) for seed in range(4)]
    together = SeasonalLayer().compute(world(*days))
    alone = [SeasonalLayer().compute(world(one))[0] for one in days]
    assert [(f.values, f.evidence, f.p) for f in together] == [(f.values, f.evidence, f.p) for f in alone]


def test_a_date_has_the_same_place_in_every_year() -> None:
    places = [day_of_year(np.array([day_number(date(year, 3, 1))]))[0] for year in (1900, 2000, 2023, 2024)]
    assert places == [60] * 4


def test_the_evidence_counts_by_month_and_cites_days() -> None:
    days = some_in({7}, each=8)
    evidence = find(days).evidence
    assert evidence["month_counts"][6] == evidence["k"] == evidence["n"] == len(days)
    assert evidence["days"] == sorted(days.tolist())[-8:]


def test_the_explanation_names_the_months_from_the_season_s_start() -> None:
    finding = find(some_in({12, 1, 2}, each=8))
    said = SeasonalLayer().explain(values=finding.values, evidence=finding.evidence, names={})
    n = finding.evidence["n"]
    assert said.startswith(
        f"This has a season: {n} of {n} days fall in December, January and February, over 7 years, where "
    )


def test_the_explanation_says_why_nothing_is_known() -> None:
    few = find(some_in({7}, each=8, since=day_number(date(2022, 1, 1))))
    said = SeasonalLayer().explain(values=few.values, evidence=few.evidence, names={})
    assert said == "Whether this has a season cannot be said: two years cannot show a season."
    assert (
        SeasonalLayer().explain(values={"seasonal_months": None}, evidence={}, names={})
        == "No time of year stands out for this."
    )
