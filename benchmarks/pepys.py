"""Samuel Pepys's diary, nine and a half years whose rhythms are known: are they found, and is anything found once its days are shuffled?

Optional, as the diary is no part of this repository: `make bench PEPYS=PATH`, one entry a line in the ndjson format, days of the
Gregorian calendar (his own, ten days behind, are of the Julian one). Names are found by the engine that is configured.
"""

import re
from collections.abc import Callable, Collection, Sequence
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
from graph.models import Entity, SeasonalPattern, TemporalPattern
from graph.services.facts import read_today, read_world
from graph.services.layers import renew_all_layers
from memories.models import Memory, User
from memories.services.imports import import_path

TWINS = 3


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known to recur, by the names an entity of it may have: a part of its RRULE, or the months its season lies in."""

    names: str
    rule: str = ""
    months: frozenset[int] = frozenset()


RHYTHMS = (
    Rhythm(r"(the )?lord[’']s day|sunday", rule="BYDAY=SU"),
    Rhythm(r"(st\.? )?valentine([’']?s? day)?", rule="FREQ=YEARLY"),
    Rhythm(r"twelf(th|e)[ -](night|day)", rule="FREQ=YEARLY"),
    Rhythm(r"christmas([ -](day|eve))?", rule="FREQ=YEARLY"),
    Rhythm(r"(cut (of|for) the |the )?stone([- ]feast)?|solemn feast", rule="FREQ=YEARLY"),
    Rhythm(r"(general )?fast([ -]day)?|fasting", rule="FREQ=YEARLY"),
    Rhythm(r"frosts?", months=frozenset({11, 12, 1, 2, 3})),
    Rhythm(r"lent", months=frozenset({2, 3, 4})),
    Rhythm(r"easter([ -]day)?", months=frozenset({3, 4, 5})),
    Rhythm(r"cherr(y|ies)", months=frozenset({6, 7, 8})),
    Rhythm(r"venison", months=frozenset({7, 8, 9, 10})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One row of the table."""

    entity: str
    days: int
    value: str
    holds: bool


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
    broken = [f"diary, {one.entity}: {one.value}" for one in found if not one.holds]
    broken += [f"diary, shuffled: {name}" for name in counts[0] if np.median([twin[name] for twin in counts[1:]]) > 0]
    return "\n".join(["## Pepys's diary", "", *lines, *tabulate(found), "", *tabulate_twins(counts), ""]), broken


def look_up(user: User, *, rhythm: Rhythm) -> Found:
    """What the database says of the entity that has this rhythm; of several, of the one most often named."""
    is_meant: Callable[[str], object] = re.compile(rhythm.names, re.IGNORECASE).fullmatch
    called = Entity.objects.filter(user=user, kind="topic").order_by("-memories", "pk")
    entity = next((one for one in called if is_meant(one.name)), None)
    if entity is None:
        return Found(entity=rhythm.names, days=0, value="no entity", holds=False)
    model = TemporalPattern if rhythm.rule else SeasonalPattern
    row = (
        model.objects.filter(user=user, series__entity_a=entity, series__entity_b=None).select_related("series").first()
    )
    if row is None:
        return Found(entity=entity.name, days=0, value="no series", holds=False)
    if isinstance(row, TemporalPattern):
        value, holds = row.recurrence_frequency, rhythm.rule in (row.recurrence_frequency or "")
    else:
        months = row.seasonal_months or []
        value, holds = ", ".join(map(str, months)), bool(months) and rhythm.months.issuperset(months)
    return Found(entity=entity.name, days=row.series.days, value=value or row.status.replace("_", " "), holds=holds)


def shuffle(world: World, *, seed: int) -> World:
    """The same days in another order: each day's memories move to another one together, so that who meets whom stays."""
    active = world.active_days
    moved = np.random.default_rng(seed).permutation(active)

    def move(days: Days) -> Days:
        return np.sort(moved[np.searchsorted(active, days)])

    return replace(world, series={pk: replace(one, days=move(one.days)) for pk, one in world.series.items()})


def discover(world: World) -> dict[str, int]:
    """How many series recur, how many have a season, and how many rules of precedence there are."""
    recurring = _standing(world, layer=TemporalLayer())
    return {
        "recurring": len(recurring),
        "seasonal": len(_standing(world, layer=SeasonalLayer())),
        "usually followed by": len(find_rules(world, scheduled=frozenset(recurring))),
    }


def _standing(world: World, *, layer: TemporalLayer | SeasonalLayer) -> Collection[int]:
    findings = control_discoveries(layer.compute(world))
    return {int(str(finding.subject)) for finding in findings if finding.status == "computed"}


def tabulate(found: Sequence[Found]) -> list[str]:
    rows = [f"| {one.entity} | {one.days} | {one.value} | {'yes' if one.holds else '**no**'} |" for one in found]
    return ["| known rhythm | days | found | as known |", "|---|---|---|---|", *rows]


def tabulate_twins(counts: Sequence[dict[str, int]]) -> list[str]:
    heads = " | ".join(["the diary", *(f"shuffled {n}" for n in range(1, len(counts)))])
    rows = [f"| {name} | {' | '.join(str(one[name]) for one in counts)} |" for name in counts[0]]
    return [f"| discoveries | {heads} |", "|---" * (len(counts) + 1) + "|", *rows]
