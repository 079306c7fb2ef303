"""manage.py export_memories --user NAME PATH: everything of a person in one file."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from memories.models import Memory, User
from memories.services.export import write_lines


class Command(BaseCommand):
    help = "Writes all that is a user's to a file of ndjson, which import_memories reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="file to write; it is there only once it is whole")
        parser.add_argument("--user", required=True, help="whose memories they are")
        parser.add_argument("--force", action="store_true", help="write over a file that is there")

    def handle(self, *_args: object, path: Path, user: str, force: bool, **_options: object) -> None:
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is no user named {user!r}")
        path = Path(path)
        if path.is_dir() or (path.exists() and not force):
            raise CommandError(f"{path} is there already" + ("" if path.is_dir() else "; --force writes over it"))
        total = Memory.objects.for_user(person).count()
        try:
            with tqdm(write_lines(user=person), total=total, unit=" records", disable=None) as lines:
                count = write_whole(path, lines=lines)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{count} records were written to {path}")


def write_whole(path: Path, *, lines: Iterable[bytes]) -> int:
    """Write a file that only its owner may read, under its name once it is whole; returns the number of lines."""
    part = path.with_name(path.name + ".part")
    count = 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)  # one that was left behind may have had other rights
            for line in lines:
                file.write(line)
                count += 1
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count
