"""Resolution's reading of names: given name, middle names, family name, marks of a title."""

from dataclasses import dataclass

from graph.resolution.nicknames import FORMAL_NAMES
from memories.extraction.lexicon import (
    FEMALE_MARKS,
    KIN_TITLES,
    MALE_MARKS,
    NAME_PARTICLES,
    NAME_SUFFIXES,
    RANK_TITLES,
    TITLES,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entity as extraction keyed it; `addresses` are mail addresses seen beside the name."""

    id: int
    kind: str
    key: str
    name: str
    memories: int
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A person's leaf at place `at`, read.

    `first` and `last` are set for names of two parts and more, `single` for a name of one;
    none of them for ranks, kin and "X of Y", which are only equal to themselves.
    `mark` is 'f', 'm', 'sir' or '' by the title shown.
    """

    at: int
    key: str
    memories: int
    addresses: tuple[str, ...]
    first: str = ""
    middles: tuple[str, ...] = ()
    last: str = ""
    single: str = ""
    suffix: str = ""
    mark: str = ""

    @property
    def is_full(self) -> bool:
        """Whether there is a given name, or its initial, and a family name."""
        return bool(self.first)


def read_person(at: int, leaf: Leaf) -> Person | None:
    """The leaf read as a person; None for another kind."""
    if leaf.kind != "person":
        return None
    addresses = tuple(sorted({address.casefold() for address in leaf.addresses if address}))
    if "@" in leaf.key:
        addresses = tuple(sorted({*addresses, leaf.key}))
        return Person(at, leaf.key, leaf.memories, addresses)
    title, words = _without_titles(leaf.key.split())
    shown = title or _without_titles(leaf.name.casefold().replace(".", "").split())[0]
    mark = _mark(shown)
    if title in RANK_TITLES | KIN_TITLES or "of" in words or not words:
        return Person(at, leaf.key, leaf.memories, addresses, mark=mark)
    return _named(at, leaf, words, addresses=addresses, mark=mark)


def _named(at: int, leaf: Leaf, words: list[str], *, addresses: tuple[str, ...], mark: str) -> Person:
    suffix = words.pop() if len(words) > 2 and words[-1] in NAME_SUFFIXES else ""
    names = [word for word in words if word not in NAME_PARTICLES] or words
    if len(names) == 1:
        return Person(at, leaf.key, leaf.memories, addresses, single=names[0], mark=mark)
    return Person(
        at,
        leaf.key,
        leaf.memories,
        addresses,
        first=names[0],
        middles=tuple(name[0] for name in names[1:-1]),
        last=names[-1],
        suffix=suffix,
        mark=mark,
    )


def _without_titles(words: list[str]) -> tuple[str, list[str]]:
    """The last title before a name, and the words of the name."""
    title = ""
    while len(words) > 1 and words[0] in TITLES:
        title, words = words[0], words[1:]
    return title, words


def _mark(title: str) -> str:
    if title == "sir":
        return "sir"
    if title in FEMALE_MARKS:
        return "f"
    return "m" if title in MALE_MARKS else ""


def agree(one: Person, other: Person) -> bool:
    """Whether middle initials, suffix and title allow the two to be one person."""
    middles = one.middles == other.middles or not (one.middles and other.middles)
    suffixes = one.suffix == other.suffix or not (one.suffix and other.suffix)
    women = {person.mark == "f" for person in (one, other) if person.mark}
    return middles and suffixes and len(women) < 2


def same_first_name(one: str, other: str) -> bool:
    """Whether two given names may be one: equal, an initial, a short form."""
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    return bool(formal_names(one) & formal_names(other))


def formal_names(first: str) -> frozenset[str]:
    """The name itself and what it may be short for."""
    return FORMAL_NAMES.get(first, frozenset()) | {first}
