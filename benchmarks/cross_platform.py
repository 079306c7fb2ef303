"""Layer 5's world: events told on one to three platforms, among recurring look-alikes with the same people, place and matter.

Every fourth event is one of three series that meet on a weekday of theirs, and six affairs go on for two months each, of which
all platforms tell without two telling of the same event; booking references and exact sums stand in some of the tellings,
the date of the event in some of the mails and files; a mail may come ten days before. Names are recognised nine times in ten, and
up to two topics beside them that mostly stand in that telling alone. The null twin tells every event on one platform only.
"""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmarks.measures import Measure, f1, share
from benchmarks.phrases import MONTHS, PEOPLE, PLACES, Pen, listed
from graph.detection.base import Line, Telling
from graph.detection.same_event import block_keys, judge_accounts, may_report_the_same, read_account
from graph.detection.statistics import Statistics, count_statistics
from graph.detection.text import whole
from graph.enrichment.base import Edge, Event, World, day_date
from graph.enrichment.cross_platform import CrossPlatformLayer

EVENTS, NOTES = 300, 120
MATTERS, TELLINGS_OF_A_MATTER = 6, 15
FIRST_DAY, SPAN = 18_000, 720
PLATFORMS = ("mail", "calendar", "note", "file", "bank")
RECOGNISED, DATED = 0.9, 0.35
TOPICS = listed(
    at=";",
    text="budget review;dentist check;birthday dinner;flight booking;yoga class;contract signing;parents evening;car service;book club;"
    "choir rehearsal;tax meeting;moving boxes;concert tickets;hiking trip;job interview;boiler inspection;wine tasting;school play;"
    "blood test;piano lesson;house viewing;garden fair;eye test;cooking course;chess match;theatre visit;bike repair;swimming gala;"
    "quiz night;roof survey",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One real event; `series` tells which look-alikes it is one of."""

    number: int
    day: int
    topic: str
    people: tuple[str, ...]
    place: str
    amount: str
    reference: str


@dataclass(frozen=True, slots=True)
class EventWorld:
    """Tellings with the truth: which happening each one tells of (None for a note of nothing in particular)."""

    tellings: tuple[Telling, ...]
    happening: dict[int, int]
    information: dict[int, float]
    statistics: Statistics

    def true_pairs(self) -> set[tuple[int, int]]:
        """The pairs of different platforms within reach that tell of the same."""
        groups: defaultdict[int, list[Telling]] = defaultdict(list)
        for telling in self.tellings:
            if telling.id in self.happening:
                groups[self.happening[telling.id]].append(telling)
        pairs = (pair for group in groups.values() for pair in combinations(group, 2))
        return {(a.id, b.id) for a, b in pairs if may_report_the_same(a, b)}


def make_world(seed: int, *, on_several: bool = True, dated: float = DATED) -> EventWorld:
    """One person's memories."""
    pen = Pen(np.random.default_rng([seed, 5]))
    people = [pen.pick(PEOPLE) for _ in range(16)]
    places = [pen.pick(PLACES) for _ in range(12)]
    tellings: list[Telling] = []
    happening: dict[int, int] = {}
    names = _number_names()
    for number, event in enumerate(_happenings(pen, people=people, places=places)):
        count = int(pen.rng.choice((1, 2, 3), p=(0.55, 0.3, 0.15)))
        platforms = pen.rng.choice(PLATFORMS, size=count, replace=False).tolist()
        for platform in platforms if on_several else platforms[:1]:
            happening[len(tellings)] = number
            text = _tell(event, platform, pen=pen, dated=dated)
            tellings.append(
                _telling(len(tellings), event.day + _delay(platform, pen), platform, text, names=names, pen=pen)
            )
    for _ in range(NOTES):
        text = f"{pen.note()} {pen.pick(people)} sends regards from {pen.pick(places)}."
        tellings.append(_telling(len(tellings), FIRST_DAY + pen.number(0, SPAN), "note", text, names=names, pen=pen))
    for day, platform, text in _matters(pen, people=people, places=places):
        tellings.append(_telling(len(tellings), day, platform, text, names=names, pen=pen))
    frequency = Counter(entity for telling in tellings for entity in telling.entities)
    return EventWorld(
        tellings=tuple(tellings),
        happening=happening,
        information={entity: math.log(len(tellings) / n) for entity, n in frequency.items()},
        statistics=count_statistics(whole(telling) for telling in tellings),
    )


def _number_names() -> dict[str, int]:
    return {name.casefold(): number for number, name in enumerate((*PEOPLE, *PLACES, *TOPICS), start=1)}


def _happenings(pen: Pen, *, people: list[str], places: list[str]) -> Iterable[Happening]:
    series = [(pen.pick(TOPICS), tuple(people[2 * n : 2 * n + 2]), places[n]) for n in range(3)]
    weeks = [pen.rng.permutation(SPAN // 7).tolist() for _ in series]
    for number in range(EVENTS):
        topic, who, place = pen.pick(TOPICS), tuple(pen.pick(people) for _ in range(pen.number(1, 4))), pen.pick(places)
        day = FIRST_DAY + pen.number(0, SPAN)
        if number % 4 == 0:
            which = number // 4 % len(series)
            topic, who, place = series[which]
            day = FIRST_DAY + 7 * weeks[which].pop() + which
        amount = f"{pen.number(5, 400)}.{pen.number(10, 99)}"
        reference = f"{pen.pick('ABCX')}{pen.pick('KLMN')}{pen.number(1000, 9999)}"
        yield Happening(number, day, topic, tuple(dict.fromkeys(who)), place, amount, reference)


def _matters(pen: Pen, *, people: list[str], places: list[str]) -> Iterable[tuple[int, str, str]]:
    """Affairs that go on for weeks, on all platforms, with the same people and printed words: much in common, and no two of one event."""
    for _ in range(MATTERS):
        who, place, thing = (pen.pick(people), pen.pick(people)), pen.pick(places), pen.thing()
        printed = f"{place} {thing}. Present: {who[0]} and {who[1]}. {pen.sentence()} {pen.sentence()}"
        first = FIRST_DAY + pen.number(0, SPAN)
        for _ in range(TELLINGS_OF_A_MATTER):
            platform = pen.pick(("mail", "note", "file"))
            lead = {
                "mail": f"Dear {who[0]}, the {thing} at {place}:",
                "note": f"{who[1]} on the {thing}.",
                "file": printed,
            }[platform]
            yield first + pen.number(0, 60), platform, f"{lead} {pen.note()}"


def _delay(platform: str, pen: Pen) -> int:
    delays = {
        "mail": (0, 0, -1, -3, -10, 1),
        "calendar": (0,),
        "note": (0, 0, 0, 1),
        "file": (0, 0, 1, 2),
        "bank": (0, 1, 2, 3),
    }
    return pen.pick(delays[platform])


def _tell(event: Happening, platform: str, *, pen: Pen, dated: float) -> str:
    day = day_date(event.day)
    when = f" on {day.day} {MONTHS[day.month - 1]}" if pen.chance(dated) else ""
    who = " and ".join(event.people[: pen.number(1, 3)])
    t, place, sum_, ref = event.topic, event.place, f"{event.amount} EUR", event.reference
    forms = {
        "mail": (
            f"Dear {who}, this confirms the {t} at {place}{when}. Reference {ref}. Total {sum_}.",
            f"Re: {t}\n{who} will join us in {place}{when}, see you there",
            f"Your {t} ({ref}) is confirmed{when}. Amount: {sum_}",
            f"Hello, about the {t}: could {who} bring the papers{when}? The {pen.thing()} is still missing.",
        ),
        "calendar": (f"{t.title()} with {who} @ {place}", f"{t} {place}", f"{who}: {t}"),
        "note": (
            f"Went to {place} with {who}, the {t} took longer than planned.",
            f"{t.title()} today. {who} was there. Paid {sum_}.",
            f"Long day, {t} and then home with {who}. {pen.sentence()}",
            f"{pen.sentence()} The {t} went well.",
        ),
        "file": (f"{t.replace(' ', '_')}_{ref}.pdf invoice {ref} {sum_} {place}{when}", f"photos {place} {t}{when}"),
        "bank": (f"{place.upper()} CARD PAYMENT {sum_} {ref if pen.chance(0.3) else ''}",),
    }
    return pen.pick(forms[platform])


def _telling(number: int, day: int, source: str, text: str, *, names: dict[str, int], pen: Pen) -> Telling:
    low = text.casefold().replace("_", " ")
    entities = sorted(entity for name, entity in names.items() if name in low and pen.chance(RECOGNISED))
    topics = [1000 + pen.number(0, 1500) for _ in range(pen.number(0, 3))]
    return Telling(
        id=number, day=day, minute=None, source=source, title="", content=text, entities=(*entities, *topics)
    )


def candidate_pairs(world: EventWorld) -> list[tuple[int, int]]:
    """The pairs that share a blocking key, of different platforms, within reach."""
    holders: defaultdict[str | int, list[Telling]] = defaultdict(list)
    for telling in world.tellings:
        for key in block_keys(telling, information=world.information):
            holders[key].append(telling)
    pairs = (pair for group in holders.values() for pair in combinations(group, 2))
    return sorted({(a.id, b.id) for a, b in pairs if may_report_the_same(a, b)})


def detect(world: EventWorld) -> list[Line]:
    """Our method, from the texts to the lines."""
    accounts = {telling.id: read_account(telling) for telling in world.tellings}
    judged = (
        judge_accounts(accounts[a], accounts[b], statistics=world.statistics, information=world.information)
        for a, b in candidate_pairs(world)
    )
    return [line for line in judged if line is not None]


def cluster(world: EventWorld, lines: Iterable[Line]) -> set[tuple[int, int]]:
    """The pairs that layer 5 holds to tell of one event."""
    edges = [
        Edge(
            id=n,
            source=line.source,
            target=line.target,
            type=line.type,
            confidence=line.confidence,
            evidence=line.evidence,
        )
        for n, line in enumerate(lines)
    ]
    events = {t.id: Event(id=t.id, day=t.day, minute=None, source=t.source) for t in world.tellings}
    findings = CrossPlatformLayer().compute(
        World(today=FIRST_DAY + SPAN, active_days=np.array([], dtype=np.int64), events=events, edges=edges)
    )
    known = {telling.id: telling for telling in world.tellings}
    pairs = (pair for finding in findings for pair in combinations(sorted(finding.evidence["memories"]), 2))
    return {(a, b) for a, b in pairs if may_report_the_same(known[a], known[b])}


def detect_naively(world: EventWorld) -> set[tuple[int, int]]:
    """Different platforms, the same day, any word in common."""
    days: defaultdict[int, list[Telling]] = defaultdict(list)
    for telling in world.tellings:
        days[telling.day].append(telling)
    words = {telling.id: set(telling.content.casefold().split()) for telling in world.tellings}
    pairs = (pair for group in days.values() for pair in combinations(group, 2))
    return {(a.id, b.id) for a, b in pairs if a.source != b.source and words[a.id] & words[b.id]}


def count(seed: int) -> dict[str, float]:
    """One synthetic user and its null twin."""
    world, null = make_world(seed), make_world(seed, on_several=False)
    truth = world.true_pairs()
    started = time.process_time()
    found = cluster(world, detect(world))
    seconds = time.process_time() - started
    naive = detect_naively(world)
    return {
        "true": len(truth),
        "found": len(found),
        "hits": len(found & truth),
        "naive_found": len(naive),
        "naive_hits": len(naive & truth),
        "null_found": len(cluster(null, detect(null))),
        "null_memories": len(null.tellings),
        "naive_null_found": len(detect_naively(null)),
        "memories": len(world.tellings),
        "seconds": seconds,
    }


MEASURES = (
    Measure("cross_platform", "F1 of pairs", f1("hits", "found", "true"), 0.75, naive=f1("naive_hits", "naive_found", "true")),
    Measure("cross_platform", "precision", share("hits", "found"), 0.85, naive=share("naive_hits", "naive_found")),
    Measure(
        "cross_platform", "pairs found in 100 memories of the null twin", lambda c: 100 * c["null_found"] / c["null_memories"], 2.5,
        at_least=False, naive=lambda c: 100 * c["naive_null_found"] / c["null_memories"],
    ),
)  # fmt: skip
