from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from graph.services.refresh import Lag, read_lag, refresh_view
from memories.errors import TransientError


class Command(BaseCommand):
    help = "Refresh the view; readers go on reading meanwhile unless --blocking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-stale",
            type=float,
            metavar="SECONDS",
            help="only when the last refresh is older and something changed",
        )
        parser.add_argument("--blocking", action="store_true", help="without CONCURRENTLY: quicker, but readers wait")

    def handle(self, *args: Any, if_stale: float | None, blocking: bool, **options: Any) -> None:
        before = read_lag()
        if if_stale is not None and not before.is_over(if_stale):
            self.stdout.write(f"Fresh enough: {self._tell(before)}.")
            return
        try:
            done = refresh_view(concurrently=not blocking)
        except TransientError as error:
            raise CommandError(str(error)) from error
        if done is None:
            raise CommandError("Another refresh is under way.")
        seconds = (done.finished_at - done.started_at) / timedelta(seconds=1)
        self.stdout.write(
            f"{done.rows} rows in {seconds:.2f} s; before: {self._tell(before)}; now: {self._tell(read_lag())}"
        )

    def _tell(self, lag: Lag) -> str:
        age = "never refreshed" if lag.seconds is None else f"{lag.seconds:.0f} s old"
        return f"{age}, {lag.dirty} changes behind"
