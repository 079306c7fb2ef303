import numpy as np
import pytest

from graph.enrichment.base import Series, World
from graph.enrichment.hazard import (
    FEATURES,
    HORIZONS,
    PRIOR,
    PRIOR_MODEL,
    HazardModel,
    describe,
    fit_hazard,
    fit_logistic,
    look_back,
    occurs,
    probabilities,
    steady_probabilities,
)


def days(*numbers):
    return np.array(numbers, np.int64)


def make_world(*series, today):
    numbered = {n: Series(n, (n,), one) for n, one in enumerate(series)}
    return World(today=today, active_days=np.arange(today), series=numbered)


def chance(series, *, today, horizon=30, model=PRIOR_MODEL):
    return float(probabilities(model, look_back([series], looks=days(today)), horizon=horizon)[0])


def make_person(*, number, seed=0):
    rng = np.random.default_rng(seed)
    return [np.unique(rng.integers(0, 1_000, size=rng.integers(3, 60))) for _ in range(number)]


def test_the_prior_names_every_feature_of_every_horizon():
    assert {horizon: len(row) for horizon, row in PRIOR.items()} == dict.fromkeys(HORIZONS, len(FEATURES))


def test_without_a_past_the_model_is_the_prior():
    assert fit_hazard(make_world(today=100)) == PRIOR_MODEL
    assert fit_hazard(make_world(days(1, 2), today=100)).coefficients == PRIOR


def test_a_model_survives_storage():
    model = fit_hazard(make_world(*make_person(number=5), today=1_000))
    assert HazardModel.from_dict(model.to_dict()) == model


def test_the_same_past_gives_the_same_model_whatever_the_order_of_the_series():
    person = make_person(number=20)
    assert fit_hazard(make_world(*person, today=1_000)) == fit_hazard(make_world(*person[::-1], today=1_000))


def test_what_comes_after_today_changes_nothing():
    person = make_person(number=10)
    past = [one[one <= 600] for one in person]
    assert fit_hazard(make_world(*person, today=600)) == fit_hazard(make_world(*past, today=600))


def test_one_alone_gets_the_probability_it_gets_among_all():
    person = make_person(number=12)
    together = probabilities(PRIOR_MODEL, look_back(person, looks=days(1_000)), horizon=30)
    assert together.tolist() == [chance(one, today=1_000) for one in person]


def test_the_recent_and_frequent_is_likelier_than_the_rare_and_long_gone():
    weekly, gone = np.arange(0, 700, 7), np.arange(0, 100, 10)
    assert chance(weekly, today=700) > 0.8
    assert chance(gone, today=700) < 0.2


def test_a_longer_horizon_is_never_less_likely_for_a_weekly_thing():
    weekly = np.arange(0, 700, 7)
    assert chance(weekly, today=700, horizon=7) < chance(weekly, today=700, horizon=90)


def test_looks_before_the_third_occurrence_are_left_out():
    past = look_back([days(10, 20, 30, 40)], looks=days(5, 25, 30, 45))
    assert (past.looks.tolist(), past.counts.tolist(), past.age.tolist()) == ([30, 45], [3, 4], [0, 5])


def test_an_occurrence_on_the_last_day_of_the_horizon_counts():
    series = [days(1, 2, 3, 40)]
    past = look_back(series, looks=days(9, 10, 39, 40))
    assert occurs(past, series, horizon=30).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_the_steady_rate_is_that_of_a_poisson_process():
    past = look_back([days(0, 50, 100)], looks=days(100))
    assert steady_probabilities(past, horizon=30)[0] == pytest.approx(1 - np.exp(-30 * 3 / 100))


def test_of_gaps_longer_than_the_open_one_the_share_that_ended_is_taken():
    """Gaps 10, 20, 40 and 15 days gone: two are longer, one of which ended within 15 days more; two trials of the steady rate."""
    past = look_back([days(0, 10, 30, 70)], looks=days(85))
    steady = steady_probabilities(past, horizon=15)[0]
    share = (1 + 2 * steady) / (2 + 2)
    found = describe(past, horizon=15)[0, FEATURES.index("gaps")]
    assert found == pytest.approx(np.log(share / (1 - share)))


def test_a_yearly_thing_is_expected_at_its_time_of_the_year():
    yearly = days(100, 465, 830, 1_196)
    due, not_due = chance(yearly, today=1_550), chance(yearly, today=1_400)
    assert due > 2 * not_due


def test_newton_finds_the_slope_of_plain_odds():
    features = np.ones((400, 1))
    labels = np.repeat([1.0, 0.0], [100, 300])
    (found,) = fit_logistic(features, labels, weights=np.ones(400), prior=[0.0], shrinkage=0.0)
    assert found == pytest.approx(np.log(1 / 3))
