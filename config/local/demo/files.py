"""Demo person: documents of 60 to 300 words, in Drive and in Dropbox."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from config.local.demo.diary import Diary, tidy
from config.local.demo.drafts import Draft
from config.local.demo.people import CAST
from config.local.demo.timeline import at

__all__ = ["file_metadata", "write_file"]

AMOUNT: Final = re.compile(r"£([\d,]+(?:\.\d\d)?)")
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
    text = _added_up(text)
    while len(text.split()) < SHORT_FILE:
        note = diary.pen.write("filenote", facts=today.facts | {kind}, values=today.values)
        text += f"\n\n{tidy(note)}"
    return Draft(
        when=at(day, diary.rng.randint(8, 21), diary.rng.randrange(60)),
        source=source,
        content=tidy(text),
        title=title,
        author=CAST["me"],
        metadata=file_metadata(source=source, kind=kind, folder=folder, title=title),
    )


def _added_up(text: str) -> str:
    """Put real sums where a sheet says TOTAL (of all lines) or LEFT (of what came in)."""
    income, _, spent = text.rpartition("Out\n")
    total = _sum(spent)
    return text.replace("TOTAL", f"£{total:,.2f}").replace("LEFT", f"£{_sum(income) - total:,.0f}")


def _sum(text: str) -> float:
    """Add up the first amount of each sentence or line."""
    lines = (AMOUNT.search(line) for line in re.split(r"\n|\. ", text))
    return sum(float(found[1].replace(",", "")) for found in lines if found)
