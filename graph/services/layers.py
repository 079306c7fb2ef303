"""Enriched: what a person's series and lines say in all nine layers.

After a change only the dirty series are computed; a whole pass computes everything anew, under statistics that it freezes until the
next one. Both go the same way: read under the person's lock, compute without a transaction, write under the lock. What a whole pass
leaves depends on the memories, the person's own words, the day and nothing else: not on the order in which anything arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from graph.detection.base import Line
from graph.detection.precedence import draw_lines, find_rules
from graph.enrichment import LAYERS_BY_NAME, Finding, Rule, World, control_discoveries
from graph.enrichment.base import day_number
from graph.enrichment.hazard import fit_hazard
from graph.enrichment.pattern import assign
from graph.models import (
    Relationship,
    SeasonalPattern,
    Series,
    TemporalPattern,
)
from graph.models import Statistics as StatisticsRow
from graph.services.choose import (
    Fits,
    choose_clusters,
    choose_patterns,
    choose_series,
    list_entities_of_news,
    list_relationships_at,
    list_relationships_naming,
    mark_ties,
)
from graph.services.epoch import begin_epoch
from graph.services.facts import (
    fetch,
    list_memories_holding,
    read_events,
    read_today,
    read_world,
)
from graph.services.findings import make_row, replace_rows
from graph.services.line_findings import write_line_findings
from graph.services.lines import write_lines
from graph.services.locks import lock_user
from graph.services.patterns import write_patterns
from graph.services.predictions import keep_score, write_predictions
from graph.services.work import ask_for
from memories.flags import is_switch_on
from memories.models import Memory, User
from memories.wakeups import send_wakeup

GROWTH = 2.0  # times the memories of the last whole pass: its statistics are out of date
DIRTY = "SELECT id, dirty_at FROM graph_series WHERE user_id = %(user)s AND dirty_at IS NOT NULL"
CLEAN = """
UPDATE graph_series s SET dirty_at = NULL FROM unnest(%(ids)s::bigint[], %(stamps)s::timestamptz[]) AS c(id, dirty_at)
WHERE s.user_id = %(user)s AND s.id = c.id AND s.dirty_at = c.dirty_at
"""
PASSED = "UPDATE graph_statistics SET passed_at = clock_timestamp() WHERE user_id = %(user)s"
OTHERS = {  # what the latest tests of the other series said
    "temporal": "SELECT series_id, (evidence ->> 'p')::float, status, next_predicted_occurrence, confidence"
    " FROM temporal_patterns WHERE user_id = %(user)s ORDER BY series_id",
    "seasonal": "SELECT series_id, (evidence ->> 'p')::float, status, NULL, NULL"
    " FROM seasonal_patterns WHERE user_id = %(user)s ORDER BY series_id",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read under the lock: the facts, the epoch, when each asked series became dirty, and what is known of the others."""

    world: World
    epoch: StatisticsRow
    stamps: Mapping[int, datetime]
    others: Mapping[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What was computed of series, still to be written. None: the layer is switched off, or nothing about it changed."""

    temporal: Sequence[Finding] | None
    seasonal: Sequence[Finding] | None
    prediction: Sequence[Finding] | None
    pattern: Sequence[Finding] | None
    fits: Fits
    precedes: Sequence[Line] | None


def renew_layers(*, user_id: int) -> None:
    """Compute what the dirty series touch; where the statistics are out of date, everything."""
    if not is_switch_on("enrich_relationships"):
        return
    row = StatisticsRow.objects.filter(user_id=user_id).first()
    if row is None or row.outdated or Memory.objects.filter(user_id=user_id).count() > GROWTH * row.memories:
        renew_all_layers(user_id=user_id)
    else:
        pass_over(User.objects.get(pk=user_id), everything=False)


def ask_for_whole_passes() -> int:
    """Let everybody's next job be a whole pass; returns how many people have memories, or had them at the last one.

    The same job as after a change, so that a person's passes never run side by side.
    """
    people = sorted(
        set(Memory.objects.values_list("user_id", flat=True).distinct())
        | set(StatisticsRow.objects.filter(memories__gt=0).values_list("user_id", flat=True))
    )
    for place, user_id in enumerate(people):
        with transaction.atomic():
            StatisticsRow.objects.filter(user_id=user_id).update(outdated=True)
            ask_for("layers", user_id=user_id, gather=float(place))  # one after the other, not all at once
    return len(people)


def renew_all_layers(*, user_id: int) -> None:
    """The whole pass: base lines and all layers from the memories alone, and a new epoch of statistics."""
    if not is_switch_on("enrich_relationships"):
        return
    user = User.objects.get(pk=user_id)
    ids = list(Memory.objects.filter(user_id=user_id).order_by("pk").values_list("pk", flat=True))
    begin_epoch(user, memory_ids=ids)
    pass_over(user, everything=True)


def pass_over(user: User, *, everything: bool) -> None:
    """Read, compute, write: the asked series, then everything that is drawn from lines."""
    reading = read_facts(user, everything=everything)
    found = compute(user, reading=reading, everything=everything)
    with transaction.atomic():
        lock_user(user.pk, cause="layers")
        write(user, reading=reading, found=found, everything=everything)
        ask_for(
            "layout" if everything else "body", user_id=user.pk
        )  # once a day newcomers get a place of their own rank
        transaction.on_commit(
            lambda: send_wakeup("graph.tasks.refresh_stale_view"), robust=True
        )  # a whole pass changes much


def read_facts(user: User, *, everything: bool) -> Reading:
    with transaction.atomic():
        lock_user(user.pk)
        world = read_world(user, everything=everything, today=read_today(user))
        return Reading(
            world=world,
            epoch=StatisticsRow.objects.get(user_id=user.pk),
            stamps={pk: stamp for pk, stamp in fetch(DIRTY, user=user.pk) if pk in world.asked},
            others={name: fetch(statement, user=user.pk) for name, statement in OTHERS.items()},
        )


def compute(user: User, *, reading: Reading, everything: bool) -> Found:
    """All that is computed of series, outside any transaction but for reading memories by their ids."""
    world = reading.world
    temporal = _run("temporal", world, others=reading.others["temporal"])
    seasonal = _run("seasonal", world, others=reading.others["seasonal"])
    recurring = read_recurring(world, temporal=temporal, others=reading.others["temporal"])
    rules = renew_rules(world, reading=reading, scheduled=frozenset(recurring), everything=everything)
    ends = {end for rule in rules for end in (rule.cause, rule.effect)}
    sighted = {entity for end in ends for entity in world.series[end].entities}
    redrawn = everything or not ends.isdisjoint(world.asked)
    naming = None if everything else list_memories_holding(user.pk, entity_ids=sighted if redrawn else ())
    world = replace(
        world,
        rules=rules,
        slots={pk: slot for pk, slot in recurring.items() if slot},
        events=read_events(user, memory_ids=naming, sighted=sighted),
        hazard=fit_hazard(world).to_dict() if everything else reading.epoch.hazard,
    )
    if everything:
        reading.epoch.hazard = world.hazard
    if everything and is_switch_on("enrich_causal"):
        reading.epoch.rules = [asdict(rule) for rule in rules]
    pattern = _run("pattern", world) if everything else None
    return Found(
        temporal=temporal,
        seasonal=seasonal,
        prediction=_run("prediction", world),
        pattern=pattern,
        fits=fit_patterns(world, pattern or ()),
        precedes=draw_lines(world, rules) if redrawn and is_switch_on("enrich_causal") else None,
    )


def fit_patterns(world: World, patterns: Sequence[Finding]) -> Fits:
    """By memory the patterns it fits, as they are stored."""
    found = assign(world, [finding.subject for finding in patterns])
    return {
        memory: [
            (kind, tuple(item if isinstance(item, str) else f"entity:{item}" for item in items))
            for kind, items in subjects
        ]
        for memory, subjects in found.items()
    }


def renew_rules(world: World, *, reading: Reading, scheduled: frozenset[int], everything: bool) -> list[Rule]:
    """Rules come and go in whole passes: every one is weighed against all pairs. Between two passes those that stand are drawn on."""
    if not is_switch_on("enrich_causal"):
        return []
    if everything:
        return find_rules(world, scheduled=scheduled)
    known = [Rule(**rule) for rule in reading.epoch.rules]
    return [rule for rule in known if {rule.cause, rule.effect} <= world.series.keys()]


def _run(name: str, world: World, *, others: Sequence[tuple[Any, ...]] = ()) -> list[Finding] | None:
    """A layer's findings under control of false discoveries together with the tests of series that are not asked for."""
    if not is_switch_on(f"enrich_{name}"):
        return None
    rest = [p for pk, p, *_ in others if p is not None and pk not in world.asked and pk in world.series]
    return control_discoveries(LAYERS_BY_NAME[name].compute(world), others=rest)


def read_recurring(
    world: World, *, temporal: Sequence[Finding] | None, others: Sequence[tuple[Any, ...]]
) -> dict[int, tuple[int, float] | None]:
    """Series with a calendar rule and, unless it has lapsed, the day number of the next slot and the confidence in it."""
    known: dict[int, tuple[Any, Any]] = {
        pk: (slot, confidence)
        for pk, _, status, slot, confidence in others
        if status == "computed" and pk in world.series and (temporal is None or pk not in world.asked)
    }
    for finding in temporal or ():
        if finding.status == "computed":
            subject: Any = finding.subject
            known[subject] = (finding.values["next_predicted_occurrence"], finding.values["confidence"])
    return {pk: (_number(slot), confidence) if slot else None for pk, (slot, confidence) in known.items()}


def _number(day: Any) -> int:
    return day_number(datetime.fromisoformat(day).date() if isinstance(day, str) else day)


def write(user: User, *, reading: Reading, found: Found, everything: bool) -> None:
    """Everything in one short transaction: findings of series, lines, findings of lines, what each relationship and tie shows."""
    world, epoch = reading.world, reading.epoch
    if everything:
        epoch.outdated = False
        epoch.save(update_fields=["hazard", "rules", "outdated"])
    write_series_findings(user, world=world, found=found, exact=everything)
    if found.precedes is not None:
        drawn = Relationship.objects.filter(user_id=user.pk, detection_method="case_crossover")
        kept = list(drawn.values_list("pk", flat=True))
        write_lines(found.precedes, user_id=user.pk, kept=kept, exact=everything)
    if found.pattern is not None:
        write_patterns(user_id=user.pk, findings=found.pattern)
    touched, told = write_line_findings(user, world=world, everything=everything)
    with connection.cursor() as cursor:
        cursor.execute(CLEAN, {"user": user.pk, "ids": list(reading.stamps), "stamps": list(reading.stamps.values())})
    if found.pattern is not None:
        choose_patterns(user.pk, fits=found.fits, relationship_ids=None)
    settle_relationships(user, world=world, touched=touched, told=told, everything=everything)
    with connection.cursor() as cursor:
        cursor.execute(PASSED, {"user": user.pk})


def write_series_findings(user: User, *, world: World, found: Found, exact: bool) -> None:
    """Layers 2, 3 and 6, of series that are still there."""
    there = set(Series.objects.filter(user_id=user.pk).values_list("pk", flat=True))
    for model, findings in ((TemporalPattern, found.temporal), (SeasonalPattern, found.seasonal)):
        if findings is None:
            continue
        rows = {
            (finding.subject,): make_row(finding, model=model) | {"p_adjusted": finding.evidence.get("p_adj")}
            for finding in findings
            if finding.subject in there
        }
        kept = model.objects.filter(user_id=user.pk)
        if not exact:
            kept = kept.filter(series_id__in=list(world.asked))
        replace_rows(kept, key=("series_id",), rows=rows, user_id=user.pk, exact=exact)
    if found.prediction is not None:
        write_predictions(user, findings=found.prediction, asked=None if exact else world.asked, there=there)
        if exact:
            keep_score(user, today=world.today)


def settle_relationships(user: User, *, world: World, touched: set[int], told: set[int], everything: bool) -> None:
    """What each relationship and tie near the change shows now; after a whole pass, all of them."""
    entities = None if everything else sorted(touched | {e for pk in world.asked for e in world.series[pk].entities})
    ids = None if entities is None else list_relationships_naming(user.pk, entity_ids=entities)
    choose_series(user.pk, relationship_ids=ids)
    if everything or told:
        choose_clusters(
            user.pk, relationship_ids=None if everything else list_relationships_at(user.pk, memory_ids=told)
        )
    mark_ties(user.pk, entity_ids=None if entities is None else {*entities, *list_entities_of_news(user.pk)})
