"""Extraction without a model: capitalised runs, word lists, gazetteer and headers."""

from collections.abc import Sequence

from memories.extraction.acquaintances import acquaintances
from memories.extraction.base import Document, Kind, KnownName, Mention
from memories.extraction.candidates import (
    Candidate,
    Trust,
    capital_runs,
    is_possessive,
    rule_candidates,
)
from memories.extraction.gazetteer import Gazetteer, is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES, ORGANISATIONS, PLACES
from memories.extraction.lexicon import STOP_WORDS, words_of
from memories.extraction.mentions import ReadPiece, assemble, document_pieces
from memories.extraction.words import Word, split_words

RULES_VERSION = 3
_DETERMINERS = words_of("a an the my our your his her their this that some new")
_BESIDE_PEOPLE = words_of("with met saw told asked called phoned emailed visited thanked invited and from by for")
_BESIDE_PLACES = words_of("in at to near through via towards into around")


class RulesEngine:
    """Fast and small: for tests, for machines that cannot hold the model."""

    version = f"rules-{RULES_VERSION}"

    def extract(self, documents: Sequence[Document], *, known: Sequence[KnownName]) -> list[list[Mention]]:
        """See `ExtractionEngine`."""
        gazetteer = Gazetteer(name for name in known if name.kind != "topic")
        topics = frozenset(name.key for name in known if name.kind == "topic")
        return [assemble(document, _read(document), known=gazetteer, topics=topics) for document in documents]


def _read(document: Document) -> list[ReadPiece]:
    read = []
    for field, piece in document_pieces(document):
        words = split_words(piece.text)
        candidates = [*_guesses(words), *rule_candidates(words), *acquaintances(words)]
        read.append(ReadPiece(field, piece, words, candidates, _after_determiners(words)))
    return read


def _guesses(words: Sequence[Word]) -> list[Candidate]:
    found = []
    for first, last in capital_runs(words):
        kind = _guess(words, first, last)
        if kind is not None:
            found.append(Candidate(first, last, kind, Trust.MODEL))
    return found


def _guess(words: Sequence[Word], first: int, last: int) -> Kind | None:
    """What a run of capitalised words may be, by lists and by the word before it."""
    lowers = [word.lower for word in words[first:last]]
    if " ".join(lowers) in PLACES:
        return "place"
    if " ".join(lowers) in ORGANISATIONS or (len(lowers) == 1 and words[first].text.isupper()):
        return "organisation"
    if lowers[0] in FIRST_NAMES:
        return "person"
    return None if words[first].initial else _guess_inside(words, first, last)


def _guess_inside(words: Sequence[Word], first: int, last: int) -> Kind | None:
    """The guess for a run that does not begin a sentence."""
    before = words[first - 1].lower if first and is_joint(words[first]) else ""
    if before in _BESIDE_PLACES:
        return None if is_possessive(words, last - 1) else "place"
    return "person" if before in _BESIDE_PEOPLE or last - first == 2 else None


def _after_determiners(words: Sequence[Word]) -> list[tuple[int, int]]:
    """One or two plain words between a determiner and the phrase's end: mostly nouns."""
    runs = []
    for index, word in enumerate(words):
        if word.lower in _DETERMINERS:
            last = index + 1
            while last < len(words) and last - index < 4 and _is_inside(words[last]):
                last += 1
            if 1 < last - index < 4:
                runs.append((index + 1, last))
    return runs


def _is_inside(word: Word) -> bool:
    return is_joint(word) and word.text.islower() and word.lower not in STOP_WORDS
