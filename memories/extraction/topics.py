"""Extraction's topics: the few things a memory is about, as noun phrases.

Candidates are runs of nouns (Rose et al. 2010, RAKE, with part-of-speech tags for the phrase
borders); a score favours what is repeated, compound, early or in a headline and what the user
writes about elsewhere, against a list of nouns that say little.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memories.extraction.gazetteer import is_joint
from memories.extraction.keys import singular
from memories.extraction.lexicon import CALENDAR, STARTERS, STOP_WORDS
from memories.extraction.topic_words import COMMON_NOUNS, EMPTY_NOUNS, VERB_FORMS
from memories.extraction.words import Word

MOST_TOPICS = 5
LONGEST_PHRASE = 3
WORDS_PER_TOPIC = 20
_NO_MODIFIERS = STARTERS | CALENDAR
_ABSTRACT = ("ness", "tion", "sion", "ment", "ance", "ence", "ity", "ship", "hood")
_RELATIONAL = ("al", "ic", "ar", "ary")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `first` to `last` (exclusive) of piece `piece`; `position` counts words before."""

    key: str
    piece: int
    first: int
    last: int
    position: int
    headline: bool


def tagged_phrases(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Runs of lower-case nouns, with the modifiers that make one thing of them."""
    runs = []
    first = -1
    for index in range(len(words) + 1):
        if index < len(words) and (_is_noun(words[index]) or _opens_phrase(words, index)):
            if first >= 0 and not is_joint(words[index]):
                runs.append((first, index))
                first = -1
            first = index if first < 0 else first
        elif first >= 0:
            runs.append((first, index))
            first = -1
    return [_shaped(words, run) for run in runs]


def _is_noun(word: Word) -> bool:
    return word.tag in {"NN", "NNS"} and _is_plain(word) and word.lower not in VERB_FORMS


def _opens_phrase(words: Sequence[Word], index: int) -> bool:
    """Whether a capital is the sentence's, not the word's: "Choir practice tonight"."""
    word = words[index]
    follows = index + 1 < len(words) and is_joint(words[index + 1])
    opens = (
        word.initial
        and word.lower not in _NO_MODIFIERS
        and word.tag == "NNP"
        and follows
        and _is_noun(words[index + 1])
    )
    return opens and _is_plain(word)


def _is_plain(word: Word) -> bool:
    if word.capital and not word.initial:
        return False
    if len(word.text) < 3 or word.lower in STOP_WORDS:
        return False
    return word.lower.replace("-", "").replace("'", "").isalpha()


def _shaped(words: Sequence[Word], run: tuple[int, int]) -> tuple[int, int]:
    """The run cut to the longest phrase, less empty modifiers, plus a relational adjective."""
    first, last = run
    first = max(first, last - LONGEST_PHRASE)
    while first < last - 1 and singular(words[first].lower) in EMPTY_NOUNS:
        first += 1
    before = first - 1
    if last - first == 1 and before >= 0 and is_joint(words[first]):
        word = words[before]
        if word.tag == "JJ" and word.lower.endswith(_RELATIONAL) and _is_relational(word):
            return before, last
    return first, last


def _is_relational(word: Word) -> bool:
    return _is_plain(word) and len(word.lower) > 4 and word.lower not in COMMON_NOUNS


def phrase_key(words: Sequence[Word]) -> str:
    """Lower-case key of a phrase, its head in the singular."""
    return " ".join([*(word.lower for word in words[:-1]), singular(words[-1].lower)])


def is_about_something(key: str) -> bool:
    """Whether the phrase's head says what it is about."""
    head = key.rsplit(" ", 1)[-1]
    return head not in EMPTY_NOUNS and len(head) > 2


def choose_topics(phrases: Sequence[Phrase], *, length: int, known: Iterable[str] = ()) -> list[str]:
    """Keys of the best phrases, best first, for a text of `length` words."""
    by_key: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        by_key.setdefault(phrase.key, []).append(phrase)
    familiar = frozenset(known)
    scores = {key: _score(key, found, length=length, familiar=key in familiar) for key, found in by_key.items()}
    room = min(MOST_TOPICS, 1 + length // WORDS_PER_TOPIC)
    chosen: list[str] = []
    for key in sorted(scores, key=lambda key: (-scores[key], by_key[key][0].position, key)):
        if not any(_repeats(key, other) for other in chosen):
            chosen.append(key)
    return chosen[:room]


def _score(key: str, found: Sequence[Phrase], *, length: int, familiar: bool) -> float:
    words = key.split()
    score = (1 + math.log(len(found))) * (1 + 0.25 * (len(words) - 1))
    score *= min(1.2, 0.7 + 0.06 * len(words[-1]))
    if len(words) == 1 and key in COMMON_NOUNS:
        score *= 0.4
    if words[-1].endswith(_ABSTRACT):
        score *= 0.75
    if any(phrase.headline for phrase in found):
        score *= 2
    if found[0].position < 0.25 * length:
        score *= 1.1
    return score * 1.5 if familiar else score


def _repeats(key: str, other: str) -> bool:
    """Whether one phrase is the other with words added: the better one stands for both."""
    ours, theirs = set(key.split()), set(other.split())
    return ours <= theirs or theirs <= ours
