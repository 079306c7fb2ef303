"""Phases are switched on when their guards hold, and off at any time: all switches of one in one transaction."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable
from waffle.models import Switch

from config.rollout.guards import Guard, check_phases
from config.rollout.phases import IN_ORDER, PHASES, Phase
from config.rollout.signature import sign_flips
from config.rollout.states import State, Word, describe_percent, read_states, read_switches
from memories.flags import forget_flags
from memories.models import Flag

logger = logging.getLogger(__name__)
TRIES = 6
LOCK_TIMEOUT_MS = 1_000
PAUSE_SECONDS = 0.5


WITHIN = "Other processes follow within 5 seconds; what is under way ends by itself."


class Refused(Exception):
    """A phase that is not switched on: why, and the guards that do not hold."""

    def __init__(self, why: str, *, guards: Sequence[Guard] = ()) -> None:
        super().__init__(why)
        self.guards = tuple(guards)


@dataclass(frozen=True, slots=True)
class PhaseStatus:
    """A phase as it is now, and what has to hold before it is switched on."""

    phase: Phase
    state: State
    guards: tuple[Guard, ...]

    @property
    def broken(self) -> tuple[Guard, ...]:
        return tuple(guard for guard in self.guards if not guard.holds)


def read_status() -> list[PhaseStatus]:
    """Every phase with its state and its guards, measured now."""
    states = read_states()
    guards = check_phases(PHASES, states=states)
    return [PhaseStatus(phase, state=states[phase.name], guards=tuple(guards[phase.name])) for phase in PHASES]


def find_next() -> Phase | None:
    """The first phase in order that is not wholly on."""
    states = read_states()
    return next((phase for phase in IN_ORDER if states[phase.name].word != Word.ON), None)


def find_highest() -> Phase | None:
    """The last phase in order that is on or partly on and can be switched off."""
    states = read_states()
    return next((it for it in reversed(IN_ORDER) if it.gates and states[it.name].word != Word.OFF), None)


def advance_phase(
    phase: Phase, *, by: str, force: bool = False, percent: Decimal | int | None = None, reason: str = ""
) -> list[str]:
    """Switch a phase on, for `percent` of people (over 0, under 100) where it has a flag; returns the names that were flipped.

    A phase that is as asked already is left alone, whatever its guards say, and a smaller share than now is a way back, which has
    none. Raises Refused, naming every guard that does not hold; with `force` they are written down as the reason instead.
    """
    share = read_percent(phase, percent=percent)
    if phase.gates and not list_differing(phase, active=True, share=share):
        return []
    broken = [] if is_less(phase, share=share) else find_broken(phase)
    if not phase.gates:
        return require_schema(phase, broken=broken)
    if broken and not force:
        raise Refused(f"Phase {phase} stays as it is:", guards=broken)
    if broken:
        told = " ".join(f"{guard.name}: {guard.says}" for guard in broken)
        reason = f"{reason} (forced; {told})".strip()
    return flip([phase], active=True, share=share, by=by, reason=reason)


def is_less(phase: Phase, *, share: Decimal | None) -> bool:
    """Whether fewer people would see the phase than now."""
    if not share:
        return False
    everyone, now = read_reach(phase.flag)
    return bool(everyone or (now and now > share))


def require_schema(phase: Phase, *, broken: Sequence[Guard]) -> list[str]:
    """Nothing is flipped for the schema; raises Refused where it is not there, which no force can make good."""
    if broken:
        raise Refused(f"Phase {phase} is a matter of manage.py migrate:", guards=broken)
    return []


def read_percent(phase: Phase, *, percent: Decimal | int | None) -> Decimal | None:
    """The share to one decimal; raises Refused for what is no share or where the phase has none."""
    if percent is None:
        return None
    if not phase.flag:
        raise Refused(f"Phase {phase} is on or off for all; only a phase that people see takes a percentage.")
    share = Decimal(percent).quantize(Decimal("0.1")) if 0 < percent < 100 else Decimal()
    if not 0 < share < 100:
        raise Refused("A percentage is over 0 and under 100; without one the phase is on for everyone.")
    return share


def find_broken(phase: Phase) -> list[Guard]:
    found = check_phases([phase], states=read_states())
    return [guard for guard in found[phase.name] if not guard.holds]


def roll_back(phases: Sequence[Phase], *, by: str, reason: str = "") -> list[str]:
    """Switch phases off for everybody, in one transaction and without any guard; returns the names that were flipped.

    What is under way ends by itself, what is in line stays in line. Needs the database alone. Raises OperationalError where
    somebody holds a lock on the switches through all tries.
    """
    return flip(phases, active=False, share=None, by=by, reason=reason)


def flip(phases: Sequence[Phase], *, active: bool, share: Decimal | None, by: str, reason: str) -> list[str]:
    def work() -> list[str]:
        with sign_flips(by=by, reason=reason), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(LOCK_TIMEOUT_MS)])
            names = [name for phase in phases for name in list_differing(phase, active=active, share=share)]
            for phase in phases:
                write_switches([name for name in phase.switches if name in names], active=active)
                if phase.flag in names:
                    write_flag(phase.flag, active=active, share=share)
            transaction.on_commit(forget_flags)
        return names

    return insist(work)


def describe_turn(names: Sequence[str], *, phases: Sequence[Phase], active: bool, share: Decimal | None = None) -> str:
    """What came of it, in words: the names that were flipped, or that nothing had to be."""
    what = "Every phase" if len(phases) > 1 else f"Phase {phases[0]}"
    state = "off" if not active else f"on for {describe_percent(share)} of people" if share else "on"
    if not names:
        return f"{what} was {state} already; nothing was flipped."
    return f"{what} is {state}. Flipped: {', '.join(names)}. {WITHIN}"


def insist(work: Callable[[], list[str]]) -> list[str]:
    """Do it again where a lock was not to be had: a busy database must not stop a rollback. Raises OperationalError at last."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            logger.warning("a switch is locked by somebody else; trying again")
            time.sleep(PAUSE_SECONDS)
    return work()


def list_differing(phase: Phase, *, active: bool, share: Decimal | None) -> list[str]:
    """The switches and the flag of a phase that are not yet as they are to be."""
    switches = read_switches()
    names = [name for name in phase.switches if switches[name] != active]
    if phase.flag and read_reach(phase.flag) != (None if share else active, share):
        names.append(phase.flag)
    return names


def read_reach(name: str) -> tuple[bool | None, Decimal | None]:
    """For whom a flag is on: everyone (True), nobody (False), or some (None) with a share in percent."""
    row = Flag.objects.filter(name=name).values_list("everyone", "percent").first()
    everyone, percent = row or (settings.WAFFLE_FLAG_DEFAULT, None)
    return everyone, percent if everyone is None else None


def write_switches(names: Sequence[str], *, active: bool) -> None:
    found = Switch.objects.filter(name__in=names)
    found.update(active=active, modified=timezone.now())
    missing = set(names).difference(found.values_list("name", flat=True))
    Switch.objects.bulk_create(
        Switch(name=name, active=active, note=settings.SWITCHES[name]) for name in sorted(missing)
    )


def write_flag(name: str, *, active: bool, share: Decimal | None) -> None:
    """On for everyone, for a share of people, or off for everybody, superusers and people by name among them."""
    state = {"everyone": None if share else active, "percent": share, "modified": timezone.now()}
    Flag.objects.update_or_create(
        name=name, defaults=state, create_defaults=state | {"superusers": False, "note": settings.FLAGS[name]}
    )
