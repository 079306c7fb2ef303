"""Extraction's words: what every rule looks at, whichever engine found the candidate."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memories.extraction.lexicon import NAME_SUFFIXES, STARTERS, STOP_WORDS, words_of

# A word may hold a hyphen or an apostrophe ("Fleet-street", "O'Brien"), and a full stop if it
# is an initial or an abbreviated title ("W.", "Mr."); a possessive 's stays outside.
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'&][^\W_]+)*")
_ABBREVIATIONS = NAME_SUFFIXES | words_of(
    "mr mrs ms mssrs messrs dr prof capt captn cpt maj col lt lieut gen adm sgt cpl rev revd hon"
    " mme mlle st mt edw wm thos chas geo jas jno robt saml"
)
_AFTER_TITLE = re.compile(r"\b(?:Mr|Sir|Dr|Mrs|Capt)\.? $")
_CAPITAL_NEXT = re.compile(r"\. [A-Z]")
_OPENING = re.compile(r"[.!?:\"(\n;]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: span in the piece, `gap` the characters before it, `tag` Penn or ''."""

    start: int
    end: int
    text: str
    lower: str
    gap: str
    tag: str
    initial: bool
    capital: bool


def starts_anew(words: Sequence["Word"], index: int) -> bool:
    """Whether the dot of an initial ended a sentence: "with Tom O. Brought him a book"."""
    word = words[index]
    if index == 0 or len(words[index - 1].lower) > 1 or not words[index - 1].text.endswith("."):
        return False
    return word.lower in STARTERS or word.lower in STOP_WORDS or word.lower.endswith(("ed", "ing"))


def split_words(text: str, *, tags: Mapping[int, str] | None = None) -> list[Word]:
    """The words of a piece; `tags` maps a character offset to a part-of-speech tag."""
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        end = _end_of_word(text, start, end)
        if end <= start:
            continue
        gap = text[last:start]
        surface = text[start:end]
        lower = surface.rstrip(".").lower()
        initial = not found or bool(_OPENING.search(gap))
        tag = tags.get(start, "") if tags else ""
        found.append(Word(start, end, surface, lower, gap, tag, initial, surface[0].isupper()))
        last = end
    return found


def _end_of_word(text: str, start: int, end: int) -> int:
    if text[end - 2 : end].lower() == "'s":
        return end - 2
    surface = text[start:end]
    if text[end : end + 1] != ".":
        return end
    if (len(surface) == 1 and surface.isupper()) or surface.lower() in _ABBREVIATIONS:
        return end + 1
    shortened = len(surface) < 5 and surface[0].isupper() and _AFTER_TITLE.search(text[max(0, start - 6) : start])
    return end + 1 if shortened and _CAPITAL_NEXT.match(text, end) else end
