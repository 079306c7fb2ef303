"""`connection_report [--watch]`: who holds connections to the database, against the budget and the plan."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from config.connections import ALERT_PER_CENT, Count, Longest, count_connections, read_limits, read_longest, read_plan

APPLICATION = "lifegraph-report"
EVERY_SECONDS = 2.0
CLEAR = "\x1b[2J\x1b[H"
OVER = 2


class Command(BaseCommand):
    help = "Show connections by role, application and state against the budget; exit status 2 over the alert line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="look again every 2 s until Ctrl-C")

    def handle(self, *args: Any, watch: bool, **options: Any) -> None:
        over = self.report()
        try:
            while watch:
                time.sleep(EVERY_SECONDS)
                if self.stdout.isatty():
                    self.stdout.write(CLEAR, ending="")
                over = self.report()
        except KeyboardInterrupt:
            self.stdout.write("")
        if over:
            sys.exit(OVER)

    def report(self) -> bool:
        """Look; a server that lets nobody in any more is over every line."""
        try:
            return self.look()
        except OperationalError as error:
            self.stdout.write(f"The database lets nobody in: {error}")
            return True

    def look(self) -> bool:
        """Write one report; returns whether the connections are over the alert line."""
        with call_oneself():
            counts = [count for count in count_connections() if count.application != APPLICATION]
            longest = [found for found in read_longest() if found.application != APPLICATION]
            limits = [f"{limit.connections} by {limit.set_by}" for limit in read_limits()]
        used = sum(count.connections for count in counts)
        over = bool(used * 100 >= settings.DB_CONNECTION_BUDGET * ALERT_PER_CENT)
        for line in (*write_table(counts), "", write_sum(used, over=over), f"Planned: {read_plan()}."):
            self.stdout.write(line)
        self.stdout.write(f"The server gives {'; '.join(limits) or 'as many as are asked for'}.")
        self.stdout.write(write_longest(longest))
        return over


@contextmanager
def call_oneself() -> Iterator[None]:
    """Look through a connection that says whose it is, opened for one look."""
    connection.close()
    usual = connection.settings_dict["OPTIONS"]
    named = {name: value for name, value in usual.items() if name != "pool"}
    connection.settings_dict["OPTIONS"] = named | {"application_name": APPLICATION}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = usual


def write_table(counts: Sequence[Count]) -> list[str]:
    """Lines of columns as wide as what they hold; the state of another role's connections is not ours to see."""
    rows = [("role", "application", "state", "connections")]
    rows += [
        (count.role, count.application or "-", count.state or "hidden", str(count.connections)) for count in counts
    ]
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    return [f"{row[0]:<{wide[0]}}  {row[1]:<{wide[1]}}  {row[2]:<{wide[2]}}  {row[3]:>11}" for row in rows]


def write_sum(used: int, *, over: bool) -> str:
    budget = settings.DB_CONNECTION_BUDGET
    line = f"{used} of a budget of {budget} are open; the alert line is {ALERT_PER_CENT} % of it, {budget * ALERT_PER_CENT / 100:g}"
    return f"{line}: OVER." if over else f"{line}: fine."


def write_longest(longest: Sequence[Longest]) -> str:
    working = max(longest, key=lambda found: found.transaction, default=None)
    idling = max(longest, key=lambda found: found.idle, default=None)
    told = ["no transaction is open"]
    if working and working.transaction:
        told = [f"the longest transaction is {working.transaction:.1f} s old ({working.application or '-'})"]
    if idling and idling.idle:
        told.append(f"one has been idle in transaction for {idling.idle:.1f} s ({idling.application or '-'})")
    else:
        told.append("none idles in one")
    return f"{'; '.join(told).capitalize()}."
