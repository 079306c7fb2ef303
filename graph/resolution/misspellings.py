"""Resolution's misspellings: long names one slip apart, the other name equal."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations

from graph.resolution.groups import Groups, Link
from graph.resolution.names import Person, agree
from memories.extraction.gazetteer_words import FIRST_NAMES

LONG_NAME = 7  # letters
RARE = 3  # memories
RARE_SHARE = 0.1


def misspelling_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """A rare spelling to the one common spelling it is a slip of.

    One slip leaves the first three letters of a long name or its last three as they were, so
    only names that share these are compared.
    """
    neighbours: dict[tuple[str, str, str], list[Person]] = defaultdict(list)
    for person in people:
        for ends in _ends(person):
            neighbours[ends].append(person)
    candidates: dict[int, dict[int, int]] = defaultdict(dict)
    for block in neighbours.values():
        for person, other in permutations(block, 2):
            if _is_slip_of(person, other):
                candidates[person.at][groups.find(other.at)] = other.at
    for at, found in candidates.items():
        if len(found) == 1:
            yield from ((at, other) for other in found.values())


def _ends(person: Person) -> Iterator[tuple[str, str, str]]:
    if len(person.last) >= LONG_NAME:
        yield person.first, "", person.last[:3]
        yield person.first, "", "-" + person.last[-3:]
    if len(person.first) >= LONG_NAME:
        yield "", person.last, person.first[:3]
        yield "", person.last, "-" + person.first[-3:]


def _is_slip_of(person: Person, other: Person) -> bool:
    if not _is_rare_beside(person, other):
        return False
    if person.first == other.first:
        slip = is_slip(person.last, other.last)
        slip = slip and not _is_patronymic(person.last, other.last)
    else:
        slip = person.last == other.last and is_slip(person.first, other.first)
        slip = slip and person.first[-1] == other.first[-1]
        slip = slip and not {person.first, other.first} <= FIRST_NAMES
    return slip and agree(person, other)


def _is_rare_beside(person: Person, other: Person) -> bool:
    if person.memories > other.memories:
        return False
    return person.memories <= max(RARE, RARE_SHARE * other.memories)


def _is_patronymic(one: str, other: str) -> bool:
    """Petersen and Peterson are two names, not a slip."""
    return one[:-3] == other[:-3] and {one[-3:], other[-3:]} <= {"sen", "son"}


def is_slip(one: str, other: str) -> bool:
    """Whether one letter inserted, left out, changed or swapped with its neighbour, but not
    the first, makes one name of the other (Damerau-Levenshtein distance 1)."""
    if one == other or one[:1] != other[:1] or abs(len(one) - len(other)) > 1:
        return False
    if min(len(one), len(other)) < LONG_NAME:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) - len(short) == 1:
        return short[at:] == long[at + 1 :]
    swapped = short[:at] + short[at : at + 2][::-1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long
