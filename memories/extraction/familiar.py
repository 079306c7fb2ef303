"""Extraction's memory of a user: which names found before are worth looking for everywhere."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from memories.extraction.base import Kind, KnownName
from memories.extraction.keys import normalise_key, person_key
from memories.extraction.lexicon import TITLES

ENOUGH_FOR_ONE_WORD = 5  # memories
ENOUGH_FOR_A_PHRASE = 3
CLEAR_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class SeenName:
    """A name as counted over a user's memories; `name` is its commonest spelling."""

    key: str
    name: str
    kind: Kind
    memories: int


def familiar_names(seen: Iterable[SeenName]) -> list[KnownName]:
    """Names seen in enough memories, under the kind most of these agree on; sorted by key.

    This settles what the model reads now as a person, now as an organisation.
    """
    by_key: dict[str, list[SeenName]] = defaultdict(list)
    for name in seen:
        by_key[name.key].append(name)
    return [known for key in sorted(by_key) for known in _settled(by_key[key])]


def _settled(names: list[SeenName]) -> list[KnownName]:
    best = max(names, key=lambda name: (name.memories, name.kind))
    total = sum(name.memories for name in names)
    enough = ENOUGH_FOR_A_PHRASE if " " in best.key else ENOUGH_FOR_ONE_WORD
    if total < enough or best.memories < CLEAR_SHARE * total:
        return []
    return [KnownName(best.key, _untitled(best), best.kind)]


def _untitled(name: SeenName) -> str:
    """The spelling to look for: "Sheply" for "Mr. Sheply", whose key has no title either."""
    words = name.name.split()
    while name.kind == "person" and len(words) > 1 and words[0].rstrip(".").lower() in TITLES:
        if person_key(" ".join(words[1:])) != name.key:
            break
        words = words[1:]
    spelling = " ".join(words)
    return spelling if normalise_key(spelling) else name.name
