"""Enriched: layer 2, temporal. What recurs, by which rule, and when it is due next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from graph.enrichment.base import Days, Finding, Series, World, day_date
from graph.enrichment.calendar import BY_NAME, Almanac, CalendarRule, almanac_of, label_of, rrule_of
from graph.enrichment.recurrence import FEWEST_DAYS, Bools, Fit, fit_calendar, longest_silence, match_slots
from graph.enrichment.renewal import LATE, Renewal, fit_renewal, next_renewal

_AHEAD = 366 * 5  # days: two yearly slots, whatever the leap years
_BEHIND = 8
_SURE = 0.01  # a calendar rule as good as this needs no rival
_UNLIKELY, _HOPELESS = 0.02, 1e-6
_HALF_LIFE = 24.0  # slots: how fast old slots are forgotten
_ROOMY = 3.0  # days between slots: then a day late is no sign of an end
_SERVED = 0.35  # of a period: a slot so soon after an occurrence was that occurrence
_LATELY = 90  # days
_DAYS_SHOWN = 8
_COLUMNS = (
    "recurrence_score",
    "recurrence_frequency",
    "label",
    "last_occurrence",
    "next_predicted_occurrence",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether a rule still runs, its next day and how likely it is that something is recorded then."""

    lapsed: bool
    missed: int
    next: int | None
    confidence: float | None


class TemporalLayer:
    """One finding for each asked series. Values:

    `recurrence_score` 0..1 (F1 of precision and coverage), `recurrence_frequency` (RRULE), `label`, `last_occurrence` and
    `next_predicted_occurrence` (ISO dates; None when the rule has lapsed) and `confidence` 0..1 of the next one.
    """

    name = "temporal"
    version = 2

    def compute(self, world: World) -> list[Finding]:
        asked = [world.series[series] for series in sorted(world.asked) if series in world.series]
        able = [series for series in asked if len(series.days) >= FEWEST_DAYS]
        found = {finding.subject: finding for finding in self._test(series=able, world=world)}
        return [found.get(series.id) or self._too_few(series) for series in asked]

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        label = values.get("label")
        if not label:
            reason = evidence.get("reason")
            return (
                f"Whether this recurs cannot be said: {reason}."
                if reason
                else "No rhythm stands out from the days on which you write."
            )
        start = f"This recurs {label}: {evidence.get('k')} of {evidence.get('n')} times it kept to that, where {_number(evidence.get('expected'))} would by chance."
        if evidence.get("lapsed"):
            return f"{start} It seems to have ended: last noted on {values.get('last_occurrence')}."
        confidence = values.get("confidence")
        chance = f", and noted with a chance of {round(100 * confidence)} %" if isinstance(confidence, float) else ""
        return f"{start} It is due next on {values.get('next_predicted_occurrence')}{chance}."

    def _too_few(self, series: Series) -> Finding:
        evidence = {"reason": "fewer than four days", "n": len(series.days), "version": self.version}
        return Finding(subject=series.id, status="not_enough_data", values=dict.fromkeys(_COLUMNS), evidence=evidence)

    def _test(self, *, series: Sequence[Series], world: World) -> list[Finding]:
        if not series:
            return []
        almanac = _almanac(series=series, world=world)
        fits = fit_calendar(series=[one.days for one in series], active=world.active_days, almanac=almanac)
        return [
            self._judge(series=one, fit=fit, world=world, almanac=almanac)
            for one, fit in zip(series, fits, strict=True)
        ]

    def _judge(self, *, series: Series, fit: Fit | None, world: World, almanac: Almanac) -> Finding:
        if fit is not None and fit.window.p <= _SURE:
            return self._calendar_finding(series=series, fit=fit, world=world, almanac=almanac)
        renewal = fit_renewal(days=series.days, active=world.active_days, seed=world.seed)
        if renewal is not None and (fit is None or renewal.p < fit.window.p):
            return self._renewal_finding(series=series, renewal=renewal, today=world.today)
        if fit is not None:
            return self._calendar_finding(series=series, fit=fit, world=world, almanac=almanac)
        evidence = {"n": len(series.days), "k": 0, "expected": 0.0, "version": self.version}
        return Finding(subject=series.id, status="computed", values=dict.fromkeys(_COLUMNS), evidence=evidence, p=1.0)

    def _calendar_finding(self, *, series: Series, fit: Fit, world: World, almanac: Almanac) -> Finding:
        window, rule = fit.window, fit.window.rule
        outlook = (
            _daily_outlook(fit=fit, world=world)
            if rule.family == "daily"
            else _outlook(fit=fit, days=series.days, today=world.today, almanac=almanac)
        )
        values = _values(
            score=fit.score, rrule=rrule_of(rule), label=label_of(rule), last=int(series.days[-1]), outlook=outlook
        )
        evidence = {
            "n": window.trials,
            "k": window.hits,
            "expected": round(window.share * window.trials, 6),
            "p": window.p,
            "family": "weekdays" if rule.weekdays else rule.family,
            "phase": rule.phase,
            "weekdays": list(rule.weekdays),
            "tolerance": rule.tolerance,
            "anchor": int(fit.slots[0]),
            "precision": round(fit.precision, 6),
            "coverage": round(fit.coverage, 6),
            "slots": len(fit.slots),
            "hits": int(fit.hit.sum()),
        }
        return self._finding(
            series=series, values=values, evidence=evidence, p=window.p, outlook=outlook, on_rule=fit.on_rule
        )

    def _renewal_finding(self, *, series: Series, renewal: Renewal, today: int) -> Finding:
        period = round(renewal.period)
        outlook = _renewal_outlook(renewal=renewal, days=series.days, today=today)
        values = _values(
            score=renewal.score,
            rrule=f"FREQ=DAILY;INTERVAL={period}",
            label=f"about every {period} days",
            last=int(series.days[-1]),
            outlook=outlook,
        )
        evidence = {
            "n": renewal.trials,
            "k": renewal.hits,
            "expected": round(renewal.expected, 6),
            "p": renewal.p,
            "family": "renewal",
            "period": round(renewal.period, 6),
            "spread": round(renewal.spread, 6),
            "tolerance": round(LATE * renewal.period, 6),
            "precision": round(renewal.precision, 6),
            "coverage": round(renewal.coverage, 6),
            "slots": renewal.slots,
            "hits": len(renewal.on_rule),
        }
        return self._finding(
            series=series, values=values, evidence=evidence, p=renewal.p, outlook=outlook, on_rule=renewal.on_rule
        )

    def _finding(
        self,
        *,
        series: Series,
        values: Mapping[str, object],
        evidence: Mapping[str, object],
        p: float,
        outlook: Outlook,
        on_rule: Days,
    ) -> Finding:
        shared = {
            "lapsed": outlook.lapsed,
            "missed": outlook.missed,
            "days": on_rule[-_DAYS_SHOWN:].tolist(),
            "version": self.version,
        }
        return Finding(subject=series.id, status="computed", values=values, evidence=dict(evidence) | shared, p=p)


