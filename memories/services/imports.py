"""Arrive: a file or folder is read by its importer and stored batch by batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.utils import timezone

from memories.drafts import SOURCE_RULE, MemoryDraft, is_source
from memories.importers import (
    Found,
    ImportContext,
    ImporterError,
    Skip,
    choose_importer,
)
from memories.models import User
from memories.services.store import Outcome, preview_drafts, store_drafts

DEFAULT_SOURCE: Final = "note"
BATCH_DRAFTS: Final = 500
BATCH_CHARACTERS: Final = 4_000_000  # a batch of the longest texts would be 500 million
MAX_SKIPS: Final = 1_000  # kept with their reasons; beyond that they are counted

Key = tuple[str, str]  # source and external_id; the account of an import is always ''
Write = Callable[[list[MemoryDraft]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come: `done` of `total`, in bytes ("B") or files ("file")."""

    done: int
    total: int
    unit: str


@dataclass(slots=True)
class ImportReport:
    """What became of everything that was read; `skips` holds the first reasons."""

    origin: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    skipped: int = 0
    skips: list[Skip] = field(default_factory=list)

    @property
    def created(self) -> int:
        return self.outcomes["created"]

    @property
    def updated(self) -> int:
        return self.outcomes["updated"]

    @property
    def unchanged(self) -> int:
        return self.outcomes["unchanged"]

    @property
    def erased(self) -> int:
        """Memories that the person erased before, and that were not brought back."""
        return self.outcomes["erased"]

    @property
    def read(self) -> int:
        """How many items could be read, whatever became of them."""
        return self.outcomes.total()

    def add_skip(self, skip: Skip) -> None:
        self.skipped += 1
        if len(self.skips) < MAX_SKIPS:
            self.skips.append(skip)


def import_path(
    *,
    user: User,
    path: Path,
    importer_name: str = "auto",
    source: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file or folder for a person; each batch is a transaction of its own.

    What was stored stays stored if a later batch fails; importing again goes on from
    there, as nothing is doubled. `source` names the source of memories that name none.
    With `dry_run` nothing is written and the report says what would happen.

    Raises:
        ImporterError: a sentence for the person, where nothing can be read at all.
    """
    if source is not None and not is_source(source):
        raise ImporterError(f"The source {source[:40]!r} {SOURCE_RULE}")
    importer = choose_importer(path, name=importer_name)
    size = importer.measure(path)
    meter = Meter(total=size.total, unit=size.unit, report=on_progress)
    context = ImportContext(
        time_zone=user.zone,
        now=timezone.now(),
        source=source or DEFAULT_SOURCE,
        advance=meter.advance,
    )
    report = ImportReport(origin=f"import:{uuid4().hex}")
    write: Write = (
        partial(_preview, user=user, seen=set()) if dry_run else partial(_store, user=user, origin=report.origin)
    )
    for drafts in _batches(importer.read(path, context=context), report=report):
        report.outcomes.update(write(drafts))
    return report


@dataclass(slots=True)
class Meter:
    """Adds up what an importer has read and passes the sum on."""

    total: int
    unit: str
    report: Callable[[Progress], None] | None
    done: int = 0

    def advance(self, amount: int) -> None:
        self.done += amount
        if self.report:
            self.report(Progress(done=self.done, total=self.total, unit=self.unit))


def _batches(items: Iterable[Found | Skip], *, report: ImportReport) -> Iterator[list[MemoryDraft]]:
    drafts: list[MemoryDraft] = []
    characters = 0
    for item in items:
        if isinstance(item, Skip):
            report.add_skip(item)
            continue
        drafts.append(item.draft)
        characters += len(item.draft.content)
        if len(drafts) >= BATCH_DRAFTS or characters >= BATCH_CHARACTERS:
            yield drafts
            drafts, characters = [], 0
    if drafts:
        yield drafts


def _key(draft: MemoryDraft) -> Key:
    return (draft.source, draft.external_id)


def _store(drafts: list[MemoryDraft], *, user: User, origin: str) -> list[Outcome]:
    return store_drafts(user=user, drafts=drafts, origin=origin)


def _preview(drafts: list[MemoryDraft], *, user: User, seen: set[Key]) -> list[Outcome]:
    """Say what would happen; a key that came before in this import would be there."""
    outcomes: list[Outcome] = []
    verdicts = preview_drafts(user=user, drafts=drafts)
    for draft, verdict in zip(drafts, verdicts, strict=True):
        repeated = verdict == "created" and _key(draft) in seen
        outcomes.append("updated" if repeated else verdict)
        seen.add(_key(draft))
    return outcomes
