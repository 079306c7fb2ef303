"""Demo person: what a teller of plants needs, and what has been told so far."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from config.local.demo.drafts import Part
from config.local.demo.pen import Pen
from config.local.demo.timeline import Timeline

__all__ = ["Plan"]


@dataclass(slots=True)
class Plan:
    """The plants told so far; `scale` is their size, 1.0 in a full life."""

    timeline: Timeline
    pen: Pen
    rng: random.Random
    scale: float
    parts: list[Part] = field(default_factory=list)

    def add(self, parts: Iterable[Part]) -> None:
        """Take in what a teller tells."""
        self.parts += parts

    def say(self, section: str, day: date) -> str:
        """Write something that fits the day."""
        return self.pen.write(section, facts=self.timeline.facts(day))

    def days(self) -> list[date]:
        """List the days on which something may be written."""
        return [day for day in self.timeline.days() if self.timeline.writes_on(day)]

    def busy_days(self) -> list[date]:
        """List the days that have something to tell already, in order."""
        return sorted({part.day for part in self.parts if part.at is None})
