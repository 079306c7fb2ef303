import json
import os
import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from tqdm import tqdm

from config.local.demo import DEMO_PERSON, generate_life
from graph.services.refresh import refresh_view
from graph.services.work import count_waiting_work
from memories.drafts import parse_draft
from memories.models import User
from memories.pipeline import count_waiting
from memories.services.store import store_drafts

PATIENCE_SECONDS = 180
DEFAULT_MEMORIES = 1_500


class Command(BaseCommand):
    """The demo: a made-up person's life, stored once, carried through every stage by the running workers."""

    help = "Load the demo person's memories, wait until they are enriched, and write demo.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000/")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        home = Path(settings.LIFEGRAPH_HOME)
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
        self._load(user, mark=home / "demo-life.json")
        self._wait(lambda: sum(count_waiting(user=user).values()), told="memories")
        self._wait(count_waiting_work, told="graph jobs")
        if refresh_view() is None:
            time.sleep(1)
            refresh_view()
        self._wait(count_waiting_work, told="graph jobs")
        self._write_card(user, url=url, path=home / "demo.json")

    def _load(self, user: User, *, mark: Path) -> None:
        """Store the life unless it was stored before; one that was cut short goes on with the same days."""
        told = json.loads(mark.read_text()) if mark.is_file() else {}
        if told.get("loaded"):
            return
        size = told.get("memories") or self._read_size()
        end = date.fromisoformat(told["end"]) if told else user.local_today(timezone.now())
        mark.write_text(json.dumps({"memories": size, "end": end.isoformat(), "loaded": False}))
        life = generate_life(memories=size, end=end)
        now = timezone.now()
        drafts = [
            replace(parse_draft(record, time_zone=user.zone, now=now), account=str(record["account"]))
            for record in life.records
        ]
        for start in range(0, len(drafts), 500):
            store_drafts(user=user, drafts=drafts[start : start + 500], origin="import:demo")
        silenced: Any = life.truth.get("silenced_layers")
        if silenced:
            self.stdout.write(f"A life of {size} memories is too short for: {', '.join(sorted(silenced))}.")
        mark.write_text(json.dumps({"memories": size, "end": end.isoformat(), "loaded": True}))

    def _read_size(self) -> int:
        text = os.environ.get("DEMO_MEMORIES", str(DEFAULT_MEMORIES))
        if not text.isdecimal() or not 50 <= int(text) <= 5_000:
            raise CommandError(f"DEMO_MEMORIES is {text!r}; it may be a number from 50 to 5000.")
        return int(text)

    def _wait(self, count: Callable[[], int], *, told: str) -> None:
        """Wait until nothing is left, as long as it becomes less now and then."""
        least = total = count()
        since = time.monotonic()
        with tqdm(total=total, unit=" " + told, disable=not (total and sys.stderr.isatty())) as bar:
            while left := count():
                if left < least:
                    bar.update(least - left)
                    least, since = left, time.monotonic()
                if time.monotonic() - since > PATIENCE_SECONDS:
                    raise CommandError(
                        f"{left} {told} have not moved for {PATIENCE_SECONDS} s; the workers' log says why."
                    )
                time.sleep(0.3)

    def _write_card(self, user: User, *, url: str, path: Path) -> None:
        """demo.json: how to come in. What still works of the last one is kept."""
        card = json.loads(path.read_text()) if path.is_file() else {}
        if not user.check_password(card.get("password")):
            card["password"] = secrets.token_urlsafe(12)
            user.set_password(card["password"])
            user.save(update_fields=["password"])
        if not self._is_valid(card.get("token", "")):
            _, card["token"] = AuthToken.objects.create(user)
        fresh = {"url": url, "username": user.get_username(), "password": card["password"], "token": card["token"]}
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(fresh, indent=1) + "\n")
        part.replace(path)

    def _is_valid(self, token: str) -> bool:
        try:
            TokenAuthentication().authenticate_credentials(token.encode())
        except AuthenticationFailed:
            return False
        return True
