"""Samuel Pepys's diary, nine and a half years whose rhythms are known: are they found, and is anything found once its days are shuffled?

Optional, as the diary is no part of this repository: `make bench PEPYS=PATH`, one entry a line in the ndjson format, days of the
Gregorian calendar (his own, ten days behind, are of the Julian one). Names are found by the engine that is configured.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.cost import run_stages
from benchmarks.home import clock, fresh_database, read_peak
from benchmarks.measures import Part
from graph.detection.precedence import find_rules
from graph.enrichment.base import Days, World, control_discoveries
from graph.enrichment.seasonal import SeasonalLayer
from graph.enrichment.temporal import TemporalLayer
from graph.models import SeasonalPattern, Series, TemporalPattern
from graph.services.facts import read_today, read_world
from graph.services.layers import renew_all_layers
from memories.models import Memory, User
from memories.services.imports import import_path

TWINS = 3
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known to recur, by the names an entity of it may have: a part of its RRULE, or the months its season lies in.

    Without `bar` the name stands for other things as well, or is too rare: it is only reported.
    """

    title: str
    names: str
    rule: str = ""
    months: frozenset[int] = frozenset()
    bar: bool = True


RHYTHMS = (
    Rhythm("Lord's day, Sundays", r"(the )?lord[’']s day", rule="BYDAY=SU"),
    Rhythm("Valentine's day, yearly", r"(st\.? )?valentine([’']?s? day)?", rule="FREQ=YEARLY"),
    Rhythm("Twelfth Night, yearly", r"twelf(th|e)[ -](night|day)", rule="FREQ=YEARLY"),
    Rhythm("feast of the stone, yearly", r"stone", rule="FREQ=YEARLY", bar=False),  # stones of every sort
    Rhythm("fast of 30 January, yearly", r"fast([ -]day)?", rule="FREQ=YEARLY", bar=False),  # fasts of every sort
    Rhythm("Christmas, season", r"christmas([ -](day|eve))?", months=frozenset({12, 1})),
    Rhythm("frost, season", r"frosts?", months=frozenset({11, 12, 1, 2, 3})),
    Rhythm("Lent, season", r"lent", months=frozenset({2, 3, 4})),
    Rhythm("Easter, season", r"easter([ -]day)?", months=frozenset({3, 4, 5})),
    Rhythm("cherries, season", r"cherr(y|ies)", months=frozenset({6, 7, 8}), bar=False),  # seldom
    Rhythm("venison, season", r"venison", months=frozenset({7, 8, 9, 10})),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One row of the table: the entity, the days it has, what was found, and whether that is as known."""

    rhythm: Rhythm
    entity: str = "none"
    days: int = 0
    value: str = ""
    holds: bool = False


def measure_diary(path: Path, *, seed: int) -> Part:
    with fresh_database():
        user = User.objects.create(username="pepys", first_name="Samuel", last_name="Pepys", time_zone="Europe/London")
        report = import_path(user=user, path=path)
        staged = clock(lambda: run_stages(user))
        passed = clock(lambda: renew_all_layers(user_id=user.pk))
        found = [look_up(user, rhythm=rhythm) for rhythm in RHYTHMS]
        world = read_world(user, everything=True, today=read_today(user))
        counts = [discover(world), *(discover(shuffle(world, seed=seed + twin)) for twin in range(TWINS))]
        engine = Memory.objects.filter(user=user).values_list("engine", flat=True).first()
    lines = [
        f"{report.created:,} entries, names found by {engine}, {len(world.series):,} series. Into the graph in {staged.total:.0f} s of CPU,"
        f" the whole pass over the nine layers {passed.total:.1f} s (PostgreSQL {passed.database or 0:.1f} s of it)."
        f" Peak memory of the Python process: {read_peak():.0f} MB.",
        "",
    ]
    broken = [
        f"diary, {one.rhythm.title}: {one.value or 'no series'}" for one in found if one.rhythm.bar and not one.holds
    ]
    broken += [f"diary, shuffled: {name}" for name in counts[0] if np.median([twin[name] for twin in counts[1:]]) > 0]
    return "\n".join(["## Pepys's diary", "", *lines, *tabulate(found), "", *tabulate_twins(counts), ""]), broken


def look_up(user: User, *, rhythm: Rhythm) -> Found:
    """What the database says of the entity that has this rhythm; of several, of the one that has most days."""
    series = Series.objects.filter(user=user, entity_b=None, entity_a__kind="topic").select_related("entity_a")
    is_meant: Callable[[str], object] = re.compile(rhythm.names, re.IGNORECASE).fullmatch
    meant = next((one for one in series.order_by("-days", "pk") if is_meant(one.entity_a.name)), None)
    if meant is None:
        return Found(rhythm)
    value, holds = judge(meant, rhythm=rhythm)
    return Found(rhythm, entity=meant.entity_a.name, days=meant.days, value=value, holds=holds)


def judge(series: Series, *, rhythm: Rhythm) -> tuple[str, bool]:
    """What was found of a series, in short, and whether it is as known."""
    if rhythm.rule:
        pattern = TemporalPattern.objects.filter(series=series).first()
        rule = (pattern and pattern.recurrence_frequency) or ""
        return rule or NOTHING, rhythm.rule in rule
    season = SeasonalPattern.objects.filter(series=series).first()
    months = (season and season.seasonal_months) or []
    return ", ".join(map(str, months)) or NOTHING, bool(months) and rhythm.months.issuperset(months)


def shuffle(world: World, *, seed: int) -> World:
    """The same days in another order: each day's memories move to another one together, so that who meets whom stays."""
    active = world.active_days
    moved = np.random.default_rng(seed).permutation(active)

    def move(days: Days) -> Days:
        return np.sort(moved[np.searchsorted(active, days)])

    return replace(world, series={pk: replace(one, days=move(one.days)) for pk, one in world.series.items()})


def discover(world: World) -> dict[str, int]:
    """How many series recur, how many have a season, and how many rules of precedence there are.

    What is there on most days stays so however they are shuffled: "daily" does not count.
    """
    temporal = control_discoveries(TemporalLayer().compute(world))
    rules = {finding.subject: str(finding.values["recurrence_frequency"] or "") for finding in temporal}
    recurring = frozenset(int(str(subject)) for subject, rule in rules.items() if rule)
    seasonal = control_discoveries(SeasonalLayer().compute(world))
    return {
        "recurring": sum(not rules[subject].startswith("FREQ=DAILY") for subject in recurring),
        "seasonal": sum(finding.status == "computed" for finding in seasonal),
        "usually followed by": len(find_rules(world, scheduled=recurring)),
    }


def tabulate(found: Sequence[Found]) -> list[str]:
    """The known rhythms; those without a bar are told in brackets."""
    answers = [
        ("yes" if one.holds else "**no**") if one.rhythm.bar else f"({'yes' if one.holds else 'no'})" for one in found
    ]
    rows = [
        f"| {one.rhythm.title} | {one.entity} | {one.days} | {one.value} | {answer} |"
        for one, answer in zip(found, answers, strict=True)
    ]
    return ["| known rhythm | name | days | found | as known |", "|---|---|---|---|---|", *rows]


def tabulate_twins(counts: Sequence[dict[str, int]]) -> list[str]:
    heads = " | ".join(["the diary", *(f"shuffled {n}" for n in range(1, len(counts)))])
    rows = [f"| {name} | {' | '.join(str(one[name]) for one in counts)} |" for name in counts[0]]
    return [f"| discoveries | {heads} |", "|---" * (len(counts) + 1) + "|", *rows]
