from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.local.cards import write_card
from config.local.crowd import name_people
from config.local.seed import OPERATOR, seed_people
from memories.models import User


class Command(BaseCommand):
    """A crowd for staging: people with small made-up lives, and an operator who may do everything."""

    help = "Make made-up people with memories, each once, and an operator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument("--notes", type=int, default=30, help="of each")
        parser.add_argument("--url", default="", help="for the card")
        parser.add_argument("--card", type=Path, help="where the operator's name and password are written")

    def handle(self, *args: Any, people: int, notes: int, url: str, card: Path | None, **options: Any) -> None:
        seeded = seed_people(names=[OPERATOR, *name_people(people)], notes=notes, now=timezone.now())
        operator = User.objects.get(username=OPERATOR)
        User.objects.filter(pk=operator.pk).update(is_staff=True, is_superuser=True)
        if card is not None:
            write_card(operator, url=url, path=card)
        if seeded:
            self.stdout.write(
                f"{seeded} made-up people have moved in, the operator among them, with {notes} memories each."
            )
