"""Extraction's acquaintances: people whom only the words beside them give away.

The small model does not know every name. A run of two or three capitalised words that are no
ordinary words is a person directly after words of meeting or telling ("met Xanthe Plumtree") or
directly before verbs that only people do ("Xanthe Plumtree rang"), and so is who is listed with
them ("met Tom and Xanthe Plumtree").
"""

from collections.abc import Sequence

from memories.extraction.candidates import Candidate, Trust, is_name_word, is_owned, name_end
from memories.extraction.gazetteer import is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES, ORGANISATIONS, PLACES
from memories.extraction.lexicon import (
    GREETINGS,
    NAME_PARTICLES,
    NO_NAME,
    ORGANISATION_LEADS,
    PLACE_LEADS,
    SHORT_NAMES,
    STARTERS,
    words_of,
)
from memories.extraction.topic_words import COMMON_NOUNS, EMPTY_NOUNS
from memories.extraction.words import Word

MOST_NAMES = 3
_LONGEST = 6  # words, with the particles
# One does these to a person; "saw" and "visited" take films and places as often.
_DONE_TO = words_of(
    "met meet meeting rang ring ringing phoned phone phoning telephoned texted emailed messaged"
    " thanked asked told telling invited hugged kissed congratulated"
)
_DONE_WITH = words_of("talk talked talking speak spoke speaking chat chatted chatting wrote write writing")
_SENT = words_of("letter note card postcard text message voicemail present gift call")
# With one of these before it in the sentence, whoever is "with" one is a person.
_SHARED = _DONE_WITH | words_of(
    "met meet meeting lunch dinner coffee tea breakfast supper brunch drinks drink pint walk"
    " walked walking went came sat ate dined danced played swam stayed travelled drove call phone"
)
DONE_BY = words_of(
    "rang phoned telephoned texted emailed messaged called said says told tells asked asks wrote"
    " replied answered came visited brought met laughed smiled cried hugged kissed thanked"
)
# What must stand before these: "a book called" and "back from" introduce nobody.
_BEFORE = {
    "called": words_of("i we he she they and then"),
    "to": _DONE_WITH,
    "from": _SENT | {"heard"},
}
_TIMES = words_of("today yesterday tomorrow tonight")
# Ordinary words in brands, headlines and weather; the second kind is a family name as well.
_BRANDS = words_of(
    "line direct prime express credit digital mobile smart cloud online video maps drive pay music"
    " united international national global central northern southern eastern western premier"
    " storm hurricane cyclone typhoon direct two three jet studio premium plus pro"
)
_NO_FIRST = words_of(
    "poor young old dear little big blue red black white green yellow pink purple silver gold golden"
    " deep open free fast quick easy just true super happy lucky virgin sky sun star moon real"
)
_ORDINARY = (
    NO_NAME
    | STARTERS
    | COMMON_NOUNS
    | EMPTY_NOUNS
    | ORGANISATION_LEADS
    | PLACE_LEADS
    | ORGANISATIONS
    | _BRANDS
    | _DONE_TO
    | _DONE_WITH
    | DONE_BY
) - FIRST_NAMES


def acquaintances(words: Sequence[Word]) -> list[Candidate]:
    """Full names beside words of meeting and telling, as persons of the least trust."""
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(words):
        listed = _list_at(words, index)
        found += _introduced(words, listed)
        index = listed[-1][1] if listed else index + 1
    return [Candidate(first, last, "person", Trust.CONTEXT) for first, last in found if _is_full(words, first, last)]


def _list_at(words: Sequence[Word], index: int) -> list[tuple[int, int]]:
    """The names listed from `index` on: "A", "A and B", "A, B and C"; commas need an "and"."""
    listed: list[tuple[int, int]] = []
    settled = 0
    while (last := _end_of_name(words, index)) > index:
        joined_by_comma = bool(listed) and index == listed[-1][1]
        listed.append((index, last))
        settled = settled if joined_by_comma else len(listed)
        index = _next_item(words, last)
        if index == len(words):
            break
    return listed[: max(settled, 1)]


def _end_of_name(words: Sequence[Word], start: int) -> int:
    return start if _is_ordinary(words[start]) else name_end(words, start + 1, longest=_LONGEST - 1)


def _is_ordinary(word: Word) -> bool:
    return not is_name_word(word) or word.lower in _ORDINARY


def _next_item(words: Sequence[Word], last: int) -> int:
    """Where the next name of a list begins; the number of words if nothing is listed."""
    if last >= len(words) - 1:
        return len(words)
    if words[last].lower == "and" and words[last].gap in {" ", ", "} and is_joint(words[last + 1]):
        return last + 1
    return last if words[last].gap == ", " else len(words)


def _introduced(words: Sequence[Word], listed: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The listed names that stand beside a word about people."""
    if not listed:
        return []
    first, last = listed[0][0], listed[-1][1]
    if _is_after_cue(words, first) and not _is_modifier(words, last):
        return listed
    first_of_last = listed[-1][0]
    if not _is_before_cue(words, last) or is_owned(words, first_of_last) or _is_cut(words, first_of_last):
        return []
    return listed if words[first].initial else listed[-1:]


def _is_after_cue(words: Sequence[Word], first: int) -> bool:
    if first == 0 or not is_joint(words[first]):
        return False
    cue = words[first - 1]
    if cue.capital and not cue.initial:
        return False
    if cue.lower == "with":
        return _is_shared(words, first - 1)
    before = words[first - 2].lower if first > 1 and is_joint(cue) else ""
    return cue.lower in _DONE_TO or before in _BEFORE.get(cue.lower, ()) or (cue.lower == "called" and cue.initial)


def _is_shared(words: Sequence[Word], index: int) -> bool:
    """Whether the sentence told of something people do together before the word at `index`."""
    while index > 0 and not words[index].initial:
        index -= 1
        if words[index].lower in _SHARED:
            return True
    return False


def _is_before_cue(words: Sequence[Word], last: int) -> bool:
    return last < len(words) and is_joint(words[last]) and words[last].lower in DONE_BY


def _is_cut(words: Sequence[Word], first: int) -> bool:
    """Whether the word before is part of the same name: "Royal Ardnave Saligo"."""
    before = words[first - 1] if first else None
    return before is not None and is_joint(words[first]) and before.capital and not before.initial


def _is_modifier(words: Sequence[Word], last: int) -> bool:
    """Whether a noun follows, as after a brand: "Blue Yonder tickets"."""
    if last >= len(words) or not is_joint(words[last]):
        return False
    return words[last].tag in {"NN", "NNS"} and words[last].lower not in _TIMES | DONE_BY


def _is_full(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the span is two or three words of a name, and of no place or organisation."""
    names = [word for word in words[first:last] if word.capital or word.lower not in NAME_PARTICLES]
    if not 2 <= len(names) <= MOST_NAMES or " ".join(name.lower for name in names) in PLACES:
        return False
    if names[0].lower in _NO_FIRST | (PLACES - FIRST_NAMES) or len(names[-1].lower) < 3 - (
        names[-1].lower in SHORT_NAMES
    ):
        return False
    return names[-1].tag not in {"NN", "JJ"} and all(_is_of_name(name) for name in names)


def _is_of_name(word: Word) -> bool:
    if _is_ordinary(word) or word.lower in GREETINGS or "&" in word.text:
        return False
    shouted = word.text.isupper() and len(word.lower) > 1
    return not shouted and word.tag in {"", "NNP", "NNPS", "NN", "JJ"}
