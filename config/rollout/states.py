"""How far each phase is on, read from the database and not from this process's memory of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from waffle.models import Switch

from config.rollout.phases import PHASES, Phase
from memories.models import Flag


class Word(StrEnum):
    ON = "on"
    OFF = "off"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class State:
    """How far a phase is on; `detail` says of a partly one what differs."""

    word: Word
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.word} ({self.detail})" if self.detail else self.word


def read_states() -> dict[str, State]:
    """The state of every phase by its name."""
    switches = read_switches()
    return {phase.name: read_state(phase, switches=switches) for phase in PHASES}


def read_switches() -> dict[str, bool]:
    """Every switch that settings name, whether it has a row or not."""
    rows = dict(Switch.objects.filter(name__in=settings.SWITCHES).values_list("name", "active"))
    return {name: rows.get(name, settings.WAFFLE_SWITCH_DEFAULT) for name in settings.SWITCHES}


def read_state(phase: Phase, *, switches: Mapping[str, bool]) -> State:
    if phase.flag:
        return describe_flag(Flag.objects.filter(name=phase.flag).first())
    if not phase.switches:
        return State(Word.OFF if list_unapplied() else Word.ON)
    return describe_switches({name: switches[name] for name in phase.switches})


def list_unapplied() -> list[str]:
    """Migrations that this code has and the database has not, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def describe_switches(switches: Mapping[str, bool]) -> State:
    on = [name for name, active in switches.items() if active]
    off = [name for name, active in switches.items() if not active]
    if not off:
        return State(Word.ON)
    if not on:
        return State(Word.OFF)
    return State(Word.PARTLY, f"only {', '.join(on)}" if len(on) < len(off) else f"without {', '.join(off)}")


def describe_flag(flag: Flag | None) -> State:
    """A flag without a row is what settings say; one for some is partly on."""
    everyone = settings.WAFFLE_FLAG_DEFAULT if flag is None else flag.everyone
    if flag is None or everyone is not None:
        return State(Word.ON if everyone else Word.OFF)
    some = list_some(flag)
    return State(Word.PARTLY, ", ".join(some)) if some else State(Word.OFF)


def describe_percent(share: Decimal) -> str:
    """As the database does it in a flip: 25 %, 12.5 %."""
    return f"{share.normalize():f} %"


def list_some(flag: Flag) -> list[str]:
    """For whom a flag is on that is on for some, in words."""
    named = {
        f"{describe_percent(flag.percent or Decimal(0))} of people": bool(flag.percent),
        "superusers": flag.superusers,
        "staff": flag.staff,
        "whoever is logged in": flag.authenticated,
        f"languages {flag.languages}": bool(flag.languages),
        "whoever asks by cookie": flag.testing,
        f"{flag.users.count()} people by name": flag.users.exists(),
        f"{flag.groups.count()} groups": flag.groups.exists(),
    }
    return [words for words, holds in named.items() if holds]
