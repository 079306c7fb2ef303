"""A crowd of made-up people for staging, and what they write: the same every time, small lives with names that come back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

FIRST: Final = (
    "Ada", "Bruno", "Clara", "Dario", "Edith", "Felix", "Greta", "Hugo", "Iris", "Jonas", "Karin", "Leo", "Marta", "Nils", "Olga",
    "Paul", "Rosa", "Simon", "Thea", "Victor", "Wanda", "Yves",
)  # fmt: skip
LAST: Final = (
    "Abbott", "Barlow", "Castell", "Dunmore", "Everett", "Farrow", "Garland", "Hollis", "Ingram", "Jessop", "Kendrick", "Lockwood",
    "Marlow", "Norwood", "Ormond", "Prescott", "Radley", "Selwyn", "Thorne", "Whitlock",
)  # fmt: skip
PLACES: Final = ("Bristol", "York", "Leeds", "Oxford", "Bath", "Cardiff", "Glasgow", "Norwich", "Exeter", "Durham")
FIRMS: Final = ("Larkfield Ltd", "Hartwell Bank", "Osprey Studio", "Millbrook Library", "Fernhill Clinic")
PHRASES: Final = (
    "Met {a} and {b} in {place}; we spoke about the garden until it was dark.",
    "{a} called about the work for {firm}. {b} is to send the plans to {place}.",
    "Lunch with {a} near the station in {place}.",
    "Letter from {a}: {b} has left {firm} and moves to {place} in spring.",
    "Walked along the river in {place} with {a}. Slept badly afterwards.",
    "{firm} cancelled again. {a} was angry, {b} laughed about it.",
    "Train to {place}, two hours late. {a} waited at the platform with {b}.",
    "Paid the bill of {firm}. Dinner at {a}'s, with {b}.",
)
OLD_SHARE: Final = 0.2  # of a life's memories, from years before
OLD_YEARS: Final = (2, 5)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote, and when (UTC)."""

    content: str
    occurred_at: datetime


def name_people(count: int) -> list[str]:
    """person-001, person-002 and so on."""
    return [f"person-{number:03d}" for number in range(1, count + 1)]


def write_life(name: str, *, notes: int, now: datetime) -> list[Note]:
    """The notes of one made-up person, oldest first: a fifth of them two to five years old, the others of the last twelve months."""
    fate, writer = random.Random(name), write_notes(name)  # noqa: S311 -- made up, not secret
    old = round(notes * OLD_SHARE)
    ages = [fate.uniform(OLD_YEARS[0] * 365, OLD_YEARS[1] * 365) for _ in range(old)]
    ages += [fate.uniform(1, 365) for _ in range(notes - old)]
    today = now.astimezone(UTC).replace(hour=18, minute=0, second=0, microsecond=0)
    return [Note(next(writer), today - timedelta(days=age)) for age in sorted(ages, reverse=True)]


def write_notes(name: str) -> Iterator[str]:
    """Sentences of one made-up person without end, about the few people and places they know."""
    fate = random.Random(f"notes of {name}")  # noqa: S311 -- made up, not secret
    friends = [f"{fate.choice(FIRST)} {last}" for last in fate.sample(LAST, 5)]
    places, firms = fate.sample(PLACES, 3), fate.sample(FIRMS, 2)
    while True:
        a, b = fate.sample(friends, 2)
        yield fate.choice(PHRASES).format(a=a, b=b, place=fate.choice(places), firm=fate.choice(firms))
