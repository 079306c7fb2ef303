"""Resolution's stages: which leaves may be joined, from sure to less sure.

A stage reads the groups as the stages before left them and answers with links; it blocks by
address, family name or given name, so the work grows with the leaves, not with their square.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from graph.resolution.groups import Groups, Link
from graph.resolution.misspellings import misspelling_links
from graph.resolution.names import Leaf, Person, agree, formal_names, same_first_name
from graph.resolution.nicknames import FORMAL_NAMES
from memories.extraction.lexicon import words_of

K = TypeVar("K", bound=Hashable)
Stage = Callable[[Sequence[Person], Groups], Iterable[Link]]
SHARED_BY_MANY = 12  # names under one address: it is a list's
OVERWHELMING = 10
ENOUGH_TO_OVERWHELM = 20  # memories
# Of a single name's memories, for the full name it is joined to: families share the last name.
LEAST_SHARE_OF_FIRST = 0.05
LEAST_SHARE_OF_LAST = 0.5

_GENERIC_ENDS = {
    "organisation": words_of("ltd limited inc incorporated llc plc gmbh ag sa bv nv co corp corporation company"),
    "place": frozenset(),
}
_GENERIC_STARTS = ("city of ", "town of ", "village of ", "the ")
_SHORT_STREETS = {"st": "street", "rd": "road", "ave": "avenue", "ln": "lane", "sq": "square"}


def thing_links(leaves: Sequence[Leaf]) -> list[Link]:
    """Places, organisations and topics of one kind whose bare keys are equal."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, leaf in enumerate(leaves):
        if leaf.kind != "person":
            blocks[leaf.kind, bare_key(leaf.kind, leaf.key)].append(at)
    return [(block[0], at) for block in blocks.values() for at in block[1:]]


def bare_key(kind: str, key: str) -> str:
    """A key without generic parts: "city of lisbon", "acme ltd", "fleet-street"."""
    if kind not in _GENERIC_ENDS:
        return key
    bare = " ".join(key.replace("-", " ").replace(",", " ").split())
    for start in _GENERIC_STARTS:
        bare = bare.removeprefix(start) or bare
    words = bare.split()
    while len(words) > 1 and words[-1] in _GENERIC_ENDS[kind]:
        words = words[:-1]
    if kind == "place" and len(words) > 1 and words[-1] in _SHORT_STREETS:
        words[-1] = _SHORT_STREETS[words[-1]]
    return " ".join(words)


def address_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """Names under one mail address, unless several people share it."""
    pairs = ((address, person) for person in people for address in person.addresses)
    for block in _blocks(pairs).values():
        if len(block) > SHARED_BY_MANY:
            continue
        shared = any(not _same_name(*pair) for pair in combinations(block, 2))
        for one, other in combinations(block, 2):
            if not shared or (one.is_full and other.is_full and _same_name(one, other)):
                yield one.at, other.at


def _same_name(one: Person, other: Person) -> bool:
    if not (one.is_full and other.is_full):
        return True
    return agree(one, other) and same_first_name(one.first, other.first)


def same_name_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """Equal keys, and equal given and family names that no middle name or title tells apart."""
    for block in _blocks((person.key, person) for person in people).values():
        yield from ((block[0].at, person.at) for person in block[1:])
    full = [person for person in people if person.is_full]
    for block in _blocks(((person.first, person.last), person) for person in full).values():
        everyone = all(agree(*pair) for pair in combinations(_profiles(block), 2))
        for alike in [block] if everyone else _blocks_by_profile(block):
            yield from ((alike[0].at, person.at) for person in alike[1:])


def _profile(person: Person) -> tuple[tuple[str, ...], str, str]:
    return (person.middles, person.suffix, person.mark)


def _profiles(block: Sequence[Person]) -> list[Person]:
    return list({_profile(person): person for person in block}.values())


def _blocks_by_profile(block: Sequence[Person]) -> Iterable[list[Person]]:
    return _blocks((_profile(person), person) for person in block).values()


def short_form_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """Short given names to the one formal name that is borne with the same family name."""
    full = [person for person in people if person.is_full]
    bearers = _blocks(((person.first, person.last), person) for person in full)
    for (first, last), block in bearers.items():
        formals = FORMAL_NAMES.get(first, frozenset())
        borne = sorted(formal for formal in formals if (formal, last) in bearers)
        if len(borne) == 1:
            yield from _to_the_one(block, bearers[borne[0], last], groups)
        elif not borne and len(formals) == 1:
            siblings = [
                person
                for short in sorted(FORMAL_NAMES)
                if FORMAL_NAMES[short] == formals
                for person in bearers.get((short, last), ())
            ]
            yield from _to_the_one(block, [p for p in siblings if p.first != first], groups)


def initial_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """An initial to the one given name that begins with it, under the same family name."""
    full = [person for person in people if person.is_full]
    for block in _blocks((person.last, person) for person in full).values():
        spelt = _blocks((p.first[0], p) for p in block if len(p.first) > 1)
        for person in block:
            if len(person.first) == 1:
                yield from _to_the_one([person], spelt.get(person.first, []), groups)


def single_name_links(people: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """A given or family name alone to the one person who bears it."""
    bearers: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        if person.is_full:
            names = formal_names(person.first) | {person.last}
            for name in sorted(names - {person.first[:1]}):
                bearers[name].append(person)
    for person in people:
        if person.single:
            yield from _single_link(person, bearers, groups)


def _single_link(person: Person, bearers: dict[str, list[Person]], groups: Groups) -> Iterator[Link]:
    found = {p.at: p for name in formal_names(person.single) for p in bearers.get(name, ())}
    by_group = _blocks((groups.find(p.at), p) for p in found.values())
    sizes = sorted((sum(p.memories for p in group), root) for root, group in by_group.items())
    if not sizes:
        return
    size, root = sizes[-1]
    others = sum(size for size, _ in sizes[:-1])
    clear = len(sizes) == 1 or size >= max(ENOUGH_TO_OVERWHELM, OVERWHELMING * others)
    family = any(other.last == person.single for other in by_group[root])
    share = LEAST_SHARE_OF_LAST if family else LEAST_SHARE_OF_FIRST
    if clear and size >= share * person.memories and _title_fits(person, by_group[root]):
        yield root, person.at


def _title_fits(person: Person, group: Sequence[Person]) -> bool:
    """A title before a single name must be one the full name is seen with too."""
    return not person.mark or any(other.mark == person.mark for other in group)


def _to_the_one(block: Sequence[Person], candidates: Sequence[Person], groups: Groups) -> Iterator[Link]:
    """Links from the block to the candidates where these are one group and nothing speaks
    against any pair."""
    if len({groups.find(person.at) for person in candidates}) != 1:
        return
    for person in block:
        if all(agree(person, other) for other in candidates):
            yield candidates[0].at, person.at


def _blocks(pairs: Iterable[tuple[K, Person]]) -> dict[K, list[Person]]:
    found: dict[K, list[Person]] = defaultdict(list)
    for key, person in pairs:
        found[key].append(person)
    return found


PERSON_STAGES: tuple[Stage, ...] = (
    same_name_links,
    address_links,
    short_form_links,
    initial_links,
    misspelling_links,
    single_name_links,
)
