"""manage.py erase_user NAME --receipt PATH: a person leaves for good, with all that is theirs."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.erasure import AccessKept, clear_view, count_rows, erase_person, give_back_access, list_left
from memories.management.commands.export_memories import write_whole
from memories.models import User


class Command(BaseCommand):
    help = "Erases a user: memories, graph, connections (their access is given back first), tokens, sessions, the user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name the user signs in with")
        parser.add_argument("--receipt", type=Path, required=True, help="file for what was erased, in numbers")
        parser.add_argument("--no-input", action="store_true", help="do not ask for the name again")
        parser.add_argument("--force", action="store_true", help="erase though access cannot be given back")

    def handle(self, *_args: object, name: str, receipt: Path, no_input: bool, force: bool, **_options: object) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user named {name!r}")
        receipt = Path(receipt)
        _check_receipt(receipt)
        before = count_rows(user)
        if not no_input:
            self._ask(name, rows=sum(before.values()))
        kept = self._give_back(user, force=force)
        gone = erase_person(user)
        is_fresh = clear_view()
        left = list_left(user_id=user.pk, name=name)
        rows = {table: max(before.get(table, 0), gone.get(table, 0)) for table in sorted(before.keys() | gone.keys())}
        write_whole(receipt, lines=[_write_receipt(name, rows=rows, kept=kept, left=left)])
        self.stdout.write(f"{sum(rows.values())} rows were erased; the receipt is {receipt}")
        if left:
            why = "" if is_fresh else "; the view could not be refreshed, try refresh_enriched_relationships"
            raise CommandError(f"There are rows left in {', '.join(left)}{why}")

    def _ask(self, name: str, *, rows: int) -> None:
        self.stdout.write(f"{rows} rows of {name} go for good, and with them all access. An export is export_memories.")
        try:
            given = input("Type the name again to erase: ")
        except EOFError:
            given = ""
        if given != name:
            raise CommandError("Nothing was erased: that was not the name")

    def _give_back(self, user: User, *, force: bool) -> int:
        """Give back access to the person's accounts; returns how many could not be, which only `force` allows."""
        try:
            give_back_access(user)
        except AccessKept as error:
            for reason in error.reasons:
                self.stderr.write(reason)
            if not force:
                raise CommandError(
                    "Nothing was erased but access that was given back; the rest is tried on. "
                    "Try again later, or with --force and remove the access at Nango by hand"
                ) from None
            return len(error.reasons)
        return 0


def _check_receipt(path: Path) -> None:
    if path.exists():
        raise CommandError(f"{path} is there already")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise CommandError(f"{path} cannot be written")


def _write_receipt(name: str, *, rows: dict[str, int], kept: int, left: dict[str, int]) -> bytes:
    """Numbers of rows by table; no text of the person's but the name that was asked for."""
    told = {
        "user": name,
        "erased_at": timezone.now().isoformat(timespec="seconds"),
        "rows": rows,
        "total": sum(rows.values()),
        "access_not_given_back": kept,
        "left": left,
        "complete": not left and not kept,
    }
    return json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"
