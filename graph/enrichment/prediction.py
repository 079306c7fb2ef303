"""Layer 6, prediction: what comes next, what will be named again, and which new tie is likely; each with a calibrated probability.

Subjects are (series id, "next", 0), (series id, "again", days) and ((entity, entity), "link", days).
"""

from collections.abc import Mapping, Sequence
from math import expm1

import numpy as np

from graph.enrichment.base import Days, Finding, World, day_date
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
    steady_probabilities,
)
from graph.enrichment.links import HORIZON, Link, named_features, predict_links

WORTH_SHOWING = 0.3  # probability of a new link
AT_LEAST, AT_MOST = 3, 50  # new links shown

# A probability, that of the mean rate, the features.
Forecast = tuple[float, float, Sequence[float]]

_NOTHING: Mapping[str, object] = {"prediction_confidence": None, "prediction_reason": None, "expected_on": None}


class PredictionLayer:
    name = "prediction"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        """Of the series asked; of new links only where all series are asked, since one memory may change any of them."""
        asked = [world.series[key] for key in sorted(world.asked) if key in world.series]
        known = {series.id: series.days[series.days <= world.today] for series in asked}
        short = [key for key, days in known.items() if days.size < MINIMUM_DAYS]
        able = {key: days for key, days in known.items() if days.size >= MINIMUM_DAYS}
        findings = [finding for key in short for finding in self._unable(key, days=int(known[key].size))]
        findings += self._predict(able, world=world) if able else []
        whole = bool(world.events) and world.asked >= world.series.keys()
        return findings + (self._links(world) if whole else [])

    def _unable(self, series: int, *, days: int) -> list[Finding]:
        evidence = {"reason": "fewer than three days", "n": days, "version": self.version}
        return [Finding((series, "again", horizon), "not_enough_data", _NOTHING, evidence) for horizon in HORIZONS]

    def _predict(self, known: Mapping[int, Days], *, world: World) -> list[Finding]:
        model = HazardModel.from_dict(world.hazard) if world.hazard else fit_hazard(world)
        past = look_back(list(known.values()), looks=np.array([world.today], np.int64))
        tables = {horizon: _forecast(model, past, horizon=horizon) for horizon in HORIZONS}
        findings = []
        for n, (key, days) in enumerate(known.items()):
            reason, slot = _reason(days, today=world.today), world.slots.get(key)
            if slot and slot[0] > world.today:
                findings.append(self._next(key, slot, days=days, today=world.today))
            for horizon, forecast in tables.items():
                due = slot if slot and world.today < slot[0] <= world.today + horizon else None
                findings.append(self._again((key, horizon), forecast[n], due=due, days=int(days.size), reason=reason))
        return findings

    def _again(
        self, key: tuple[int, int], forecast: Forecast, *, due: tuple[int, float] | None, days: int, reason: str
    ) -> Finding:
        """A slot of a known rhythm within the horizon is one way to be named again: its confidence is the least."""
        chance, steady, features = forecast
        evidence = {
            "n": days,
            "horizon": key[1],
            "rate": round(steady, 6),
            "features": {name: round(value, 6) for name, value in zip(FEATURES[1:], features[1:], strict=True)},
            "version": self.version,
        }
        values = {
            "prediction_confidence": round(max(chance, due[1]) if due else chance, 6),
            "prediction_reason": reason,
            "expected_on": day_date(due[0]).isoformat() if due else None,
        }
        return Finding((key[0], "again", key[1]), "computed", values, evidence)

    def _next(self, series: int, slot: tuple[int, float], *, days: Days, today: int) -> Finding:
        away = slot[0] - today
        rate = days.size / max(30, today - int(days[0]))
        evidence = {
            "n": int(days.size),
            "horizon": away,
            "rate": round(-expm1(-rate * away), 6),
            "features": {},
            "version": self.version,
        }
        values = {
            "prediction_confidence": round(slot[1], 6),
            "prediction_reason": f"{_reason(days, today=today)} Its rhythm puts the next {_in_days(away)}.",
            "expected_on": day_date(slot[0]).isoformat(),
        }
        return Finding((series, "next", 0), "computed", values, evidence)

    def _links(self, world: World) -> list[Finding]:
        links = predict_links(world, number=AT_MOST)
        likely = [link for n, link in enumerate(links) if n < AT_LEAST or link.probability >= WORTH_SHOWING]
        return [self._link(link) for link in likely]

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
        percent = _percent(float(chance))
        entities = evidence.get("entities")
        if isinstance(entities, list):
            who = " and ".join(names.get(entity, "?") for entity in entities)
            return f"{who} may be named together within {evidence.get('horizon')} days (a chance of {percent}). {values.get('prediction_reason')}"
        expected_on = values.get("expected_on")
        when = f"on about {expected_on}" if expected_on else f"within {evidence.get('horizon')} days"
        return f"To be seen again {when}, with a chance of {percent}. {values.get('prediction_reason')}"


def _forecast(model: HazardModel, past: Past, *, horizon: int) -> list[Forecast]:
    chances = probabilities(model, past, horizon=horizon).tolist()
    steady = steady_probabilities(past, horizon=horizon).tolist()
    return list(zip(chances, steady, describe(past, horizon=horizon).tolist(), strict=True))


def _reason(days: Days, *, today: int) -> str:
    gap = float(np.median(np.diff(days)))
    age = today - int(days[-1])
    last = {0: "last today", 1: "last yesterday"}.get(age, f"last {age} days ago")
    every = "about every day" if gap < 1.5 else f"about every {gap:.0f} days"
    return f"Seen on {days.size} days, {every}, {last}."


def _percent(chance: float) -> str:
    """Never 0 or 100: nothing is that certain."""
    if chance < 0.01:
        return "less than 1 %"
    return "more than 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"


def _in_days(days: int) -> str:
    return "tomorrow" if days == 1 else f"in {days} days"
