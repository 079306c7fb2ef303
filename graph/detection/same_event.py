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

# Logistic weights, fitted by maximum likelihood to the blocked pairs of the synthetic users 0-19 of benchmarks/cross_platform.py.
INTERCEPT = -4.0
WEIGHTS = {
    "shared": 0.1,
    "jaccard": 4.0,
    "rarest": 0.3,
    "entities": 0.1,
    "keys": 3.0,
    "conflicts": -3.5,
    "dated": 2.0,
    "misdated": -2.0,
    "days": -1.9,
}


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
    jaccard: float
    rarest: float
    entities: tuple[int, ...]
    entity_information: float
    keys: int
    conflicts: int
    named_day: int  # 1: the one names the other's day, -1: it names only other days, 0: it names none
    days: int

    @property
    def p(self) -> float:
        """The probability that both report the same event."""
        score = INTERCEPT + sum(WEIGHTS[name] * value for name, value in self.features().items())
        return 1 / (1 + math.exp(-score))

    def features(self) -> dict[str, float]:
        """What the logistic weighs."""
        return {
            "shared": self.shared,
            "jaccard": self.jaccard,
            "rarest": self.rarest,
            "entities": self.entity_information,
            "keys": min(self.keys, 2),
            "conflicts": self.conflicts,
            "dated": float(self.named_day > 0),
            "misdated": float(self.named_day < 0),
            "days": math.log1p(self.days),
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
    if found.p < LEAST_P:
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
    shared_words, all_words = a.words & b.words, a.words | b.words
    shared = statistics.total(shared_words)
    entities = tuple(sorted(set(a.telling.entities) & set(b.telling.entities)))
    return Agreement(
        shared=shared,
        jaccard=shared / (statistics.total(all_words) or 1.0),
        rarest=max((statistics.information(word) for word in shared_words), default=0.0),
        entities=entities,
        entity_information=math.fsum(information.get(entity, 0.0) for entity in entities),
        keys=len(a.keys & b.keys),
        conflicts=_count_conflicts(a.keys, b.keys),
        named_day=_named_day(a, b),
        days=abs(a.telling.day - b.telling.day),
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
