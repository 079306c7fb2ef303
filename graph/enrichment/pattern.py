"""Layer 4, pattern: what keeps coming together (a template), or one after the other (a sequence).

Items of a memory are its entities, the weekday, the part of the day and the platform; a template is a set of them that is more
frequent than its parts explain (graph/enrichment/itemsets.py). Only templates that stand are returned, so false discoveries are
controlled here; the confidence of a template is Wilson's lower bound (1927) of the probability of one of its items given all its
others, of the item for which that bound is highest.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.enrichment.base import Event, Finding, World
from graph.enrichment.itemsets import MINIMUM_SUPPORT, Ints, Itemset, Table, find_itemsets
from graph.enrichment.sequences import Episode, find_sequences, wilson_bound

EVERYWHERE = 0.3  # an entity in a larger share of the memories tells nothing
NAMED_MEMORIES = 8
LEAST_DAYS = 6  # distinct days, so that one busy thread is no pattern

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ("night", "morning", "afternoon", "evening")  # of six hours each, from midnight

_ROLES = {"person": "with ", "place": "at ", "organisation": "at "}

Definition = Sequence[str]
Subject = tuple[str, tuple[object, ...]]


class PatternLayer:
    name = "pattern"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        """Subjects ("template", items) and ("sequence", entity ids), only those that stand."""
        return self._templates(world) + [self._sequence(world, episode) for episode in find_sequences(world)]

    def _templates(self, world: World) -> list[Finding]:
        events = sorted(world.events.values(), key=lambda event: (event.day, event.minute or 0, event.id))
        table, items = tabulate(events, kinds={entity.id: entity.kind for entity in world.entities.values()})
        found = find_itemsets(table)
        return [
            self._template(itemset, world=world, table=table, items=items, events=events)
            for itemset in found
            if len({events[row].day for row in itemset.rows}) >= LEAST_DAYS
            and sum(_kind(items[item]) != "platform" for item in itemset.items) > 1
        ]

    def _template(
        self, found: Itemset, *, world: World, table: Table, items: Sequence[str], events: Sequence[Event]
    ) -> Finding:
        definition = [items[item] for item in found.items]
        trials = min(_antecedents(found.items, table))
        evidence = {
            "n": trials,
            "k": found.support,
            "expected": round(found.expected, 6),
            "p": _short(found.p),
            "p_adj": _short(found.p_adjusted),
            "support": found.support,
            "kinds": [world.entities[entity].kind for entity in entities_of(definition)],
            "memories": [events[row].id for row in found.rows[-NAMED_MEMORIES:]],
            "version": self.version,
        }
        confidence = round(wilson_bound(found.support, trials), 6)
        values = {"kind": "template", "definition": definition, "pattern_confidence": confidence}
        return Finding(("template", tuple(definition)), "computed", values, evidence)

    def _sequence(self, world: World, episode: Episode) -> Finding:
        by_day: dict[tuple[int, int], int] = {}
        for event in world.events.values():
            for entity in event.entities:
                by_day.setdefault((entity, event.day), event.id)
        steps = [step for instance in episode.instances for step in zip(episode.entities, instance, strict=True)]
        memories = list(dict.fromkeys(by_day[step] for step in steps if step in by_day))
        spans = [instance[-1] - instance[0] for instance in episode.instances]
        evidence = {
            "n": episode.prefixes,
            "k": len(episode.instances),
            "windows": list(episode.windows),
            "days": round(float(np.median(spans)), 6),
            "memories": memories[-NAMED_MEMORIES:],
            "version": self.version,
        }
        values = {
            "kind": "sequence",
            "definition": [f"entity:{entity}" for entity in episode.entities],
            "pattern_confidence": round(episode.confidence, 6),
        }
        return Finding(("sequence", tuple(episode.entities)), "computed", values, evidence)

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        definition = values.get("definition")
        if not isinstance(definition, list):
            return "No pattern was found in these memories."
        if values.get("kind") == "sequence":
            name = render_name(definition, names, days=evidence.get("days"), ordered=True)
            return f"{name}: seen whole {evidence.get('k')} times, of {evidence.get('n')} times that it began so."
        kinds = evidence.get("kinds")
        name = render_name(definition, names, kinds=_kinds_of(definition, kinds if isinstance(kinds, list) else []))
        seen, expected = evidence.get("k"), evidence.get("expected")
        chance = f"; chance alone would give about {expected:.1f}" if isinstance(expected, int | float) else ""
        return f"{name}: these came together in {seen} memories{chance}."


def items_of(event: Event) -> set[str]:
    """All items of a memory, entities included however frequent."""
    items = {f"entity:{entity}" for entity in event.entities} | {f"weekday:{(event.day + 3) % 7}"}
    if event.minute is not None:
        items.add(f"part:{PARTS[event.minute // 360 % 4]}")
    if event.source:
        items.add(f"platform:{event.source}")
    return items


def entities_of(definition: Definition) -> list[int]:
    return [int(item.partition(":")[2]) for item in definition if item.startswith("entity:")]


def match_event(event: Event, definition: Definition) -> bool:
    """Whether a memory holds every item of a template's definition."""
    return items_of(event).issuperset(definition)


