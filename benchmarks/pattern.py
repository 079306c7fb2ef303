"""Layer 4 measured: are planted templates found, how many of those found are only parts of them, and what is found where nothing is?

A synthetic user has 2,000 memories over three years with topics, people and places by rank (a few common, many rare), weekday, time of
day and platform. Eight templates of two to four items are planted into 10 to 39 memories each. The null twin has every attribute's
column shuffled on its own, so that nothing goes together but by chance.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.measures import Measure, share
from graph.enrichment.base import Entity, Event, World
from graph.enrichment.pattern import PARTS, PatternLayer, items_of

MEMORIES, YEARS, PLANTS = 2_000, 3, 8
FIRST_DAY = 18_000
PLATFORMS = ("calendar", "gmail", "note", "zoho_mail")
# Attribute: number of values, share of the memories that have one.
ATTRIBUTES = {
    "topic": (60, 0.9), "person": (50, 0.55), "place": (25, 0.35), "weekday": (7, 1.0), "part": (4, 1.0), "platform": (4, 1.0),
}  # fmt: skip
OFFSETS = {"topic": 1, "person": 101, "place": 201}
NOTHING = -1

MEASURES = (
    Measure("pattern", "recall", share("recovered", "planted"), 0.95, naive=share("naive_recovered", "planted")),
    Measure("pattern", "discoveries per null user", share("null_found", "users"), 0.2, at_least=False, naive=share("naive_found", "users")),
    Measure("pattern", "fragments", share("fragments", "found"), 0.25, at_least=False, naive=share("naive_strays", "naive_found")),
)  # fmt: skip

Row = dict[str, int]
Template = frozenset[str]


@dataclass(frozen=True, slots=True)
class Truth:
    """A world and the templates planted into it."""

    world: World
    templates: tuple[Template, ...]


def count(seed: int) -> dict[str, float]:
    """Counts of one user: templates planted, recovered, found, parts among them; the same of the most frequent sets."""
    truth, null = make(seed), make_null(seed)
    started = time.process_time()
    found = [frozenset(map(str, finding.subject[1])) for finding in PatternLayer().compute(truth.world)]
    seconds = time.process_time() - started
    frequent = most_frequent(truth.world, number=max(len(found), PLANTS))
    return {
        "users": 1,
        "planted": len(truth.templates),
        "recovered": sum(is_recovered(template, found) for template in truth.templates),
        "exact": sum(template in found for template in truth.templates),
        "found": len(found),
        "fragments": sum(template not in truth.templates for template in found),
        "strays": sum(is_stray(template, truth.templates) for template in found),
        "null_found": len(PatternLayer().compute(null)),
        "naive_found": len(frequent),
        "naive_recovered": sum(is_recovered(template, frequent) for template in truth.templates),
        "naive_strays": sum(template not in truth.templates for template in frequent),
        "seconds": seconds,
    }


def is_recovered(template: Template, found: list[Template]) -> bool:
    """Whether it was found, whole or at least two items of it and nothing else."""
    return any(len(other) > 1 and other <= template for other in found)


def is_stray(found: Template, templates: tuple[Template, ...]) -> bool:
    """Whether it shares less than two items with every template planted."""
    return all(len(found & template) < 2 for template in templates)


def most_frequent(world: World, *, number: int) -> list[Template]:
    """The naive method: pairs with an entity, by support alone."""
    counts: dict[Template, int] = {}
    for event in world.events.values():
        items = sorted(items_of(event))
        for n, first in enumerate(items):
            for second in items[n + 1 :]:
                if first.startswith("entity"):
                    pair = frozenset((first, second))
                    counts[pair] = counts.get(pair, 0) + 1
    return sorted(counts, key=lambda pair: (-counts[pair], sorted(pair)))[:number]


def make(seed: int) -> Truth:
    rng = np.random.default_rng(seed)
    rows = _columns(rng)
    plants = [_plant(rows, rng) for _ in range(PLANTS)]
    return Truth(_world(rows, seed=seed), tuple(frozenset(_item(*pair) for pair in plant.items()) for plant in plants))


def make_null(seed: int) -> World:
    """The same user with every attribute's column shuffled."""
    world = make(seed).world
    rng = np.random.default_rng([seed, 1])
    events = [world.events[key] for key in sorted(world.events)]
    by_kind = [[_entities(event, kind) for event in events] for kind in OFFSETS]
    shuffled = [[column[n] for n in rng.permutation(len(events))] for column in by_kind]
    days, minutes, sources = (rng.permutation(len(events)) for _ in range(3))
    mixed = {
        event.id: replace(
            event,
            day=events[days[n]].day,
            minute=events[minutes[n]].minute,
            source=events[sources[n]].source,
            entities=tuple(sorted(entity for column in shuffled for entity in column[n])),
        )
        for n, event in enumerate(events)
    }
    return replace(world, events=mixed)


def _entities(event: Event, kind: str) -> tuple[int, ...]:
    return tuple(entity for entity in event.entities if OFFSETS[kind] <= entity < OFFSETS[kind] + 100)


def _columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    columns = {}
    for name, (values, share_with) in ATTRIBUTES.items():
        weights = 1 / np.arange(1, values + 1) ** 0.9 if name != "weekday" else np.ones(values)
        column = rng.choice(values, size=MEMORIES, p=weights / weights.sum())
        columns[name] = np.where(rng.random(MEMORIES) < share_with, column, NOTHING)
    return columns


def _plant(columns: dict[str, np.ndarray], rng: np.random.Generator) -> Row:
    names = list(rng.choice(["topic", "person", "place", "weekday", "part"], rng.integers(2, 5), replace=False))
    if not set(names) & set(OFFSETS):
        names[0] = "topic"
    values = {name: ATTRIBUTES[name][0] for name in names}
    plant = {
        name: int(rng.integers(3, number) if number > 10 else rng.integers(number)) for name, number in values.items()
    }
    chosen = rng.choice(MEMORIES, int(rng.integers(10, 40)), replace=False)
    for name, value in plant.items():
        columns[name][chosen] = value
    return plant


def _world(columns: dict[str, np.ndarray], *, seed: int) -> World:
    rng = np.random.default_rng([seed, 2])
    weeks = rng.integers(YEARS * 52, size=MEMORIES)
    days = FIRST_DAY + 7 * weeks + (columns["weekday"] - (FIRST_DAY + 3)) % 7
    minutes = 360 * columns["part"] + rng.integers(360, size=MEMORIES)
    events = {
        n + 1: Event(
            id=n + 1,
            day=int(days[n]),
            minute=int(minutes[n]),
            source=PLATFORMS[columns["platform"][n]],
            entities=tuple(OFFSETS[kind] + int(columns[kind][n]) for kind in OFFSETS if columns[kind][n] != NOTHING),
        )
        for n in range(MEMORIES)
    }
    entities = {
        offset + n: Entity(offset + n, kind, f"{kind} {n}")
        for kind, offset in OFFSETS.items()
        for n in range(ATTRIBUTES[kind][0])
    }
    active = np.unique(days)
    return World(today=int(active[-1]), active_days=active, entities=entities, events=events, seed=seed)


def _item(name: str, value: int) -> str:
    if name in OFFSETS:
        return f"entity:{OFFSETS[name] + value}"
    return f"part:{PARTS[value]}" if name == "part" else f"{name}:{value}"
