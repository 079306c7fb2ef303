from dataclasses import replace

import numpy as np

from graph.enrichment.base import Entity, Event, Series, World
from graph.enrichment.hazard import fit_hazard
from graph.enrichment.prediction import PredictionLayer

TODAY = 1_000
WEEKLY = np.arange(6, TODAY, 7)


def make_world(*series, asked=None, **more):
    numbered = {n: Series(n, (n,), np.array(days, np.int64)) for n, days in enumerate(series, start=1)}
    chosen = frozenset(numbered if asked is None else asked)
    return World(today=TODAY, active_days=np.arange(TODAY), series=numbered, asked=chosen, **more)


def compute(world):
    return {finding.subject: finding for finding in PredictionLayer().compute(world)}


def test_each_horizon_gets_a_probability():
    found = compute(make_world(WEEKLY))
    assert set(found) == {(1, "again", 7), (1, "again", 30), (1, "again", 90)}
    chances = [found[1, "again", horizon].values["prediction_confidence"] for horizon in (7, 30, 90)]
    assert 0.5 < chances[0] < chances[1] <= chances[2] < 1
    assert found[1, "again", 7].evidence["n"] == len(WEEKLY)


def test_two_days_are_not_enough():
    found = compute(make_world([10, 20]))
    assert {finding.status for finding in found.values()} == {"not_enough_data"}
    assert set(found[1, "again", 30].values.values()) == {None}
    assert found[1, "again", 30].evidence == {"reason": "fewer than three days", "n": 2, "version": 1}


def test_days_after_today_are_not_known_yet():
    found = compute(make_world([10, 20, TODAY + 1]))
    assert {finding.status for finding in found.values()} == {"not_enough_data"}


def test_the_next_slot_is_told_with_its_own_confidence():
    found = compute(make_world(WEEKLY, slots={1: (TODAY + 6, 0.97)}))
    following = found[1, "next", 0]
    assert following.values["prediction_confidence"] == 0.97
    assert following.values["expected_on"] == "1972-10-03"
    assert following.values["prediction_reason"].endswith("Its rhythm puts the next in 6 days.")


def test_a_slot_within_the_horizon_is_the_least_that_is_promised():
    rare = [100, 400, 700]
    found = compute(make_world(rare, slots={1: (TODAY + 20, 0.9)}))
    assert found[1, "again", 7].values["prediction_confidence"] < 0.5
    assert found[1, "again", 30].values["prediction_confidence"] == 0.9
    assert found[1, "again", 7].values["expected_on"] is None


def test_a_slot_that_is_over_is_left_aside():
    assert (1, "next", 0) not in compute(make_world(WEEKLY, slots={1: (TODAY, 0.9)}))


def test_only_the_asked_are_computed_and_get_what_they_get_among_all():
    world = make_world(WEEKLY, [5, 50, 500, 600], [1, 2, 3, 900], [7])
    everything, one = compute(world), compute(replace(world, asked=frozenset([2])))
    assert one == {key: finding for key, finding in everything.items() if key[0] == 2}


def test_a_stored_model_gives_what_a_fitted_one_gives():
    world = make_world(WEEKLY, [5, 50, 500, 600])
    assert compute(replace(world, hazard=fit_hazard(world).to_dict())) == compute(world)


def test_the_reason_counts_and_names_nobody():
    found = compute(make_world([980, 984, 990, 998]))
    assert found[1, "again", 7].values["prediction_reason"] == "Seen on 4 days, about every 6 days, last 2 days ago."


def make_circle():
    """Somebody new every tenth day, who first meets 1 and 2 and then 3."""
    met = [
        (600, (1, 2, 3)),
        *((610 + 10 * n, (1, 2, 10 + n)) for n in range(36)),
        *((635 + 10 * n, (3, 10 + n)) for n in range(30)),
    ]
    events = {n: Event(n, day, None, "note", named) for n, (day, named) in enumerate(met)}
    return {"events": events, "entities": {n: Entity(n, "person", f"Person {n}") for n in range(46)}}


def test_likely_links_are_shown_on_a_full_pass_alone():
    world = make_world(WEEKLY, [1, 2, 3], **make_circle())
    links = {key: finding for key, finding in compute(world).items() if key[1] == "link"}
    assert (3, 45) in {key[0] for key in links}
    assert all(finding.evidence["entities"] == list(key[0]) for key, finding in links.items())
    assert not any(key[1] == "link" for key in compute(replace(world, asked=frozenset([1]))))


def test_the_explanations_are_plain_sentences():
    layer = PredictionLayer()
    again = {"prediction_confidence": 0.74, "prediction_reason": "Seen on 4 days.", "expected_on": None}
    link = {"prediction_confidence": 0.004, "prediction_reason": "Never yet.", "expected_on": None}
    assert layer.explain(values=again, evidence={"horizon": 30}, names={}) == (
        "To be seen again within 30 days, with a chance of 74 %. Seen on 4 days."
    )
    assert layer.explain(values=link, evidence={"horizon": 90, "entities": [1, 2]}, names={1: "Ann", 2: "Bo"}) == (
        "Ann and Bo may be named together within 90 days (a chance of less than 1 %). Never yet."
    )
    assert layer.explain(values={}, evidence={"n": 2}, names={}) == (
        "Too little is known to look ahead: seen on 2 days, three are needed."
    )
