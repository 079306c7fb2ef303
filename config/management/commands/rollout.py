"""The phases of the rollout: how they stand, and the next one on or the last one off."""

import getpass
import os
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, ProgrammingError

from config.models import Flip
from config.rollout.guards import Guard
from config.rollout.phases import PHASES, Phase, find_phase
from config.rollout.turn import (
    PhaseStatus,
    Refused,
    advance_phase,
    describe_turn,
    find_highest,
    find_next,
    read_status,
    roll_back,
)

FLIPS = 10


class Command(BaseCommand):
    help = "Show the phases of the rollout, switch the next one on, or switch one off. Rolling back never asks for anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(str(phase) for phase in PHASES)
        parser.add_argument("action", choices=("status", "advance", "rollback"))
        parser.add_argument("phase", nargs="?", metavar="PHASE", help=f"number or name: {names}")
        parser.add_argument("--all", action="store_true", help="every phase and the syncs")
        parser.add_argument(
            "--force", action="store_true", help="advance although guards do not hold; it is written down"
        )
        parser.add_argument("--percent", metavar="N", help="advance 4: for this share of people, over 0 and under 100")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept with the flips")

    def handle(self, *args: Any, **options: Any) -> None:
        work: dict[str, Callable[[dict[str, Any]], None]] = {
            "status": self.show_status,
            "advance": self.advance,
            "rollback": self.roll_back,
        }
        self.refuse_strays(options)
        try:
            work[options["action"]](options)
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"The database did not do it: {str(error).strip().splitlines()[0]}") from error
        except ProgrammingError as error:
            raise CommandError("The database is older than this code; run `manage.py migrate` first.") from error

    def refuse_strays(self, options: dict[str, Any]) -> None:
        """Raise CommandError for an option that means nothing to this action: it was meant for something else."""
        allowed = {
            "status": ("phase", "all"),
            "advance": ("phase", "all", "force", "percent"),
            "rollback": ("phase", "all", "force"),  # it never asks for anything, so there is nothing to force
        }
        given = {name for name in ("phase", "all", "force", "percent") if options[name] not in (None, False)}
        if strays := given.difference(allowed[options["action"]]):
            raise CommandError(f"{options['action']} does not take {', '.join(sorted(strays))}.")
        if options["all"] and (options["phase"] or options["percent"]):
            raise CommandError("Either one phase or --all.")

    def show_status(self, options: dict[str, Any]) -> None:
        asked = [read_phase(options["phase"])] if options["phase"] else list(PHASES)
        for status in read_status():
            if status.phase in asked:
                self.show_phase(status)
        self.show_flips(list(Flip.objects.all()[:FLIPS]))

    def show_phase(self, status: PhaseStatus) -> None:
        self.stdout.write(f"{status.phase!s:<12}{status.state}\n{'':<12}{status.phase.sentence}")
        for guard in status.guards:
            self.stdout.write(f"{'':<12}{self.describe_guard(guard)}")
        self.stdout.write("")

    def describe_guard(self, guard: Guard) -> str:
        words = self.style.SUCCESS(f"{'holds':<14}") if guard.holds else self.style.ERROR("does not hold ")
        return f"{words}{guard.name}: {guard.says}"

    def show_flips(self, flips: Sequence[Flip]) -> None:
        self.stdout.write("Last flips" if flips else "Nothing was ever flipped.")
        for flip in flips:
            change = f"{flip.before or 'not there'} -> {flip.after or 'not there'}"
            why = f" ({flip.reason})" if flip.reason else ""
            self.stdout.write(f"{flip.at:%Y-%m-%d %H:%M:%S} UTC  {flip.name}: {change}, by {flip.by}{why}")

    def advance(self, options: dict[str, Any]) -> None:
        phases = list_to_advance(options)
        if not phases:
            self.stdout.write("Every phase is on already; nothing was flipped.")
        for phase in phases:
            self.advance_one(phase, options)

    def advance_one(self, phase: Phase, options: dict[str, Any]) -> None:
        percent = read_number(options["percent"])
        try:
            names = advance_phase(
                phase, by=name_caller(), force=options["force"], percent=percent, reason=options["reason"]
            )
        except Refused as refusal:
            raise CommandError("\n".join([str(refusal), *(self.describe_guard(it) for it in refusal.guards)])) from None
        self.stdout.write(describe_turn(names, phases=[phase], active=True, share=percent))

    def roll_back(self, options: dict[str, Any]) -> None:
        phases = choose_phases(options)
        if not phases:
            self.stdout.write("No phase is on; nothing was flipped.")
            return
        names = roll_back(phases, by=name_caller(), reason=options["reason"])
        self.stdout.write(describe_turn(names, phases=phases, active=False))


def list_to_advance(options: dict[str, Any]) -> list[Phase]:
    """All, one after the other until one is refused; the named one; or the next that is not wholly on."""
    if options["all"]:
        return list(PHASES)
    phase = read_phase(options["phase"]) if options["phase"] else find_next()
    return [phase] if phase else []


def choose_phases(options: dict[str, Any]) -> list[Phase]:
    """What is rolled back: all, the named one, or the highest that is on."""
    if options["all"]:
        return [phase for phase in PHASES if phase.gates]
    phase = read_phase(options["phase"]) if options["phase"] else find_highest()
    if phase is not None and not phase.gates:
        raise CommandError(f"Phase {phase} stays: the code of before runs on it. Roll the others back.")
    return [phase] if phase else []


def read_phase(word: str) -> Phase:
    try:
        return find_phase(word)
    except KeyError as error:
        raise CommandError(error.args[0]) from None


def read_number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        raise CommandError(f"'{text}' is not a percentage.") from None
    if not number.is_finite():
        raise CommandError(f"'{text}' is not a percentage.")
    return number


def name_caller() -> str:
    """Who runs this command; in a container the number may have no name."""
    try:
        return f"{getpass.getuser()}@command"
    except (OSError, KeyError):
        return f"uid {os.getuid()}@command"
