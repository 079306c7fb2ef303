"""Layer 7: where memories go back to, in made-up lives with planted chains, through rules, lines and the layer itself.

Four chains of four things in forty, three years; every occurrence, planted or by itself, may bring about the next thing. A memory
that was brought about has a parent and a root; one that was not is background, and any root given to it is false.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from time import process_time

import numpy as np

from benchmarks.measures import Measure, share
from graph.detection.precedence import draw_lines, find_rules
from graph.enrichment.base import Edge, Event, Finding, Series, World
from graph.enrichment.root_cause import RootCauseLayer

THINGS, CHAINS, STEPS = 40, 4, 4
DAYS = 3 * 365
_OFTEN = (8, 15, 25, 40)
_FIRST_DAY = 18_000
_NEAR = 3  # days: how far back the naive method looks

MEASURES = (
    Measure(
        layer="root_cause",
        name="true root of what was brought about",
        value=share("roots", "caused"),
        target=0.75,
        naive=share("naive_roots", "caused"),
    ),
    Measure(
        layer="root_cause",
        name="true parent of what was brought about",
        value=share("parents", "caused"),
        target=0.80,
        naive=share("naive_parents", "caused"),
    ),
    Measure(
        layer="root_cause",
        name="background given a root",
        value=share("false", "background"),
        target=0.05,
        at_least=False,
        naive=share("naive_false", "background"),
    ),
)

Occurrence = tuple[int, int]  # thing, day


@dataclass(slots=True)
class Life:
    """Every occurrence and what brought it about, if anything."""

    parents: dict[Occurrence, Occurrence | None] = field(default_factory=dict)

    def root(self, occurrence: Occurrence) -> Occurrence:
        while (parent := self.parents[occurrence]) is not None:
            occurrence = parent
        return occurrence


def make_life(seed: int) -> Life:
    rng = np.random.default_rng([seed, 3])
    life = Life()
    day = np.arange(DAYS)
    rate = np.where(day % 7 >= 5, 0.5, 1.2) * np.exp(0.4 * np.sin(2 * np.pi * day / 50))
    for thing in range(THINGS):
        for found in rng.choice(day, int(rng.choice(_OFTEN)), replace=False, p=rate / rate.sum()).tolist():
            life.parents[thing, found] = None
    things = rng.permutation(THINGS).tolist()
    for chain in range(CHAINS):
        _bring_about(life, steps=things[chain * STEPS : (chain + 1) * STEPS], rng=rng)
    return life


def make_world(life: Life) -> tuple[World, dict[int, Occurrence]]:
    """The facts of a life, and what the memories' ids stand for: a memory for each occurrence, of one thing."""
    memories = dict(enumerate(sorted(life.parents, key=lambda occurrence: occurrence[::-1]), start=1))
    days: dict[int, list[int]] = {}
    for thing, day in memories.values():
        days.setdefault(thing + 1, []).append(day + _FIRST_DAY)
    world = World(
        today=_FIRST_DAY + DAYS,
        active_days=np.unique([day + _FIRST_DAY for _, day in life.parents]),
        series={thing: Series(id=thing, entities=(thing,), days=np.array(found)) for thing, found in days.items()},
        events={
            memory: Event(id=memory, day=day + _FIRST_DAY, minute=None, source="note", entities=(thing + 1,))
            for memory, (thing, day) in memories.items()
        },
    )
    return world, memories


def count(seed: int) -> dict[str, float]:
    life = make_life(seed)
    world, memories = make_world(life)
    start = process_time()
    findings = _explain(world)
    seconds = process_time() - start
    said = {memories[memory]: [memories[step] for step in chain] for memory, chain in findings.items()}
    return _judge(said, life=life) | _judge(_explain_naively(life), life=life, prefix="naive_") | {"seconds": seconds}


def _bring_about(life: Life, *, steps: list[int], rng: np.random.Generator) -> None:
    for cause, effect in pairwise(steps):
        chance = rng.uniform(0.55, 0.9)
        for day in [day for thing, day in life.parents if thing == cause]:
            then = day + 1 + int(rng.exponential(1.5))
            if rng.random() < chance and then < DAYS and (effect, then) not in life.parents:
                life.parents[effect, then] = (cause, day)


def _explain(world: World) -> dict[int, list[int]]:
    """The memories of the surest chain that ends at each memory, root first, by the product's own way."""
    lines = draw_lines(world, find_rules(world))
    edges = tuple(
        Edge(
            id=number,
            source=line.source,
            target=line.target,
            type=line.type,
            confidence=line.confidence,
            evidence=line.evidence,
        )
        for number, line in enumerate(lines, start=1)
    )
    found = RootCauseLayer().compute(
        World(today=world.today, active_days=world.active_days, events=world.events, edges=edges)
    )
    chains = {finding.subject: _memories(finding) for finding in found if finding.status == "computed"}
    best: dict[int, list[int]] = {}
    for edge in sorted(edges, key=lambda edge: (-float(str(edge.evidence["weight"])), edge.id)):
        if edge.id in chains:
            best.setdefault(edge.target, chains[edge.id])
    return best


def _memories(finding: Finding) -> list[int]:
    memories = finding.evidence["memories"]
    return memories if isinstance(memories, list) else []


def _explain_naively(life: Life) -> dict[Occurrence, list[Occurrence]]:
    """What everybody would try: the nearest thing before, if it is near."""
    in_order = sorted(life.parents, key=lambda occurrence: occurrence[::-1])
    days = np.array([day for _, day in in_order])
    before = {now: int(np.searchsorted(days, now[1])) - 1 for now in in_order}
    return {
        now: [in_order[place], now]
        for now, place in before.items()
        if place >= 0 and now[1] - in_order[place][1] <= _NEAR
    }


def _judge(said: Mapping[Occurrence, list[Occurrence]], *, life: Life, prefix: str = "") -> dict[str, float]:
    caused = [now for now, parent in life.parents.items() if parent is not None]
    counts: dict[str, float] = {
        f"{prefix}roots": sum(now in said and said[now][0] == life.root(now) for now in caused),
        f"{prefix}parents": sum(now in said and said[now][-2] == life.parents[now] for now in caused),
        f"{prefix}false": len(set(said) - set(caused)),
    }
    return counts | {"caused": len(caused), "background": len(life.parents) - len(caused)}
