"""Extraction's sieve: times, roles, nationalities, fragments and the like are no names."""

import re
from collections.abc import Iterable, Sequence

from memories.extraction.base import Kind
from memories.extraction.candidates import (
    Candidate,
    Trust,
    is_lone_initial,
    is_owned,
    is_possessive,
)
from memories.extraction.gazetteer import is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES, ORGANISATIONS, PLACES
from memories.extraction.keys import singular
from memories.extraction.lexicon import (
    ACRONYMS,
    AMBIGUOUS,
    CALENDAR_HEADS,
    NO_LEAD,
    NO_NAME,
    SHORT_NAMES,
    STARTERS,
    words_of,
)
from memories.extraction.words import Word, starts_anew

LONGEST_NAME = 7
_ROMAN = re.compile(r"(?=[MDCLXVI])M{0,3}(?:C[MD]|D?C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")
VERBAL_ENDS = ("ed", "ing", "ly")
_DOTTED = {"u.s", "u.k", "e.u", "u.n", "n.y", "l.a", "d.c"}
_LOCATIVES = words_of(
    "in at to from near through via towards toward around into of for the between outside beyond"
    " past leave left leaving reach reached reaching visit visited visiting"
)


def is_name(words: Sequence[Word], part: Candidate, *, lower_words: Iterable[str] = ()) -> bool:
    """Whether a cut and labelled candidate may stand."""
    span = words[part.first : part.last]
    if not span or len(span) > LONGEST_NAME or is_lone_initial(words, part.first, part.last):
        return False
    if part.trust is Trust.KNOWN:
        return len(span) > 1 or not _is_doubtful_start(span[0])
    if _is_listed_junk(span):
        return False
    if len(span) > 1:
        return _is_phrase_name(span, part.kind)
    return _is_single_name(words, part, lower_words=lower_words)


def _is_doubtful_start(word: Word) -> bool:
    ordinary = word.lower in STARTERS | AMBIGUOUS or word.lower in NO_LEAD
    return word.initial and ordinary and not word.tag.startswith("NNP")


def _is_listed_junk(span: Sequence[Word]) -> bool:
    if all(_says_nothing(word) for word in span):
        return span[0].lower not in PLACES or len(span) > 1
    return span[-1].lower in CALENDAR_HEADS and len(span) > 1


def _says_nothing(word: Word) -> bool:
    if word.lower in NO_NAME or _ROMAN.fullmatch(word.text.rstrip(".")):
        return True
    head = word.lower.rpartition("-")[2]
    return singular(head) in NO_NAME if len(head) > 3 else False


def _is_phrase_name(span: Sequence[Word], kind: Kind) -> bool:
    if all(word.tag and not word.tag.startswith("NNP") for word in span if word.capital):
        return False
    if kind != "person":
        return not all(word.text.isupper() and len(word.text) > 6 for word in span)
    if any(character.isdigit() for word in span for character in word.text):
        return False
    return not all(word.text.isupper() and len(word.text) > 2 for word in span)


def _is_single_name(words: Sequence[Word], part: Candidate, *, lower_words: Iterable[str]) -> bool:
    word = words[part.first]
    if not _has_form(word, part.kind) or starts_anew(words, part.first):
        return False
    if part.trust >= Trust.RULE:
        return True
    if word.text.isupper() and word.lower in lower_words:
        return False
    if part.kind == "person" and is_owned(words, part.first):
        return False
    return not word.initial or _survives_start(word, lower_words)


def is_doubtful(words: Sequence[Word], part: Candidate) -> bool:
    """Whether only the model says so, of one word, and nothing around it agrees.

    The small model is seldom right about such places and organisations; two of them in
    one text, or one that is known, is another matter.
    """
    if part.trust is not Trust.MODEL or part.last - part.first > 1:
        return False
    word = words[part.first]
    if word.lower in FIRST_NAMES | PLACES | ORGANISATIONS:
        return False
    if word.initial or _modifies_noun(words, part.first):
        return True
    before = words[part.first - 1].lower
    if part.kind == "place":
        return before not in _LOCATIVES
    return part.kind == "organisation" and not (
        any(letter.isupper() for letter in word.text[1:]) or (before == "the" and not is_possessive(words, part.first))
    )


def _modifies_noun(words: Sequence[Word], index: int) -> bool:
    """Whether the word stands before a noun, as a brand or a tool does: "Jira ticket"."""
    after = words[index + 1] if index + 1 < len(words) else None
    return after is not None and is_joint(after) and after.tag in {"NN", "NNS"}


def _has_form(word: Word, kind: Kind) -> bool:
    """Whether the word has letters, length and tag of a name."""
    if any(character.isdigit() for character in word.text):
        return False
    if word.tag and not word.tag.startswith("NNP"):
        return False
    letters = word.text.replace(".", "")
    if "." in word.text and len(letters) < 3:
        return word.lower in _DOTTED
    if letters.isupper():
        return kind != "person" and 2 <= len(letters) <= 6 and word.lower not in ACRONYMS
    return len(letters) > 2 or word.lower in SHORT_NAMES


def _survives_start(word: Word, lower_words: Iterable[str]) -> bool:
    if word.lower in FIRST_NAMES | PLACES | ORGANISATIONS and word.lower not in AMBIGUOUS:
        return True
    if word.lower in STARTERS | AMBIGUOUS or word.lower.endswith(VERBAL_ENDS):
        return False
    return word.lower not in lower_words
