"""How long the demo person's life is and when it ends, kept in the home, so that every start tells the same life.

The stand-in deals it out before the web is up, the loader stores its notes; both read it here. Nothing of Django is needed.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from config.local.demo import DEMO_PERSON, DemoLife, generate_life
from config.local.home import Home, HomeError

DEFAULT_MEMORIES: Final = 1_500
FEWEST, MOST = 50, 5_000


@dataclass(frozen=True, slots=True)
class LifePlan:
    """`loaded` says that the notes are stored; `connected` are the providers that the demo has connected once."""

    memories: int
    end: date
    loaded: bool = False
    connected: tuple[str, ...] = ()

    @classmethod
    def find(cls, home: Home) -> Self:
        """The plan of a home, made where there is none: DEMO_MEMORIES long, until today. Raises HomeError."""
        if (file := home.path / "demo-life.json").is_file():
            return cls.read(json.loads(file.read_text()))
        plan = cls(memories=_read_size(), end=datetime.now(ZoneInfo(DEMO_PERSON.time_zone)).date())
        plan.keep(home)
        return plan

    @classmethod
    def read(cls, told: dict[str, Any]) -> Self:
        return cls(
            memories=told["memories"],
            end=date.fromisoformat(told["end"]),
            loaded=told["loaded"],
            connected=tuple(told.get("connected", ())),
        )

    def keep(self, home: Home) -> None:
        file = home.path / "demo-life.json"
        part = file.with_suffix(".part")
        part.write_text(json.dumps({**asdict(self), "end": self.end.isoformat()}))
        part.replace(file)

    def note_loaded(self, home: Home) -> Self:
        plan = replace(self, loaded=True)
        plan.keep(home)
        return plan

    def note_connected(self, home: Home, provider: str) -> Self:
        plan = replace(self, connected=tuple(sorted({*self.connected, provider})))
        plan.keep(home)
        return plan

    def tell(self) -> DemoLife:
        """The life itself, the same each time."""
        return generate_life(memories=self.memories, end=self.end)


def _read_size() -> int:
    text = os.environ.get("DEMO_MEMORIES") or str(DEFAULT_MEMORIES)
    if not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise HomeError(f"DEMO_MEMORIES is {text!r}; it may be a number from {FEWEST} to {MOST}.")
    return int(text)
