"""Demo person: documents of 60 to 300 words, in Drive and in Dropbox."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from config.local.demo.diary import Diary, tidy
from config.local.demo.drafts import Draft
from config.local.demo.people import CAST
from config.local.demo.timeline import at

__all__ = ["file_metadata", "write_file"]

SHORT_FILE: Final = 60  # words
OPENXML: Final = "application/vnd.openxmlformats-officedocument"
TYPES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("gdrive", "doc"): ("application/vnd.google-apps.document", ""),
    ("gdrive", "sheet"): ("application/vnd.google-apps.spreadsheet", ""),
    ("gdrive", "text"): ("text/plain", ".txt"),
    ("gdrive", "pdf"): ("application/pdf", ".pdf"),
    ("dropbox", "doc"): (f"{OPENXML}.wordprocessingml.document", ".docx"),
    ("dropbox", "sheet"): (f"{OPENXML}.spreadsheetml.sheet", ".xlsx"),
    ("dropbox", "text"): ("text/plain", ".txt"),
    ("dropbox", "pdf"): ("application/pdf", ".pdf"),
}


def file_metadata(*, source: str, kind: str, folder: str, title: str) -> dict[str, object]:
    """Answer path and type of a file as its source would give them."""
    mime_type, ending = TYPES[source, kind]
    return {"path": f"/{folder}/{title}{ending}", "mime_type": mime_type, "kind": kind}


def write_file(diary: Diary, *, source: str, day: date) -> Draft:
    """Write one document of ordinary life."""
    today = diary.day(day)
    told = diary.pen.write("file", facts=today.facts, values=today.values)
    kind, title, folder, text = (piece.strip() for piece in told.split(" ~~ "))
    while len(text.split()) < SHORT_FILE:
        note = diary.pen.write("filenote", facts=today.facts, values=today.values)
        text += f"\n\n{tidy(note)}"
    return Draft(
        when=at(day, diary.rng.randint(8, 21), diary.rng.randrange(60)),
        source=source,
        content=tidy(text),
        title=title,
        author=CAST["me"],
        metadata=file_metadata(source=source, kind=kind, folder=folder, title=title),
    )
