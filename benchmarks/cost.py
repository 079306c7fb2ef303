"""What a life costs: the made-up person's 2,000 memories in the real database, CPU seconds of Python and of its PostgreSQL process.

A whole pass begins without any line or finding (median of 3); then twenty memories come one by one, each enriched and its layers
renewed, as it would be without any gathering of a burst. Names are found by rules, which is the quick engine, and are not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
from django.conf import settings
from django.utils import timezone

from benchmarks.home import Spent, clock, connect_owner, fresh_database, read_peak
from benchmarks.measures import Part
from config.local.demo import DEMO_PERSON, generate_life
from graph.enrichment.base import LAYER_NAMES
from graph.models import EnrichedRelationship, Entity, Series
from graph.services.layers import renew_all_layers, renew_layers
from graph.services.refresh import refresh_view
from memories.drafts import MemoryDraft, parse_draft
from memories.models import Lane, User
from memories.pipeline import advance, get_step, list_steps
from memories.services.store import store_drafts

MEMORIES, NEW, PASSES, BATCH = 2_000, 20, 3, 500
COLD_BAR, NEW_BAR = 10.0, 0.2  # CPU seconds
# What detection and layers have written; entities, ties and series stay.
DERIVED = (
    "relationship_instances", "temporal_patterns", "seasonal_patterns", "predicted_relationships", "relationship_patterns",
    "cross_platform_relationships", "causal_relationships", "root_cause_analyses", "duplicate_transactions", "event_delta_logs",
    "graph_prediction_scores", "graph_signatures", "graph_statistics", "graph_suspicions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A cost in CPU seconds: the middle one of several, and the bar on it if there is one."""

    name: str
    spent: Sequence[Spent]
    bar: float | None = None

    @property
    def middle(self) -> Spent:
        return sorted(self.spent, key=lambda one: one.total)[len(self.spent) // 2]

    @property
    def holds(self) -> bool:
        return self.bar is None or self.middle.total <= self.bar


def measure_cost() -> Part:
    settings.EXTRACTION_ENGINE = "rules"
    with fresh_database():
        user, first, new = make_person()
        loop = float(np.median([calibrate() for _ in range(PASSES)]))
        figures = [
            Figure(f"{MEMORIES:,} memories from stored to enriched", [clock(lambda: carry_in(user, drafts=first))])
        ]
        figures.append(
            Figure("whole pass over the nine layers, from nothing", [pass_cold(user) for _ in range(PASSES)], COLD_BAR)
        )
        figures.append(Figure("refresh of the view", [clock(refresh_view) for _ in range(PASSES)]))
        size = describe(user)
        figures += take_in(user, drafts=new)
        figures.append(Figure("refresh of the view after that", [clock(refresh_view)]))
    broken = [f"cost, {one.name}: {one.middle.total:.2f} s" for one in figures if not one.holds]
    return tabulate(figures, loop=loop, size=size), broken


def make_person() -> tuple[User, list[MemoryDraft], list[MemoryDraft]]:
    """The person, the memories they begin with and the ones that come later."""
    names = DEMO_PERSON.display_name.partition(" ")
    user = User.objects.create(
        username="bench", first_name=names[0], last_name=names[2], time_zone=DEMO_PERSON.time_zone
    )
    now = timezone.now()
    life = generate_life(memories=MEMORIES + NEW, end=user.local_today(now))
    drafts = [
        replace(parse_draft(record, time_zone=user.zone, now=now), account=str(record["account"]))
        for record in life.records
    ]
    return user, drafts[:MEMORIES], drafts[MEMORIES:]


def carry_in(user: User, *, drafts: Sequence[MemoryDraft]) -> None:
    """Store memories and take them through every stage."""
    for start in range(0, len(drafts), BATCH):
        store_drafts(user=user, drafts=drafts[start : start + BATCH], origin="import:bench", lane=Lane.BULK)
    run_stages(user)


def run_stages(user: User) -> None:
    """Carry on whatever is due until nothing is."""
    while sum(advance(step, user=user) for step in list_steps()):
        continue


def pass_cold(user: User) -> Spent:
    """A whole pass by somebody of whom nothing but memories, entities and their days is known."""
    with connect_owner() as owner:
        owner.execute(f"TRUNCATE {', '.join(DERIVED)}")
        owner.execute("DELETE FROM graph_series WHERE days = 0")
        owner.execute("UPDATE graph_series SET dirty_at = now()")
        owner.execute("VACUUM ANALYZE")
    return clock(lambda: renew_all_layers(user_id=user.pk))


def take_in(user: User, *, drafts: Sequence[MemoryDraft]) -> list[Figure]:
    """New memories one by one: what relating costs, and what enriching and the layers do."""
    related, renewed = [], []
    for draft in drafts:
        store_drafts(user=user, drafts=[draft], origin="import:bench")
        advance(get_step("stored"), user=user)
        related.append(clock(lambda: advance(get_step("extracted"), user=user)))
        renewed.append(clock(lambda: renew(user)))
    slowest = max(renewed, key=lambda one: one.total)
    return [
        Figure("a new memory: related", related),
        Figure("a new memory: enriched, layers renewed", renewed, NEW_BAR),
        Figure(f"the slowest of {len(renewed)}", [slowest]),
    ]


def renew(user: User) -> None:
    advance(get_step("related"), user=user)
    renew_layers(user_id=user.pk)


def describe(user: User) -> str:
    """How large the graph is, and how many of its relationships have a value in each layer."""
    shown = list(EnrichedRelationship.objects.filter(user_id=user.pk).values_list("layers", flat=True))
    values = {name: sum(layers >> place & 1 for layers in shown) for place, name in enumerate(LAYER_NAMES)}
    layers = ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in values.items())
    return (
        f"{Entity.objects.filter(user=user).count():,} entities, {Series.objects.filter(user=user).count():,} series,"
        f" {len(shown):,} relationships in the view. Those with a value, by layer: {layers}."
    )


def calibrate() -> float:
    """CPU seconds of a fixed piece of work, half plain Python and half numpy: machines differ, so the figures are told in these too."""
    numbers = np.random.default_rng(0).random(2_000_000)
    began = process_time()
    counted: dict[int, int] = {}
    for number in range(2_000_000):
        counted[number % 1013] = counted.get(number % 1013, 0) + 1
    for _ in range(2):
        np.cumsum(np.sort(numbers)).mean()
    return process_time() - began


def tabulate(figures: Sequence[Figure], *, loop: float, size: str) -> str:
    rows = [
        f"## Cost of a life of {MEMORIES:,} memories",
        "",
        "| CPU seconds | Python | PostgreSQL | both | in loops | bar | holds |",
        "|---|---|---|---|---|---|---|",
        *(_row(figure, loop=loop) for figure in figures),
        "",
        f"A loop is a fixed piece of work of {loop:.3f} s on this machine. {size}",
        f"Peak memory of the Python process: {read_peak():.0f} MB.",
        "",
    ]
    return "\n".join(rows)


def _row(figure: Figure, *, loop: float) -> str:
    middle = figure.middle
    database = "unknown" if middle.database is None else f"{middle.database:.3f}"
    bar = "" if figure.bar is None else f"≤ {figure.bar:g}"
    holds = "" if figure.bar is None else "yes" if figure.holds else "**no**"
    return f"| {figure.name} | {middle.python:.3f} | {database} | {middle.total:.3f} | {middle.total / loop:.2f} | {bar} | {holds} |"
