"""Layer 6, prediction: what comes next, what will be named again, and which new tie is likely; each with a calibrated probability.

Subjects are (series id, "next", 0), (series id, "again", days) and ((entity, entity), "link", days).
"""

from collections.abc import Mapping

import numpy as np

from graph.enrichment.base import Finding, Series, World, day_date
from graph.enrichment.hazard import (
    FEATURES,
    HORIZONS,
    MINIMUM_DAYS,
    HazardModel,
    Past,
    describe,
    fit_hazard,
    look_back,
    probabilities,
    steady_probability,
)
from graph.enrichment.links import HORIZON, Link, named_features, predict_links

WORTH_SHOWING = 0.3  # probability of a new link
AT_LEAST, AT_MOST = 3, 50  # new links shown

_NOTHING: Mapping[str, object] = {"prediction_confidence": None, "prediction_reason": None, "expected_on": None}


class PredictionLayer:
    name = "prediction"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        """Of the series asked; of new links only where all series are asked, since one memory may change any of them."""
        asked = [world.series[key] for key in sorted(world.asked) if key in world.series]
        able = any(_known(series, world).size >= MINIMUM_DAYS for series in asked)
        model = _model(world) if able else None
        findings = [finding for series in asked for finding in self._series(series, world=world, model=model)]
        whole = bool(world.events) and world.asked >= world.series.keys()
        return findings + (self._links(world) if whole else [])

    def _series(self, series: Series, *, world: World, model: HazardModel | None) -> list[Finding]:
        days = _known(series, world)
        if model is None or days.size < MINIMUM_DAYS:
            evidence = {"reason": "fewer than three days", "n": int(days.size), "version": self.version}
            return [Finding((series.id, "again", h), "not_enough_data", _NOTHING, evidence) for h in HORIZONS]
        past = look_back(days, looks=np.array([world.today], np.int64))
        chances = probabilities(model, past=past)
        slot = world.slots.get(series.id)
        found = [self._again(series.id, horizon, chance, past=past, slot=slot) for horizon, chance in chances.items()]
        return [self._next(series.id, slot, past=past), *found] if slot and slot[0] > world.today else found

    def _again(
        self, series: int, horizon: int, chance: float, *, past: Past, slot: tuple[int, float] | None
    ) -> Finding:
        """A slot of a known rhythm within the horizon is one way to be named again: its confidence is the least."""
        today = int(past.looks[0])
        due = slot if slot and today < slot[0] <= today + horizon else None
        steady = steady_probability(days=past.days, today=today, horizon=horizon)
        features = zip(FEATURES[1:], describe(past, horizon=horizon)[0, 1:].tolist(), strict=True)
        evidence = {
            "n": int(past.counts[0]),
            "horizon": horizon,
            "rate": round(steady, 6),
            "features": {name: round(value, 6) for name, value in features},
            "version": self.version,
        }
        values = {
            "prediction_confidence": round(max(chance, due[1]) if due else chance, 6),
            "prediction_reason": _reason(past),
            "expected_on": day_date(due[0]).isoformat() if due else None,
        }
        return Finding((series, "again", horizon), "computed", values, evidence)

    def _next(self, series: int, slot: tuple[int, float], *, past: Past) -> Finding:
        away = slot[0] - int(past.looks[0])
        horizon = max(away, 1)
        evidence = {
            "n": int(past.counts[0]),
            "horizon": away,
            "rate": round(steady_probability(days=past.days, today=int(past.looks[0]), horizon=horizon), 6),
            "features": {},
            "version": self.version,
        }
        values = {
            "prediction_confidence": round(slot[1], 6),
            "prediction_reason": f"{_reason(past)} Its rhythm puts the next {_in_days(away)}.",
            "expected_on": day_date(slot[0]).isoformat(),
        }
        return Finding((series, "next", 0), "computed", values, evidence)

    def _links(self, world: World) -> list[Finding]:
        links = predict_links(world)
        likely = [link for n, link in enumerate(links) if n < AT_LEAST or link.probability >= WORTH_SHOWING]
        return [self._link(link) for link in likely[:AT_MOST]]

    def _link(self, link: Link) -> Finding:
        others = "one other is" if link.common == 1 else f"{link.common} others are"
        evidence = {
            "n": link.common,
            "horizon": HORIZON,
            "entities": list(link.entities),
            "features": dict(named_features(link)),
            "version": self.version,
        }
        values = {
            "prediction_confidence": round(link.probability, 6),
            "prediction_reason": f"Never named together yet, but {others} named with both.",
            "expected_on": None,
        }
        return Finding((link.entities, "link", HORIZON), "computed", values, evidence)

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        chance = values.get("prediction_confidence")
        if not isinstance(chance, int | float):
            return f"Too little is known to look ahead: seen on {evidence.get('n', 0)} days, three are needed."
        percent = f"{100 * chance:.0f} %"
        entities = evidence.get("entities")
        if isinstance(entities, list):
            who = " and ".join(names.get(entity, "?") for entity in entities)
            return f"{who} may be named together within {evidence.get('horizon')} days (a chance of {percent}). {values.get('prediction_reason')}"
        expected_on = values.get("expected_on")
        when = f"on about {expected_on}" if expected_on else f"within {evidence.get('horizon')} days"
        return f"To be seen again {when}, with a chance of {percent}. {values.get('prediction_reason')}"


def _known(series: Series, world: World) -> np.ndarray:
    return series.days[series.days <= world.today]


def _model(world: World) -> HazardModel:
    return HazardModel.from_dict(world.hazard) if world.hazard else fit_hazard(world)


def _reason(past: Past) -> str:
    gap = float(np.median(np.diff(past.days)))
    age = int(past.looks[0] - past.days[-1])
    last = {0: "last today", 1: "last yesterday"}.get(age, f"last {age} days ago")
    every = "about every day" if gap < 1.5 else f"about every {gap:.0f} days"
    return f"Seen on {int(past.counts[0])} days, {every}, {last}."


def _in_days(days: int) -> str:
    return "tomorrow" if days == 1 else f"in {days} days"
