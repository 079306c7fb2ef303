"""Extraction's kinds: what a name's own words say it is, against the label it came with."""

from collections.abc import Sequence

from memories.extraction.base import Kind
from memories.extraction.candidates import Candidate, Trust, is_possessive
from memories.extraction.gazetteer_words import FIRST_NAMES, ORGANISATIONS, PLACES
from memories.extraction.lexicon import (
    ORGANISATION_LEADS,
    ORGANISATION_WORDS,
    PLACE_LEADS,
    PLACE_WORDS,
    RANK_TITLES,
    SURNAME_PLACES,
    TITLES,
    words_of,
)
from memories.extraction.words import Word

_DONE_AT = words_of(
    "look looks looked looking laugh laughs laughed laughing shout shouted shouting smile smiled"
    " smiling wave waved waving angry mad stare stared staring glance glanced vexed annoyed yell"
    " yelled swear swore point pointed pointing"
)


def decide_kind(words: Sequence[Word], part: Candidate) -> Kind:
    """The kind its own words tell, else the one the candidate came with."""
    if part.trust >= Trust.TITLE:
        return part.kind
    lowers = [word.lower for word in words[part.first : part.last]]
    if " ".join(lowers) in ORGANISATIONS:
        return "organisation"
    if len(lowers) > 1:
        return _told_by_words(lowers, part.kind) or part.kind
    return _told_by_place(words, part)


def _told_by_place(words: Sequence[Word], part: Candidate) -> Kind:
    """The kind of a single word, by lists and by the word before it."""
    lower = words[part.first].lower
    stands_in = _stands_in(words, part.first)
    if lower in FIRST_NAMES and lower not in PLACES:
        return "place" if part.kind == "place" and stands_in else "person"
    if lower.endswith("shire") or (lower in PLACES and lower not in FIRST_NAMES):
        return "place"
    if part.kind == "person" and stands_in and not is_possessive(words, part.first):
        return "place"
    return part.kind


def _stands_in(words: Sequence[Word], index: int) -> bool:
    """Whether the word before says place: "in", "near", "at" but not "looked at"."""
    before = words[index - 1].lower if index else ""
    if before == "at":
        return index < 2 or words[index - 2].lower not in _DONE_AT
    return before in {"in", "near"}


def _told_by_words(lowers: list[str], kind: Kind) -> Kind | None:
    first, last = lowers[0], lowers[-1]
    if " ".join(lowers) not in PLACES and _is_personal(lowers):
        return "person"
    if last in ORGANISATION_WORDS or (first in ORGANISATION_LEADS and "of" in lowers):
        return "organisation"
    if _is_placelike(lowers, kind):
        return "place"
    return "person" if first in FIRST_NAMES and len(lowers) < 4 and "of" not in lowers else None


def _is_personal(lowers: list[str]) -> bool:
    first, last = lowers[0], lowers[-1]
    if len(first) == 1 and last not in PLACE_WORDS | ORGANISATION_WORDS:
        return True
    return first in TITLES and (first not in RANK_TITLES or last not in PLACE_WORDS)


def _is_placelike(lowers: list[str], kind: Kind) -> bool:
    first, last = lowers[0], lowers[-1]
    if " ".join(lowers) in PLACES or first in PLACE_LEADS:
        return True
    if first == "st" and kind != "person":
        return True
    return last in PLACE_WORDS and not _is_family_name(first, last, kind)


def _is_family_name(first: str, last: str, kind: Kind) -> bool:
    return kind == "person" and last in SURNAME_PLACES and first in FIRST_NAMES
