"""Related: the same event on several platforms. The receipt in the mail, the file beside it and the note of that evening.

Fellegi and Sunter (1969): each agreement weighs by how seldom it comes about by chance (information in nats), and a logistic
adds up the weights. What tells recurring look-alikes apart are the strong keys (references, exact sums, addresses of pages) and the
dates that a text names: agreement speaks for one event, disagreement against it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.detection.base import Line, Telling
from graph.detection.copies import are_equal
from graph.detection.statistics import Statistics
from graph.detection.text import named_days, strong_keys, tokens, whole

VERSION = 1
MOST_DAYS = 14
RARE = 2.0  # nats: in one of seven memories at most; within fourteen days that leaves few pairs
LEAST_P = 0.5
LEAST_SURPLUS = 2.0  # nats: one name in common on a busy day is no event
ENOUGH = 20.0  # nats beyond which more common words are no more proof: papers of one matter share their printed parts
WELL_KNOWN = 3  # memories that name an entity
ONE_RARE = 6.0  # nats: one rare entity of its own on each side

# Logistic weights, fitted by maximum likelihood (ridge 1) to the blocked pairs of the synthetic users 0-19 of benchmarks/cross_platform.py.
INTERCEPT = 0.83
WEIGHTS = {"surplus": 0.128, "jaccard": 8.477, "replaced": -0.585, "keys": 7.065, "conflicts": -5.047, "days": -2.378}


@dataclass(frozen=True, slots=True)
class Account:
    """A memory as a report of an event: its words, marks and named days."""

    telling: Telling
    words: frozenset[str]
    keys: frozenset[str]
    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two reports agree and disagree in; information in nats."""

    shared: float
    surplus: float  # of the shared information over what two texts of their lengths share by chance
    jaccard: float  # the shared part of all information in both
    entities: tuple[int, ...]
    replaced: float  # the information of entities that each has where the other has others
    keys: int
    conflicts: int
    named_day: int  # 1: the one names the other's day, -1: it names only other days, 0: it names none
    days: int
    distance: int  # days between what they tell of: from the day that the one names to the other's

    @property
    def p(self) -> float:
        """The probability that both report the same event."""
        score = INTERCEPT + sum(WEIGHTS[name] * value for name, value in self.features().items())
        return 1 / (1 + math.exp(-score))

    def features(self) -> dict[str, float]:
        """What the logistic weighs."""
        return {
            "surplus": max(min(self.surplus, ENOUGH), -ENOUGH),
            "jaccard": self.jaccard,
            "replaced": min(self.replaced, ONE_RARE),
            "keys": min(self.keys, 2),
            "conflicts": self.conflicts,
            "days": math.log1p(self.distance),
        }


def block_keys(telling: Telling, *, information: Mapping[int, float]) -> set[str | int]:
    """What a memory has to share with another to be compared at all: a rare entity (its id) or a strong key."""
    rare = {entity for entity in telling.entities if information.get(entity, 0.0) >= RARE}
    return rare | set(strong_keys(whole(telling)))


def read_account(telling: Telling) -> Account:
    """A memory as a report. Reading is the dear part: whoever compares a memory with many reads it once."""
    text = whole(telling)
    return Account(telling, tokens(text), strong_keys(text), named_days(text, near=telling.day))


def judge_same_event(
    a: Telling, b: Telling, *, statistics: Statistics, information: Mapping[int, float]
) -> Line | None:
    """The line from the earlier to the later report of one event, None where they are none, or of one platform, or copies.

    `information` is that of the entities, in nats.
    """
    return judge_accounts(read_account(a), read_account(b), statistics=statistics, information=information)


def judge_accounts(a: Account, b: Account, *, statistics: Statistics, information: Mapping[int, float]) -> Line | None:
    """As judge_same_event, of memories already read."""
    if not may_report_the_same(a.telling, b.telling):
        return None
    found = compare(a, b, statistics=statistics, information=information)
    if found.p < LEAST_P or not (found.keys or found.surplus >= LEAST_SURPLUS):
        return None
    first, later = sorted((a.telling, b.telling), key=lambda telling: telling.when)
    return Line(
        source=first.id,
        target=later.id,
        type="same_event",
        confidence=round(found.p, 6),
        method="fellegi_sunter",
        reasoning="Two platforms tell of it with the same particulars at about the same time.",
        evidence={
            "shared_keys": found.keys,
            "conflicting_keys": found.conflicts,
            "shared_information": round(found.shared, 6),
            "named_day": found.named_day,
            "days_apart": found.days,
            "entities": list(found.entities),
            "p": round(found.p, 6),
            "version": VERSION,
        },
    )


def may_report_the_same(a: Telling, b: Telling) -> bool:
    """Different platforms, days near enough, and not simply a copy."""
    return a.source != b.source and abs(a.day - b.day) <= MOST_DAYS and not are_equal(a, b)


def compare(a: Account, b: Account, *, statistics: Statistics, information: Mapping[int, float]) -> Agreement:
    """What two reports agree in."""
    shared = statistics.total(a.words & b.words)
    entities = tuple(sorted(set(a.telling.entities) & set(b.telling.entities)))
    return Agreement(
        shared=shared,
        surplus=shared - _expect_by_chance(a.words, b.words, statistics=statistics),
        jaccard=shared / (statistics.total(a.words | b.words) or 1.0),
        entities=entities,
        replaced=_replaced(a.telling, b.telling, statistics=statistics, information=information),
        keys=len(a.keys & b.keys),
        conflicts=_count_conflicts(a.keys, b.keys),
        named_day=_named_day(a, b),
        days=abs(a.telling.day - b.telling.day),
        distance=_distance(a, b),
    )


def _expect_by_chance(one: frozenset[str], other: frozenset[str], *, statistics: Statistics) -> float:
    """The information that a text of the other's length shares with the one when it has nothing to do with it."""
    shorter, longer = sorted((one, other), key=len)
    times = len(longer) / statistics.length
    shares = ((word, statistics.share(word)) for word in sorted(shorter))
    return math.fsum(statistics.information(word) * min(times * share, 1.0) for word, share in shares)


def _replaced(a: Telling, b: Telling, *, statistics: Statistics, information: Mapping[int, float]) -> float:
    """The information of the well-known entities that each has for itself, of the side that has less.

    That the other lacks what is hardly ever named tells nothing.
    """
    known = math.log(max(statistics.memories, 1) / WELL_KNOWN) + 1e-9
    one, other = set(a.entities), set(b.entities)
    return min(
        math.fsum(found for entity in sorted(own) if (found := information.get(entity, 0.0)) <= known)
        for own in (one - other, other - one)
    )


def _count_conflicts(one: Iterable[str], other: Iterable[str]) -> int:
    """The kinds of reference and sum of which both have some, but none in common."""
    conflicts = 0
    for kind in ("ref:", "sum:"):
        mine = {key for key in one if key.startswith(kind)}
        theirs = {key for key in other if key.startswith(kind)}
        conflicts += bool(mine and theirs and not mine & theirs)
    return conflicts


def _named_day(a: Account, b: Account) -> int:
    if not (a.days or b.days):
        return 0
    agree = b.telling.day in a.days or a.telling.day in b.days or bool(a.days & b.days)
    return 1 if agree else -1


def _distance(a: Account, b: Account) -> int:
    """A confirmation is sent days before: what counts is the day it names."""
    named = [abs(day - b.telling.day) for day in a.days] + [abs(day - a.telling.day) for day in b.days]
    named += [abs(day - other) for day in a.days for other in b.days]
    return min(min(named), 2 * MOST_DAYS) if named else abs(a.telling.day - b.telling.day)
