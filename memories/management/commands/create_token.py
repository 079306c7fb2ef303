"""manage.py create_token NAME: a token for `Authorization: Token …`."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

from memories.models import User


class Command(BaseCommand):
    help = "Makes an API token for a user and prints it last; it is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user's name")

    def handle(self, *_args: object, name: str, **_options: object) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user named {name!r}")
        _, token = AuthToken.objects.create(user)
        self.stdout.write(token)
