"""manage.py backfill_entities: old memories, a day's allowance at a time, from `stored` to the graph in this process.

Exits with 0 where it did what there was to do (today's allowance may be used up), 1 on bad input, 3 where a switch or a guard stopped it.
"""

import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from memories.management.carry import carry_batch, find_person, finish_background_work
from memories.models import Lane, User
from memories.pipeline import LEASE_SECONDS, count_waiting, list_closed, list_steps
from memories.services.backfill import (
    Progress,
    admit_memories,
    list_pauses,
    mark_old,
    preview_admission,
    read_allowance,
    read_by_person,
    read_progress,
)

PAUSED = 3
SLICE = 20  # let in at a time, so that a guard that stops it leaves few in line
FEW = 20  # people whom --status lists one by one
BACKFILL = (Lane.BACKFILL,)


class Command(BaseCommand):
    help = "Let old memories in, as many as today's allowance leaves, and carry them through the stages; run it again to go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--per-day", type=int, help=f"the day's allowance (default {settings.BACKFILL_PER_DAY})")
        parser.add_argument("--limit", type=int, help="let in no more than this now")
        parser.add_argument("--user", help="only this person's memories")
        parser.add_argument("--dry-run", action="store_true", help="say who would get how many, and write nothing")
        parser.add_argument("--status", action="store_true", help="say how far the backfill is, and write nothing")
        parser.add_argument(
            "--mark-before",
            metavar="DATE",
            help="first make old what was stored before this day (UTC) and not read yet",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.per_day = take_positive(options, "per_day", default=settings.BACKFILL_PER_DAY)
        self.limit = take_positive(options, "limit", default=self.per_day)
        self.person = find_person(options["user"])
        before = take_date(options, "mark_before")
        if options["status"] or options["dry_run"]:
            if before:
                raise CommandError("--mark-before writes, so it does not go with --status or --dry-run.")
            return self._tell_status() if options["status"] else self._tell_preview()
        if before:
            self.stdout.write(f"{mark_old(before=before, user=self.person)} memories are old now.")
        return self._run()

    def _run(self) -> None:
        begun = self._read()
        admitted, most = 0, min(self.limit, read_allowance(per_day=self.per_day))
        expected = begun.in_line + min(most, begun.waiting)
        with tqdm(total=expected, unit="memory", disable=not sys.stderr.isatty()) as bar:
            while True:
                if pauses := list_pauses():
                    self._stop(pauses, begun=begun, admitted=admitted)
                new = self._admit(most - admitted)
                moved = self._carry()
                admitted += new
                bar.update(count_arrived(self._read()) - count_arrived(begun) - bar.n)
                if not new and not moved:
                    break
        finish_background_work(tell=self.stderr.write, until_done=False)
        self._tell_end(begun=begun, admitted=admitted)

    def _read(self) -> Progress:
        return read_progress(user=self.person, per_day=self.per_day)

    def _admit(self, left: int) -> int:
        return admit_memories(limit=min(SLICE, left), user=self.person, per_day=self.per_day) if left else 0

    def _carry(self) -> int:
        """One batch of each stage; returns how many were claimed."""
        return sum(carry_batch(step, user=self.person, lanes=BACKFILL, tell=self.stderr.write) for step in list_steps())

    def _stop(self, pauses: list[str], *, begun: Progress, admitted: int) -> NoReturn:
        self._tell_end(begun=begun, admitted=admitted)
        raise CommandError(f"The backfill is paused. {' '.join(pauses)}", returncode=PAUSED)

    def _tell_end(self, *, begun: Progress, admitted: int) -> None:
        now = self._read()
        self.stdout.write(
            f"{admitted} let in; {now.done - begun.done} arrived in the graph, {now.failed - begun.failed} failed."
        )
        for sentence in [*list_closed(user=self.person, lanes=BACKFILL), *self._list_left(now)]:
            self.stdout.write(sentence)

    def _list_left(self, now: Progress) -> list[str]:
        sentences = []
        if now.in_line:
            sentences.append(
                f"{now.in_line} are in line ({describe_stages(self.person)}); one in the hands of a process that died is free again"
                f" after {LEASE_SECONDS // 60} minutes."
            )
        if now.waiting and not read_allowance(per_day=self.per_day):
            sentences.append(f"Today's allowance of {self.per_day} is used up.")
        sentences.append(describe_rest(now))
        return sentences

    def _tell_status(self) -> None:
        now = self._read()
        self.stdout.write(
            f"{now.total} old memories: {now.done} in the graph, {now.failed} failed, {now.in_line} in line, {now.waiting} waiting."
        )
        if now.in_line:
            self.stdout.write(f"In line: {describe_stages(self.person)}.")
        self.stdout.write(
            f"Let in today: {now.admitted_today}, {read_allowance(per_day=self.per_day)} more may follow (the allowance is {self.per_day} a day,"
            " of all people together)."
        )
        self.stdout.write(describe_rest(now))
        people = read_by_person() if self.person is None else {}
        for name, (waiting, arrived, total) in people.items() if len(people) <= FEW else ():
            self.stdout.write(f"  {name}: {arrived} of {total}, {waiting} waiting")
        for sentence in [*list_pauses(), *list_closed(user=self.person, lanes=BACKFILL)]:
            self.stdout.write(f"Paused: {sentence}")

    def _tell_preview(self) -> None:
        turns = preview_admission(limit=self.limit, user=self.person, per_day=self.per_day)
        for name, memories in turns.items():
            self.stdout.write(f"{name}: {memories}")
        self.stdout.write(f"{sum(turns.values())} would be let in; nothing was written.")
        for sentence in list_pauses():
            self.stdout.write(f"Paused: {sentence}")


def count_arrived(progress: Progress) -> int:
    return progress.done + progress.failed


def describe_stages(person: User | None) -> str:
    stages = count_waiting(user=person, lanes=BACKFILL)
    return ", ".join(f"{stage} {rows}" for stage, rows in sorted(stages.items())) or "new again after an edit"


def describe_rest(progress: Progress) -> str:
    if not progress.waiting:
        return "Nothing waits to be let in."
    days = progress.days_left
    return f"{progress.waiting} wait; the last of them is let in within {days} day{'s' if days > 1 else ''}."


def take_positive(options: dict[str, Any], name: str, *, default: int) -> int:
    """The option's number. Raises CommandError where it is below 1."""
    number: int | None = options[name]
    if number is not None and number < 1:
        raise CommandError(f"--{name.replace('_', '-')} is {number}, and has to be 1 or more.")
    return default if number is None else number


def take_date(options: dict[str, Any], name: str) -> date | None:
    """The option's day. Raises CommandError where it is none."""
    text: str | None = options[name]
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise CommandError(f"--{name.replace('_', '-')} is {text!r}, and has to be a date like 2026-03-31.") from None
