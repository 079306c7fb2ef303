import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from config.local.cards import write_card
from config.local.demo import DEMO_PERSON
from config.local.demo_accounts import DemoError, connect_accounts, count_items, count_unread
from config.local.home import Home
from config.local.life_plan import LifePlan
from graph.services.refresh import refresh_view
from graph.services.work import count_waiting_work
from memories.drafts import parse_draft
from memories.models import Lane, User
from memories.pipeline import count_waiting
from memories.services.store import store_drafts

PATIENCE_SECONDS = 180
SYNC_PATIENCE_SECONDS = 300  # a run whose worker was killed at the last start is free again after 240 s


class Command(BaseCommand):
    """The demo: a made-up person's notes are stored once, mails and files come from the connected accounts, and the running
    workers carry all of them through every stage.
    """

    help = "Load the demo person's notes, connect the accounts, wait until all is enriched, and write demo.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000/")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        if urlsplit(settings.NANGO_BASE_URL).hostname != "127.0.0.1":
            raise CommandError("The demo's providers are not running: `make demo` starts them and calls this command.")
        home = Home(Path(settings.LIFEGRAPH_HOME))
        user, _ = User.objects.get_or_create(
            username=DEMO_PERSON.username,
            defaults={
                "first_name": DEMO_PERSON.display_name.partition(" ")[0],
                "last_name": DEMO_PERSON.display_name.partition(" ")[2],
                "time_zone": DEMO_PERSON.time_zone,
                "is_staff": True,
                "is_superuser": True,
            },
        )
        self._store_notes(user, home=home)
        self._connect(user, home=home)
        self._wait(lambda: sum(count_waiting(user=user).values()), told="memories")
        self._wait(count_waiting_work, told="graph jobs")
        if refresh_view() is None:
            time.sleep(1)
            refresh_view()
        self._wait(count_waiting_work, told="graph jobs")
        write_card(user, url=url, path=home.path / "demo.json")

    def _store_notes(self, user: User, *, home: Home) -> None:
        """Store the notes unless they were before; what was cut short goes on with the same days."""
        plan = LifePlan.find(home)
        if plan.loaded:
            return
        life, now = plan.tell(), timezone.now()
        notes = [record for record in life.records if not record["account"]]
        drafts = [parse_draft(record, time_zone=user.zone, now=now) for record in notes]
        for start in range(0, len(drafts), 500):
            store_drafts(user=user, drafts=drafts[start : start + 500], origin="import:demo", lane=Lane.BULK)
        silenced: Any = life.truth.get("silenced_layers")
        if silenced:
            self.stdout.write(f"A life of {plan.memories} memories is too short for: {', '.join(sorted(silenced))}.")
        plan.note_loaded(home)

    def _connect(self, user: User, *, home: Home) -> None:
        """Connect the accounts that were not before, and wait until their mails and files are here."""
        try:
            connect_accounts(user=user, home=home, plan=LifePlan.find(home))
            items = count_items()
            left = partial(count_unread, user=user, items=items)
            self._wait(left, told="mails and files", patience=SYNC_PATIENCE_SECONDS)
        except DemoError as error:
            raise CommandError(str(error)) from None

    def _wait(self, count: Callable[[], int], *, told: str, patience: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing is left, as long as it becomes less now and then."""
        least = total = count()
        since = time.monotonic()
        with tqdm(total=total, unit=" " + told, disable=not (total and sys.stderr.isatty())) as bar:
            while left := count():
                if left < least:
                    bar.update(least - left)
                    least, since = left, time.monotonic()
                if time.monotonic() - since > patience:
                    raise CommandError(f"{left} {told} have not moved for {patience:.0f} s; the workers' log says why.")
                time.sleep(0.3)
