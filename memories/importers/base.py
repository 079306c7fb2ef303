"""Arrive: what every importer answers, item by item, and what it is told.

An importer is pure: it reads a file or a folder and yields a `Found` for each memory
and a `Skip` for each item that cannot become one. It stores nothing, and no item, however
broken, ends the reading of the others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from memories.drafts import MemoryDraft


@dataclass(frozen=True, slots=True)
class Found:
    """A memory, and where it was found ("line 12", "notes/x.md")."""

    where: str
    draft: MemoryDraft


@dataclass(frozen=True, slots=True)
class Record:
    """Something an export wrote beside memories, for those to read whose kind it is ("entity_event"); `fields` are unchecked."""

    where: str
    kind: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Skip:
    """An item that was not read: where it is, and the reason a person can act on."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to read: bytes ("B") of a file, or a folder's files ("file")."""

    total: int
    unit: str


def ignore_progress(_amount: int) -> None:
    """Let progress go unreported."""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What an importer is told about the person and the moment of the import.

    `source` is for memories that name none. `advance` is called with what was read
    since the last call, in the unit of the importer's `Size`. `uploaded`: the file is a copy that was written
    just now, so the time of its last change says nothing.
    """

    time_zone: ZoneInfo
    now: datetime
    source: str
    advance: Callable[[int], None] = ignore_progress
    uploaded: bool = False


class ImporterError(Exception):
    """Nothing can be read at all: a sentence for the person who asked."""


class Importer(Protocol):
    """One format of files or folders, kept in order in `memories.importers.IMPORTERS`."""

    @property
    def name(self) -> str:
        """The word for `--format`."""
        ...

    def can_read(self, path: Path) -> bool:
        """Tell from a look at the path whether it is of this format."""
        ...

    def measure(self, path: Path) -> Size:
        """Count what there is to read, for a progress bar."""
        ...

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Record | Skip]:
        """Yield every item in a stable order.

        Raises:
            ImporterError: the path itself cannot be opened.
        """
        ...
