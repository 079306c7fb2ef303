"""Arrive: readers of the files in which people keep their memories."""

from pathlib import Path
from typing import Final

from memories.importers.base import (
    Found,
    ImportContext,
    Importer,
    ImporterError,
    Record,
    Size,
    Skip,
)
from memories.importers.csv_table import CsvImporter
from memories.importers.json_list import JsonImporter
from memories.importers.mail import EmlImporter, MboxImporter
from memories.importers.markdown import MarkdownImporter
from memories.importers.ndjson import NdjsonImporter
from memories.importers.together import Together

__all__ = [
    "IMPORTERS",
    "Found",
    "ImportContext",
    "Importer",
    "ImporterError",
    "Record",
    "Size",
    "Skip",
    "choose_importer",
]

# The order in which "auto" asks them; the first that can read a file takes it, all that can read a folder do.
IMPORTERS: Final[tuple[Importer, ...]] = (
    NdjsonImporter(),
    MarkdownImporter(),
    EmlImporter(),
    CsvImporter(),
    JsonImporter(),
    MboxImporter(),  # last: it looks into a file whose name says nothing
)


def choose_importer(path: Path, *, name: str = "auto") -> Importer:
    """Find the importer for a path: the one so named, or the first that can read it.

    A folder with notes and mails is read by the importers of both.

    Raises:
        ImporterError: nothing is there, or no importer fits.
    """
    if not path.exists():
        raise ImporterError(f"There is no file or folder at {path}")
    if name == "auto":
        fitting = [importer for importer in IMPORTERS if importer.can_read(path)]
    else:
        fitting = [importer for importer in IMPORTERS if importer.name == name]
    if len(fitting) > 1 and path.is_dir():
        return Together(tuple(fitting))
    if fitting:
        return fitting[0]
    known = ", ".join(importer.name for importer in IMPORTERS)
    if name == "auto":
        raise ImporterError(f"No importer can read {path}; known formats are: {known}")
    raise ImporterError(f"{name!r} is no known format; known formats are: {known}")
