"""Extraction's judge: which candidates are names, where they begin and end, of what kind."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from memories.extraction.base import Kind
from memories.extraction.candidates import LONGEST_PERSON, Candidate, Trust, is_name_word
from memories.extraction.gazetteer import is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES
from memories.extraction.junk import VERBAL_ENDS, is_name
from memories.extraction.kinds import decide_kind
from memories.extraction.lexicon import (
    AMBIGUOUS,
    NAME_PARTICLES,
    NAME_SUFFIXES,
    NO_LEAD,
    ORGANISATION_LEADS,
    PLACE_LEADS,
    RANK_TITLES,
    STARTERS,
    TITLES,
)
from memories.extraction.words import Word, starts_anew

_LEADS = ORGANISATION_LEADS | PLACE_LEADS | RANK_TITLES
_CONNECTORS = NAME_PARTICLES | {"upon", "on"}
_PERSON_JOINTS = {" ", "-"}
_JOINTS: dict[Kind, set[str]] = {
    "person": _PERSON_JOINTS,
    "place": _PERSON_JOINTS | {"'s ", "' "},
    "organisation": _PERSON_JOINTS | {" & "},
}


def judge(words: Sequence[Word], candidate: Candidate, *, lower_words: Iterable[str] = ()) -> list[Candidate]:
    """The names in a candidate's words, cut and labelled; none if it is junk.

    `lower_words` are words the same text writes small: at a sentence's start they are no name.
    """
    found = []
    for first, last in _cuts(words, candidate):
        if first < last:
            part = _extended(words, replace(candidate, first=first, last=last))
            part = _labelled(words, part)
            if is_name(words, part, lower_words=lower_words):
                found.append(part)
    return found


def _labelled(words: Sequence[Word], part: Candidate) -> Candidate:
    """The part with its kind; what its surroundings call a place is more than the label."""
    kind = decide_kind(words, part)
    told = part.trust is Trust.MODEL and part.kind == "person" and kind == "place"
    return replace(part, kind=kind, trust=Trust.RULE if told else part.trust)


def _cuts(words: Sequence[Word], candidate: Candidate) -> list[tuple[int, int]]:
    if candidate.trust is Trust.KNOWN:
        return [(candidate.first, candidate.last)]
    return [_trimmed(words, first, last) for first, last in _parts(words, candidate)]


def _parts(words: Sequence[Word], candidate: Candidate) -> list[tuple[int, int]]:
    """The candidate split where a name cannot go on."""
    parts = []
    first = candidate.first
    for index in range(candidate.first, candidate.last + 1):
        inside = index < candidate.last
        if inside and _holds(words, index, first, candidate.kind):
            continue
        if first < index:
            parts.append((first, index))
        first = index if inside and words[index].capital else index + 1
    return parts


def _holds(words: Sequence[Word], index: int, first: int, kind: Kind) -> bool:
    word = words[index]
    if index > first and (word.gap not in _JOINTS[kind] or starts_anew(words, index)):
        return False
    if word.lower in {"of", "the"} and not word.capital:
        return index > first and words[first].lower in _LEADS
    return word.capital or word.text[0].isdigit() or word.lower in _CONNECTORS


def _trimmed(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    while first < last and _is_no_start(words[first], alone=last - first == 1):
        first += 1
    while first < last and _is_no_end(words[last - 1]):
        last -= 1
    return first, last


def _is_no_start(word: Word, *, alone: bool) -> bool:
    if not word.capital and not word.text[0].isdigit():
        return True
    if word.lower in NO_LEAD and word.lower not in AMBIGUOUS:
        return True
    return word.initial and (word.lower in STARTERS or (not alone and _opens_sentence(word)))


def _opens_sentence(word: Word) -> bool:
    """Whether a sentence's first word, before a name, is a word and not a part of the name."""
    if word.lower in AMBIGUOUS:
        return bool(word.tag) and not word.tag.startswith("NN")
    verbal = word.tag.startswith(("VB", "RB")) or word.lower.endswith(VERBAL_ENDS)
    return verbal and word.lower not in FIRST_NAMES


def _is_no_end(word: Word) -> bool:
    if word.lower in NAME_SUFFIXES:
        return False
    return not (word.capital or word.text[0].isdigit()) or word.lower in NO_LEAD


def _extended(words: Sequence[Word], part: Candidate) -> Candidate:
    """The span with what belongs to it: "St.", a title, initials, further names."""
    first, last = part.first, part.last
    if first > 0 and words[first - 1].lower == "st" and is_joint(words[first]):
        return replace(part, first=first - 1, kind="place", key="")
    if part.kind != "person" or part.trust is Trust.TITLE:
        return part
    while first > 0 and is_joint(words[first]) and _leads_person(words[first - 1]):
        first -= 1
    while last < len(words) and is_joint(words[last]) and _goes_on(words, last):
        last += 1
    if last - first > LONGEST_PERSON:
        return part
    return replace(part, first=first, last=last, key=part.key if last == part.last else "")


def _leads_person(word: Word) -> bool:
    if word.lower in TITLES:
        return word.capital
    if word.lower in NO_LEAD or (word.initial and not _begins_name(word)):
        return False
    return is_name_word(word) and word.tag in {"", "NNP", "NNPS"}


def _begins_name(word: Word) -> bool:
    return word.lower in FIRST_NAMES or len(word.lower) == 1


def _goes_on(words: Sequence[Word], index: int) -> bool:
    word = words[index]
    return is_name_word(word) and word.tag in {"", "NNP", "NNPS"} and not starts_anew(words, index)
