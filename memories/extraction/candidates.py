"""Extraction's candidates: spans of words that may be a name, from rules and from models."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from memories.extraction.base import Kind
from memories.extraction.gazetteer import is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES, ORGANISATIONS, PLACES
from memories.extraction.lexicon import (
    AMBIGUOUS,
    CALENDAR_HEADS,
    KIN_NAMES,
    KIN_TITLES,
    NAME_PARTICLES,
    NO_LEAD,
    NOT_IN_PERSONS,
    ORGANISATION_LEADS,
    ORGANISATION_WORDS,
    PLACE_LEADS,
    PLACE_WORDS,
    PRONOUNS,
    RANK_TITLES,
    STARTERS,
    TITLES,
)
from memories.extraction.words import Word, starts_anew

LONGEST_PERSON = 5
_OWNERS = {"my", "his", "her", "our", "your", "their", "the", "a", "an"}


class Trust(IntEnum):
    """Who says so; the higher wins where two name the same words."""

    CONTEXT = 0
    MODEL = 1
    RULE = 2
    TITLE = 3
    KNOWN = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words `first` to `last` (exclusive) as a name; `key` is set for known names."""

    first: int
    last: int
    kind: Kind
    trust: Trust
    key: str = ""


def is_name_word(word: Word) -> bool:
    """Whether a word can stand inside a person's name."""
    if not word.capital or any(character.isdigit() for character in word.text):
        return False
    return word.lower not in NOT_IN_PERSONS


def rule_candidates(words: Sequence[Word]) -> list[Candidate]:
    """Names that their own words give away: "Mr. Sheply", "Fenchurch Street", "Mum"."""
    found = []
    for index, word in enumerate(words):
        if not word.capital:
            continue
        if word.lower in TITLES:
            found += titled(words, index)
        if _is_listed(word):
            kind: Kind = "organisation" if word.lower in ORGANISATIONS else "person"
            found.append(Candidate(index, index + 1, kind, Trust.MODEL))
        if word.text in KIN_NAMES and _stands_alone(words, index):
            found.append(Candidate(index, index + 1, "person", Trust.RULE))
    for first, last in capital_runs(words):
        found += _by_generic_word(words, first, last)
    return found


def _is_listed(word: Word) -> bool:
    """Whether the word is a common first name or a well-known company, and hardly another."""
    listed = word.lower in FIRST_NAMES or word.lower in ORGANISATIONS
    doubtful = word.lower in PLACES or (word.initial and word.lower in AMBIGUOUS)
    return listed and not doubtful and word.tag in {"", "NNP"}


def titled(words: Sequence[Word], index: int) -> list[Candidate]:
    """The person a title at `index` introduces, if a name follows."""
    if words[index].lower in RANK_TITLES and _follows(words, index + 1, "of"):
        last = name_end(words, index + 2, longest=2)
        return [Candidate(index, last, "person", Trust.TITLE)] if last > index + 2 else []
    start = index + 1
    while start < len(words) and is_joint(words[start]) and _is_second_title(words[start]):
        start += 1
    last = name_end(words, start, longest=4)
    if last == start or is_lone_initial(words, start, last):
        return []
    if words[last - 1].lower in PLACE_WORDS and words[index].lower in RANK_TITLES | KIN_TITLES:
        return [Candidate(index, last, "place", Trust.RULE)]
    return [Candidate(index, last, "person", Trust.TITLE)]


def _is_second_title(word: Word) -> bool:
    return word.capital and word.lower in TITLES


def _follows(words: Sequence[Word], index: int, lower: str) -> bool:
    return index < len(words) and words[index].lower == lower and is_joint(words[index])


def name_end(words: Sequence[Word], start: int, *, longest: int) -> int:
    """The index after the last word of the name that begins at `start`."""
    index = end = start
    while index < min(len(words), start + longest) and is_joint(words[index]):
        word = words[index]
        if is_name_word(word) and not (index > start and starts_anew(words, index)):
            end = index + 1
        elif word.lower not in NAME_PARTICLES or word.capital or index == len(words) - 1:
            break
        index += 1
    return end


def is_lone_initial(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the span has initials only ("W.", "J. K.", "Sir W.")."""
    names = [word.lower.replace(".", "") for word in words[first:last] if word.lower not in TITLES]
    return bool(names) and all(len(name) < 2 for name in names)


def _stands_alone(words: Sequence[Word], index: int) -> bool:
    before = words[index - 1].lower if index else ""
    after = index + 1 < len(words) and is_joint(words[index + 1]) and words[index + 1].capital
    return not after and (before not in _OWNERS or words[index].initial)


def is_owned(words: Sequence[Word], index: int) -> bool:
    """Whether an article or a possessive stands before the word: "the Swan", "his Grace"."""
    return index > 0 and is_joint(words[index]) and words[index - 1].lower in _OWNERS


def is_possessive(words: Sequence[Word], index: int) -> bool:
    """Whether a possessive s follows the word: "Harper's"."""
    return index + 1 < len(words) and words[index + 1].gap.startswith("'")


def capital_runs(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Longest spans of capitalised words, less what a sentence or a date puts before them."""
    runs: list[tuple[int, int]] = []
    first = 0
    for index in range(len(words) + 1):
        if index < len(words) and _continues(words, first, index):
            continue
        while first < index and _is_no_lead(words[first]):
            first += 1
        if first < index:
            runs.append((first, index))
        first = index if index < len(words) and words[index].capital else index + 1
    return runs


def _continues(words: Sequence[Word], first: int, index: int) -> bool:
    word = words[index]
    if not word.capital or word.lower in PRONOUNS:
        return False
    return index == first or is_joint(word)


def _is_no_lead(word: Word) -> bool:
    return word.lower in NO_LEAD or (word.initial and word.lower in STARTERS)


def _with_owner(words: Sequence[Word], first: int, last: int) -> int:
    """Where a place named after its owner begins: "King's Head Tavern", "Ana's House"."""
    owned = first > 0 and words[first].gap in {"'s ", "' "} and words[first - 1].capital
    if not owned or words[last - 1].lower not in PLACE_WORDS:
        return first
    if first > 1 and is_joint(words[first - 1]) and words[first - 2].lower == "st":
        return first - 2
    titled = first > 1 and is_joint(words[first - 1]) and words[first - 2].lower in TITLES
    return first if titled or words[first - 1].lower in PRONOUNS else first - 1


def _by_generic_word(words: Sequence[Word], first: int, last: int) -> list[Candidate]:
    if words[first].lower in ORGANISATION_LEADS | PLACE_LEADS and _follows(words, last, "of"):
        end = name_end(words, last + 1, longest=3)
        kind: Kind = "place" if words[first].lower in PLACE_LEADS else "organisation"
        return [Candidate(first, end, kind, Trust.RULE)] if end > last + 1 else []
    if last - first == 1 and "-" in words[first].text:
        place = words[first].lower.rpartition("-")[2] in PLACE_WORDS
        return [Candidate(first, last, "place", Trust.RULE)] if place else []
    return _by_last_word(words, _with_owner(words, first, last), last)


def _by_last_word(words: Sequence[Word], first: int, last: int) -> list[Candidate]:
    lower = words[last - 1].lower
    if last - first < 2 or last - first > LONGEST_PERSON or lower in CALENDAR_HEADS:
        return []
    if lower in ORGANISATION_WORDS:
        return [Candidate(first, last, "organisation", Trust.RULE)]
    if lower in PLACE_WORDS and words[first].lower not in TITLES - RANK_TITLES:
        return [Candidate(first, last, "place", Trust.RULE)]
    return []