def _almanac(*, series: Sequence[Series], world: World) -> Almanac:
    """From before the first day to well after today."""
    ends = [*world.active_days[[0, -1]].tolist(), world.today] if len(world.active_days) else [world.today]
    first = min(*ends, *(int(one.days[0]) for one in series))
    last = max(*ends, *(int(one.days[-1]) for one in series))
    return almanac_of(first - _BEHIND, last + _AHEAD)


def _values(*, score: float, rrule: str, label: str, last: int, outlook: Outlook) -> dict[str, object]:
    return {
        "recurrence_score": round(score, 6),
        "recurrence_frequency": rrule,
        "label": label,
        "last_occurrence": day_date(last).isoformat(),
        "next_predicted_occurrence": None if outlook.next is None else day_date(outlook.next).isoformat(),
        "confidence": None if outlook.confidence is None else round(outlook.confidence, 6),
    }


def _outlook(*, fit: Fit, days: Days, today: int, almanac: Almanac) -> Outlook:
    rule, last_slot, last_day = fit.window.rule, int(fit.slots[-1]), int(days[-1])
    ahead = almanac.slots(rule=rule, first=last_slot + 1, last=today + _AHEAD)
    past = ahead[ahead + rule.tolerance < today]
    alive, slot = match_slots(days=days, slots=past, tolerance=rule.tolerance + (_period(rule) >= _ROOMY))
    since = np.isin(np.arange(len(past)), slot[alive])
    missed = int((~since).sum())
    if _has_lapsed(hit=fit.hit, since=since):
        return Outlook(lapsed=True, missed=missed, next=None, confidence=None)
    period = _period(rule)
    served = last_day + _SERVED * period if period > 7 else last_day
    due = ahead[(ahead > today) & (ahead > served)]
    confidence = _confidence(hit=np.r_[fit.hit, since])
    return Outlook(lapsed=False, missed=missed, next=int(due[0]), confidence=confidence)


def _daily_outlook(*, fit: Fit, world: World) -> Outlook:
    """Its slots are the active days: on a day without any memory nothing was missed, and tomorrow may be such a day."""
    after = world.active_days[(world.active_days > fit.slots[-1]) & (world.active_days < world.today)]
    if _has_lapsed(hit=fit.hit, since=np.zeros(len(after), dtype=bool)):
        return Outlook(lapsed=True, missed=len(after), next=None, confidence=None)
    lately = int(((world.active_days > world.today - _LATELY) & (world.active_days <= world.today)).sum())
    confidence = _confidence(hit=np.r_[fit.hit, np.zeros(len(after), dtype=bool)]) * (lately + 1) / (_LATELY + 2)
    return Outlook(lapsed=False, missed=len(after), next=world.today + 1, confidence=confidence)


def _renewal_outlook(*, renewal: Renewal, days: Days, today: int) -> Outlook:
    missed = max(0, int((today - int(renewal.on_rule[-1])) / renewal.period - LATE))
    missing = 1 - (min(len(renewal.on_rule), renewal.slots) + 1) / (renewal.slots + 2)
    if missing**missed < _UNLIKELY:
        return Outlook(lapsed=True, missed=missed, next=None, confidence=None)
    return Outlook(
        lapsed=False, missed=missed, next=next_renewal(renewal=renewal, days=days, today=today), confidence=1 - missing
    )


def _has_lapsed(*, hit: Bools, since: Bools) -> bool:
    """Were the slots `since` the rule's run too rarely hit? Unlikely few, and more missed than ever in a row (a term's break is
    not the end), or out of all proportion.
    """
    rate = (int(hit.sum()) + 1) / (len(hit) + 2)
    chance = float(binom.cdf(int(since.sum()), len(since), rate))
    return chance < _HOPELESS or (chance < _UNLIKELY and int((~since).sum()) > longest_silence(hit))


def _confidence(*, hit: Bools) -> float:
    """Mean of the Beta posterior of a slot being hit, under a flat prior; a slot `_HALF_LIFE` slots back counts half."""
    weights = 0.5 ** (np.arange(len(hit))[::-1] / _HALF_LIFE)
    return float(((weights * hit).sum() + 1) / (weights.sum() + 2))


def _period(rule: CalendarRule) -> float:
    return 7 / len(rule.weekdays) if rule.weekdays else BY_NAME[rule.family].period


def _number(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else "fewer"