@dataclass(frozen=True, slots=True)
class TemplateIndex:
    """Templates by their rarest kind of item, so that a memory is compared with few of them."""

    by_item: Mapping[str, Sequence[Subject]]

    @classmethod
    def build(cls, templates: Iterable[Subject]) -> "TemplateIndex":
        """Only subjects ("template", definition) are held. The first item of a definition is an entity."""
        by_item: dict[str, list[Subject]] = defaultdict(list)
        for subject in sorted(templates, key=str):
            if subject[0] == "template":
                by_item[str(subject[1][0])].append(subject)
        return cls(by_item)

    def match(self, event: Event) -> tuple[Subject, ...]:
        """All templates that a memory fits, in the order of their text."""
        items = items_of(event)
        near = [subject for item in sorted(items) for subject in self.by_item.get(item, ())]
        return tuple(subject for subject in near if items.issuperset(map(str, subject[1])))


def assign(world: World, templates: Iterable[Hashable]) -> dict[int, tuple[Subject, ...]]:
    """For each memory that fits any: its templates, and the sequences of which it was a step.

    `templates` are subjects of this layer's findings.
    """
    subjects = [subject for subject in templates if isinstance(subject, tuple)]
    index = TemplateIndex.build(subjects)
    steps = _steps(world, wanted={subject[1] for subject in subjects if subject[0] == "sequence"})
    assigned: dict[int, tuple[Subject, ...]] = {}
    for event in world.events.values():
        sequences = {sequence for entity in event.entities for sequence in steps.get((entity, event.day), ())}
        found = index.match(event) + tuple(sorted(sequences, key=str))
        if found:
            assigned[event.id] = found
    return assigned


def _steps(world: World, *, wanted: set[tuple[object, ...]]) -> dict[tuple[int, int], list[Subject]]:
    """The sequences that passed through an entity on a day."""
    steps: dict[tuple[int, int], list[Subject]] = defaultdict(list)
    for episode in find_sequences(world) if wanted else []:
        if episode.entities in wanted:
            for instance in episode.instances:
                for step in zip(episode.entities, instance, strict=True):
                    steps[step].append(("sequence", tuple(episode.entities)))
    return steps


def render_name(
    definition: Definition,
    names: Mapping[int, str],
    *,
    kinds: Mapping[int, str] | None = None,
    days: object = None,
    ordered: bool = False,
) -> str:
    """A pattern's name by fixed grammar: "TOPIC with PERSON at PLACE, WEEKDAY PART (PLATFORM)", or "A -> B -> C (typically 3 d)".

    Without `kinds` the entities of a template stand side by side: "A, B and C, Saturday morning".
    """
    entities = entities_of(definition)
    if ordered:
        typically = f" (typically {days:g} d)" if isinstance(days, int | float) else ""
        return " -> ".join(names.get(entity, "?") for entity in entities) + typically
    what = _entities_text(entities, names=names, kinds=kinds or {})
    when = _when_text({item.partition(":")[0]: item.partition(":")[2] for item in definition})
    platform = next((item.partition(":")[2] for item in definition if item.startswith("platform:")), "")
    return what + (f", {when}" if when else "") + (f" ({platform.replace('_', ' ')})" if platform else "")


def _kinds_of(definition: Definition, kinds: Sequence[object]) -> dict[int, str]:
    return {entity: str(kind) for entity, kind in zip(entities_of(definition), kinds, strict=False)}


def _entities_text(entities: Sequence[int], *, names: Mapping[int, str], kinds: Mapping[int, str]) -> str:
    by_role: dict[str, list[str]] = {"": [], "with ": [], "at ": []}
    for entity in entities:
        by_role[_ROLES.get(kinds.get(entity, ""), "")].append(names.get(entity, "?"))
    text = " ".join(role + _listed(named) for role, named in by_role.items() if named)
    return text[:1].upper() + text[1:]


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _when_text(items: Mapping[str, str]) -> str:
    weekday = WEEKDAYS[int(items["weekday"])] if "weekday" in items else ""
    return f"{weekday} {items.get('part', '')}".strip()


def tabulate(events: Sequence[Event], *, kinds: Mapping[int, str]) -> tuple[Table, list[str]]:
    """Memories (in the order given) by items, and the items' names in the order of a canonical definition: entities first."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, event in enumerate(events):
        for item in items_of(event):
            rows[item].append(row)
    items = sorted((item for item in rows if _tells(item, len(rows[item]), len(events), kinds)), key=_rank)
    groups = [
        ("weekday", "part", "platform").index(kind) if (kind := _kind(item)) != "entity" else -1 for item in items
    ]
    columns = [np.array(rows[item], np.int64) for item in items]
    telling = np.array([_kind(item) == "entity" for item in items], bool)
    return Table(len(events), columns, np.array(groups, np.int64), telling), items


def _tells(item: str, rows: int, events: int, kinds: Mapping[int, str]) -> bool:
    if rows < MINIMUM_SUPPORT:
        return False
    if _kind(item) != "entity":
        return True
    return int(item.partition(":")[2]) in kinds and rows <= EVERYWHERE * events


def _kind(item: str) -> str:
    return item.partition(":")[0]


def _rank(item: str) -> tuple[int, int, str]:
    kind, _, value = item.partition(":")
    return (("entity", "weekday", "part", "platform").index(kind), int(value) if value.isdigit() else 0, value)


def _antecedents(items: Sequence[int], table: Table) -> list[int]:
    """For each item: the number of rows that hold all the others."""
    columns: list[Ints] = [table.columns[item] for item in items]
    found = []
    for left_out in range(len(items)):
        others = columns[:left_out] + columns[left_out + 1 :]
        rows = others[0]
        for column in others[1:]:
            rows = np.intersect1d(rows, column, assume_unique=True)
        found.append(rows.size)
    return found


def _short(p: float) -> float:
    """Six significant digits: p-values lose everything in six decimals."""
    return float(f"{p:.6g}")
