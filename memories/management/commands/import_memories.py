"""manage.py import_memories PATH --user NAME: a file or folder of memories."""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from memories.importers import IMPORTERS, ImporterError
from memories.models import User
from memories.services.imports import ImportReport, Progress, import_path

SHOWN_SKIPS: Final = 100


class Command(BaseCommand):
    help = "Imports the memories in a file or folder and says why any was skipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        formats = ", ".join(importer.name for importer in IMPORTERS)
        parser.add_argument("path", type=Path, help="file or folder to read")
        parser.add_argument("--user", required=True, help="whose memories they are")
        parser.add_argument("--format", default="auto", help=f"auto, {formats}")
        parser.add_argument("--source", help="source of memories that name none")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(
        self,
        *_args: object,
        path: Path,
        user: str,
        format: str,  # noqa: A002 -- the option's name
        source: str | None,
        dry_run: bool,
        **_options: object,
    ) -> None:
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is no user named {user!r}")
        try:
            with tqdm(disable=None, unit_scale=True) as bar:  # only on a terminal
                report = import_path(
                    user=person,
                    path=Path(path),
                    importer_name=format,
                    source=source,
                    dry_run=dry_run,
                    on_progress=partial(_show, bar),
                )
        except ImporterError as error:
            raise CommandError(str(error)) from error
        self._print_skips(report)
        if dry_run:
            self.stdout.write("Dry run: nothing was written")
        self.stdout.write(_summary(report))
        if not report.read:
            raise CommandError(f"Nothing in {path} could be read")

    def _print_skips(self, report: ImportReport) -> None:
        shown = report.skips[:SHOWN_SKIPS]
        for skip in shown:
            self.stdout.write(_printable(f"{skip.where}: {skip.reason}"))
        if report.skipped > len(shown):
            self.stdout.write(f"and {report.skipped - len(shown)} more")


def _show(bar: "tqdm[NoReturn]", progress: Progress) -> None:
    bar.total, bar.unit = progress.total, progress.unit
    bar.update(progress.done - bar.n)


def _printable(text: str) -> str:
    """Keep a file name from steering the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _summary(report: ImportReport) -> str:
    counts = (
        f"created {report.created}, updated {report.updated}, unchanged {report.unchanged}, skipped {report.skipped}"
    )
    more = [f"erased before {report.erased}"] if report.erased else []
    more += [f"{kind} {outcome} {count}" for (kind, outcome), count in sorted(report.records.items())]
    return ", ".join([counts, *more])
