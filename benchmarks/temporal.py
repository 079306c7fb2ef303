"""Layer 2 measured: rules planted among series without one, their null twin and their shuffled twin."""

from dataclasses import replace
from datetime import date
from time import process_time
from typing import Final

import numpy as np

from benchmarks.measures import Measure, share
from benchmarks.series import NULLS, Days, Planted, recurring, shuffled, stage, without_rule, world_of
from graph.enrichment.base import Finding, World, control_discoveries, day_date, day_number
from graph.enrichment.temporal import TemporalLayer

CALENDAR: Final = ("weekly", "weekdays", "fortnightly", "monthly", "monthly_weekday", "quarterly", "yearly")
KINDS: Final = (*CALENDAR, "renewal", "daily")
YEARS, MISS, NOISE = 6, 0.2, 0.2
RULES_EACH, NULLS_EACH = 2, 10
FEWEST = 6

MEASURES: Final = (
    Measure("temporal", "recall", share("found", "planted"), 0.90, naive=share("naive_found", "planted")),
    Measure("temporal", "false discoveries", share("false", "discovered"), 0.05, at_least=False, naive=share("naive_false", "naive_discovered")),
    Measure("temporal", "right family", share("family", "calendar_found"), 0.95, naive=share("naive_family", "calendar_found")),
    Measure("temporal", "next date", share("next", "running"), 0.80, naive=share("naive_next", "running")),
    Measure("temporal", "next date of calendar rules", share("calendar_next", "calendar_running"), 0.90),
    Measure("temporal", "next date of renewals", share("renewal_next", "renewal_running"), None),
    Measure("temporal", "ended rules noticed", share("lapsed", "ended"), 0.90),
    Measure("temporal", "discoveries in a null person", share("null_discovered", "users"), 0.1, at_least=False),
    Measure("temporal", "discoveries in a shuffled person", share("shuffled_discovered", "users"), 0.2, at_least=False),
)  # fmt: skip


def planted_series(
    rng: np.random.Generator, *, years: float = YEARS, miss: float = MISS, noise: float = NOISE
) -> tuple[list[Planted], World]:
    """One person: some series of every kind of rule, more without any."""
    on = stage(rng, years=years)
    rules = [recurring(rng, kind=kind, on=on, miss=miss, noise=noise) for kind in KINDS[:-1] for _ in range(RULES_EACH)]
    on = replace(on, active=np.unique(np.concatenate([on.active, *(one.days for one in rules)])))
    rules += [recurring(rng, kind="daily", on=on, miss=miss, noise=noise) for _ in range(RULES_EACH)]
    nulls = [without_rule(rng, kind=kind, on=on) for kind in NULLS for _ in range(NULLS_EACH)]
    planted = [one for one in rules if len(one.days) >= FEWEST] + nulls
    return planted, world_of(planted, on=on, seed=0)


def count(seed: int) -> dict[str, float]:
    """The counts of one synthetic person."""
    rng = np.random.default_rng([2, seed])
    planted, world = planted_series(rng)
    counts: dict[str, float] = {"users": 1.0}
    began = process_time()
    findings = control_discoveries(TemporalLayer().compute(world))
    counts["seconds"] = process_time() - began
    for one, finding in zip(planted, findings, strict=True):
        _score(one, finding=finding, counts=counts)
        _score_naive(one, counts=counts)
    nulls = [one for one in planted if one.null]
    null_world = world_of(nulls, on=stage(rng, years=YEARS), seed=0)
    counts["null_discovered"] = _discoveries(null_world)
    counts["shuffled_discovered"] = _discoveries(shuffled(rng, world=_without_daily(planted, world=world)))
    return counts


def _without_daily(planted: list[Planted], *, world: World) -> World:
    """What is there on most active days stays so however they are shuffled: no discovery to be wary of."""
    asked = frozenset(number for number, one in enumerate(planted) if one.kind != "daily")
    return replace(world, asked=asked)


def _discoveries(world: World) -> float:
    findings = control_discoveries(TemporalLayer().compute(world))
    return float(sum(finding.values["recurrence_score"] is not None for finding in findings))


def _add(counts: dict[str, float], *names: str) -> None:
    for name in names:
        counts[name] = counts.get(name, 0.0) + 1


def _score(one: Planted, *, finding: Finding, counts: dict[str, float]) -> None:
    stands = finding.values["recurrence_score"] is not None
    if stands:
        _add(counts, "discovered")
    if one.null:
        return _add(counts, *(["false", f"false_{one.kind}"] if stands else []))
    _add(counts, "planted", f"planted_{one.kind}")
    if not stands:
        return None
    _add(counts, "found", f"found_{one.kind}")
    if one.kind != "renewal":
        _add(counts, "calendar_found")
    if finding.evidence["family"] == one.kind:
        _add(counts, f"family_{one.kind}", *(["family"] if one.kind != "renewal" else []))
    _score_next(one, finding=finding, counts=counts)
    return None


def _score_next(one: Planted, *, finding: Finding, counts: dict[str, float]) -> None:
    part = "renewal" if one.kind == "renewal" else "calendar"
    if one.due is None:
        return _add(counts, "ended", *(["lapsed"] if finding.evidence["lapsed"] else []))
    _add(counts, "running", f"{part}_running", f"running_{one.kind}")
    if finding.evidence["lapsed"]:
        _add(counts, f"wrongly_lapsed_{one.kind}")
    if _is_near(one, text=finding.values["next_predicted_occurrence"]):
        _add(counts, "next", f"{part}_next", f"next_{one.kind}")
    return None


def _is_near(one: Planted, *, text: object) -> bool:
    return (
        one.due is not None
        and isinstance(text, str)
        and abs(day_number(date.fromisoformat(text)) - one.due) <= max(1.0, 0.1 * one.period)
    )


NAIVE_FAMILIES: Final = {
    "daily": 1.0,
    "weekly": 7.0,
    "fortnightly": 14.0,
    "monthly": 30.44,
    "quarterly": 91.31,
    "yearly": 365.25,
}


def naive(days: Days) -> tuple[str, int] | None:
    """The usual rule of thumb: gaps that vary by less than half their mean recur; the family is the nearest period."""
    gaps = np.diff(days)
    if len(gaps) < 3 or gaps.std() >= 0.5 * gaps.mean():
        return None
    mean = float(gaps.mean())
    family = min(NAIVE_FAMILIES, key=lambda name: abs(np.log(mean / NAIVE_FAMILIES[name])))
    return family, int(days[-1]) + round(mean)


def _score_naive(one: Planted, *, counts: dict[str, float]) -> None:
    guess = naive(one.days)
    if guess is None:
        return
    _add(counts, "naive_discovered", "naive_false" if one.null else "naive_found")
    if guess[0] == one.kind:
        _add(counts, "naive_family")
    if _is_near(one, text=day_date(guess[1]).isoformat()):
        _add(counts, "naive_next")
