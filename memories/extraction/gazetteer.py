"""Extraction's gazetteer: known names found in a text, longest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memories.extraction.base import KnownName
from memories.extraction.words import Word, split_words


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `first` to `last` (exclusive) are a known name."""

    first: int
    last: int
    known: KnownName


class Gazetteer:
    """Known names by first word; one word must match in case, a phrase begin with a capital, a full name neither."""

    def __init__(self, names: Iterable[KnownName]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], KnownName]]] = defaultdict(list)
        for known in sorted(set(names), key=lambda known: (known.key, known.name, known.kind)):
            words = tuple(word.lower for word in split_words(known.name))
            if words:
                self._by_first[words[0]].append((words, known))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find(self, words: Sequence[Word]) -> list[Hit]:
        """Every longest match, left to right, without overlaps."""
        hits = []
        index = 0
        while index < len(words):
            hit = self._longest(words, index)
            if hit is not None:
                hits.append(hit)
            index = index + 1 if hit is None else hit.last
        return hits

    def _longest(self, words: Sequence[Word], index: int) -> Hit | None:
        for pattern, known in self._by_first.get(words[index].lower, ()):
            if _matches(words, index, pattern) and _in_case(words[index], pattern, known):
                return Hit(index, index + len(pattern), known)
        return None


def _matches(words: Sequence[Word], index: int, pattern: tuple[str, ...]) -> bool:
    if index + len(pattern) > len(words):
        return False
    return all(
        words[index + offset].lower == lower and (offset == 0 or is_joint(words[index + offset]))
        for offset, lower in enumerate(pattern)
    )


def is_joint(word: Word) -> bool:
    """Whether nothing but one space stands before the word."""
    return word.gap == " "


def _in_case(word: Word, pattern: tuple[str, ...], known: KnownName) -> bool:
    if len(pattern) > 1:
        return word.capital or known.kind == "person"
    return word.text.rstrip(".") == known.name.strip().rstrip(".")
