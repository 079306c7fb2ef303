"""Arrive: a file or folder is read by its importer and stored batch by batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from memories.drafts import SOURCE_RULE, MemoryDraft, is_source
from memories.importers import (
    Found,
    ImportContext,
    ImporterError,
    Record,
    Skip,
    choose_importer,
)
from memories.models import Lane, User
from memories.services.store import Outcome, preview_drafts, store_drafts

DEFAULT_SOURCE: Final = "note"
BATCH_DRAFTS: Final = 500
BATCH_CHARACTERS: Final = 4_000_000  # a batch of the longest texts would be 500 million
BATCH_RECORDS: Final = 500
MAX_SKIPS: Final = 1_000  # kept with their reasons; beyond that they are counted

Key = tuple[str, str, str]  # source, account and external_id
Write = Callable[[list[MemoryDraft]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come: `done` of `total`, in bytes ("B") or files ("file")."""

    done: int
    total: int
    unit: str


@dataclass(slots=True)
class ImportReport:
    """What became of everything that was read; `skips` holds the first reasons.

    `records` counts what an export had beside memories, by its kind and what became of it.
    """

    origin: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    records: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
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
        return self.outcomes.total() + self.records.total()

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
    uploaded: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file or folder for a person; each batch is a transaction of its own.

    What was stored stays stored if a later batch fails; importing again goes on from
    there, as nothing is doubled. `source` names the source of memories that name none.
    With `dry_run` nothing is written and the report says what would happen. `uploaded`
    is a file that was written just now.

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
        uploaded=uploaded,
    )
    report = ImportReport(origin=f"import:{uuid4().hex}")
    intake = Intake(user=user, report=report, dry_run=dry_run)
    for item in importer.read(path, context=context):
        intake.take(item)
    intake.write_drafts()
    intake.write_records()
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


@dataclass(slots=True)
class Intake:
    """Gathers what is read into batches and writes each; the report tells what became of them."""

    user: User
    report: ImportReport
    dry_run: bool
    drafts: list[MemoryDraft] = field(default_factory=list)
    characters: int = 0
    records: list[Record] = field(default_factory=list)
    seen: set[Key] = field(default_factory=set)

    def take(self, item: Found | Record | Skip) -> None:
        if isinstance(item, Skip):
            self.report.add_skip(item)
        elif isinstance(item, Record):
            self.records.append(item)
        else:
            self.drafts.append(item.draft)
            self.characters += len(item.draft.content)
        if len(self.drafts) >= BATCH_DRAFTS or self.characters >= BATCH_CHARACTERS:
            self.write_drafts()
        if len(self.records) >= BATCH_RECORDS:
            self.write_records()

    def write_drafts(self) -> None:
        if self.drafts:
            write: Write = (
                partial(_preview, user=self.user, seen=self.seen)
                if self.dry_run
                else partial(_store, user=self.user, origin=self.report.origin)
            )
            self.report.outcomes.update(write(self.drafts))
        self.drafts, self.characters = [], 0

    def write_records(self) -> None:
        """Hand records to those that settings.IMPORT_RECORDS names for their kind, in their order."""
        for kind, group in groupby(self.records, key=lambda record: record.kind):
            records = list(group)
            for record, outcome in zip(records, self._read(kind, records), strict=True):
                if isinstance(outcome, Skip):
                    self.report.add_skip(outcome)
                else:
                    self.report.records[record.kind, outcome] += 1
        self.records = []

    def _read(self, kind: str, records: Sequence[Record]) -> Sequence[Outcome | Skip]:
        if kind not in settings.IMPORT_RECORDS:
            reason = f"record {kind[:40]!r} is not understood by this version"
            return [Skip(record.where, reason) for record in records]
        read: Callable[..., Sequence[Outcome | Skip]] = import_string(settings.IMPORT_RECORDS[kind])
        return read(user=self.user, records=records, dry_run=self.dry_run)


def _key(draft: MemoryDraft) -> Key:
    return (draft.source, draft.account, draft.external_id)


def _store(drafts: list[MemoryDraft], *, user: User, origin: str) -> list[Outcome]:
    return store_drafts(user=user, drafts=drafts, origin=origin, lane=Lane.BULK)


def _preview(drafts: list[MemoryDraft], *, user: User, seen: set[Key]) -> list[Outcome]:
    """Say what would happen; a key that came before in this import would be there."""
    outcomes: list[Outcome] = []
    verdicts = preview_drafts(user=user, drafts=drafts)
    for draft, verdict in zip(drafts, verdicts, strict=True):
        repeated = verdict == "created" and _key(draft) in seen
        outcomes.append("updated" if repeated else verdict)
        seen.add(_key(draft))
    return outcomes
