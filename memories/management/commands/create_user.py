"""manage.py create_user NAME: a person who can sign in."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from memories.models import User

PASSWORD_VARIABLE: Final = "LIFEGRAPH_PASSWORD"  # noqa: S105 -- the name, not the password


class Command(BaseCommand):
    help = (
        f"Makes a user. The password comes from --password-file, else from {PASSWORD_VARIABLE}, else it is asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name to sign in with")
        parser.add_argument("--email", default="", help="mail address")
        parser.add_argument("--time-zone", default="UTC", help="e.g. Europe/Lisbon")
        parser.add_argument("--password-file", type=Path, help="file of one line")
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help="leave a user of that name as it is and succeed",
        )

    def handle(
        self,
        *_args: object,
        name: str,
        email: str,
        time_zone: str,
        password_file: Path | None,
        if_missing: bool,
        **_options: object,
    ) -> None:
        if User.objects.filter(username=name).exists():
            if not if_missing:
                raise CommandError(f"There is a user named {name!r} already")
            self.stdout.write(f"User {name} is there already")
            return
        user = User(
            username=name,
            email=User.objects.normalize_email(email),
            time_zone=time_zone,
        )
        try:
            user.full_clean(exclude=["password"])
            password = _read_password(password_file)
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        self.stdout.write(f"User {name} was created")


def _read_password(file: Path | None) -> str:
    if file is not None:
        return _read_password_file(Path(file))
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    if not stdin_is_terminal():
        raise CommandError(f"Give the password with --password-file or in {PASSWORD_VARIABLE}")
    password = getpass("Password: ")
    if password != getpass("Password again: "):
        raise CommandError("The two passwords differ")
    return password


def stdin_is_terminal() -> bool:
    return sys.stdin.isatty()


def _read_password_file(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    return lines[0] if lines else ""
