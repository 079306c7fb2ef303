"""Extraction's interface: documents in, mentions out, by an engine named in the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal, Protocol, cast

from memories.extraction.keys import normalise_key

Kind = Literal["person", "place", "organisation", "topic"]
Field = Literal["title", "content", "author", "participants"]

# What EXTRACTION_ENGINE may say. Loaded on first use: the web process never imports spaCy.
ENGINES = {
    "spacy": "memories.extraction.spacy_engine.SpacyEngine",
    "rules": "memories.extraction.rules_engine.RulesEngine",
}

__all__ = [
    "ENGINES",
    "Document",
    "ExtractionEngine",
    "Field",
    "Kind",
    "KnownName",
    "Mention",
    "UnknownEngineError",
    "load_engine",
    "normalise_key",
]


class UnknownEngineError(ValueError):
    """EXTRACTION_ENGINE names no engine of ours."""


@dataclass(frozen=True, slots=True)
class Document:
    """One memory's words; `participants` are (name, address) pairs, either may be empty."""

    id: int
    title: str
    content: str
    author: str
    participants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A span that names an entity: `text == field[start:end]`, in characters.

    `start` and `end` are None for author and participants, whose mentions have no span.
    """

    key: str
    text: str
    kind: Kind
    field: Field
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of the user's gazetteer: from headers, seen often, or set by the person."""

    key: str
    name: str
    kind: Kind


class ExtractionEngine(Protocol):
    """Finds mentions. A document's answer depends on itself and on `known`, nothing else."""

    version: str

    def extract(self, documents: Sequence[Document], *, known: Sequence[KnownName]) -> list[list[Mention]]:
        """One list of mentions per document, in its order; by field, then by start."""
        ...


@cache
def load_engine(name: str) -> ExtractionEngine:
    """The engine of that name, one per process.

    Raises:
        UnknownEngineError: if `ENGINES` has no such name.
    """
    if name not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise UnknownEngineError(f"EXTRACTION_ENGINE is {name!r}; it may be one of: {known}.")
    module, _, attribute = ENGINES[name].rpartition(".")
    return cast("ExtractionEngine", getattr(import_module(module), attribute)())
