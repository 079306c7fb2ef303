"""Demo person: parts and scenes of a day become notes of the diary."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from config.local.demo.drafts import Draft, Part
from config.local.demo.episodes import Episode
from config.local.demo.pen import Pen
from config.local.demo.people import CAST
from config.local.demo.timeline import Timeline, at

__all__ = ["Day", "Diary", "plan_notes", "shrink", "tidy"]

MOST_PARTS: Final = 3
SHORT_NOTE: Final = 15  # words; a note with fewer gets a scene
SCENE_ODDS: Final = 0.6
SECOND_SCENE_ODDS: Final = 0.35
TITLE_ODDS: Final = 0.6
LATELY: Final = timedelta(days=7)
LONG_AGO: Final = timedelta(days=730)
WEEKDAY_NAMES: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)
MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Day:
    """What a text may refer to on a day: facts for the guards, values for the slots."""

    facts: frozenset[str]
    values: dict[str, str]


@dataclass(slots=True)
class Diary:
    """Writes notes, and remembers what has been told before."""

    timeline: Timeline
    pen: Pen
    rng: random.Random
    episodes: Sequence[Episode] = ()
    recalled: dict[str, int] = field(default_factory=dict)
    memorable: list[tuple[date, Episode]] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the episodes that have a name to be remembered by."""
        told = (episode for episode in self.episodes if episode.remembered_as)
        self.memorable = [(episode.day, episode) for episode in told]

    def day(self, day: date) -> Day:
        """Gather what may be said on a day, an earlier episode among it."""
        facts = self.timeline.facts(day)
        values = {
            "weekday": self.rng.choice(WEEKDAY_NAMES[:5]),
            "month": MONTH_NAMES[day.month - 1],
            "year": str(day.year),
            "meter": f"{self._meter(day):,}",
        }
        callback = self._callback(day)
        if callback:
            facts |= {"callback"}
            values["callback"] = callback
        return Day(facts, values)

    def _meter(self, day: date) -> int:
        days = (day - self.timeline.first).days
        return 41_200 + days * 9 + self.rng.randrange(60)

    def _callback(self, day: date) -> str:
        """Pick something told from a week to two years ago, each at most twice."""
        oldest, newest = day - LONG_AGO, day - LATELY
        known = [
            episode.remembered_as
            for told_on, episode in self.memorable
            if oldest < told_on < newest and self.recalled.get(episode.remembered_as, 0) < 2
        ]
        return self.rng.choice(known) if known else ""

    def scene(self, day: date) -> tuple[str, str]:
        """Write one scene of ordinary life: its title and its text."""
        today = self.day(day)
        told = self.pen.write("day", facts=today.facts, values=today.values)
        title, text = told.split(" ~~ ", 1)
        callback = today.values.get("callback", "")
        if callback and callback in text:
            self.recalled[callback] = self.recalled.get(callback, 0) + 1
            title = ""
        return title.strip(), tidy(text)

    def note(self, day: date, parts: Sequence[Part] = ()) -> Draft:
        """Write a note out of parts, a scene or two, or both."""
        paragraphs = [tidy(part.text) for part in parts]
        title = self._part_title(day, parts)
        wanted = len(paragraphs) + self._scenes_wanted(paragraphs, parts)
        while len(paragraphs) < wanted or _words(paragraphs) < SHORT_NOTE:
            scene_title, text = self.scene(day)
            paragraphs.insert(self.rng.choice((0, len(paragraphs))), text)
            title = title or scene_title
        return Draft(
            when=self._moment(day, parts),
            source="note",
            content=self.rng.choice((" ", "\n\n")).join(paragraphs),
            title=title if self.rng.random() < TITLE_ODDS else "",
            author=CAST["me"],
            marks=[mark for part in parts for mark in part.marks],
        )

    def _scenes_wanted(self, paragraphs: list[str], parts: Sequence[Part]) -> int:
        if not parts:
            return 1 + (self.rng.random() < SECOND_SCENE_ODDS)
        return int(parts[0].at is None and self.rng.random() < SCENE_ODDS)

    def _part_title(self, day: date, parts: Sequence[Part]) -> str:
        for part in parts:
            section = f"title.{part.title}"
            if self.pen.knows(section):
                return self.pen.write(section, facts=self.timeline.facts(day))
        return ""

    def _moment(self, day: date, parts: Sequence[Part]) -> datetime:
        if parts and parts[0].at:
            return at(day, *parts[0].at)
        if day.weekday() >= 5 and self.rng.random() < 0.3:
            return at(day, self.rng.randint(8, 12), self.rng.randrange(60))
        return at(day, self.rng.randint(17, 22), self.rng.randrange(60))


def _words(paragraphs: Sequence[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def plan_notes(parts: Iterable[Part]) -> list[tuple[date, list[Part]]]:
    """Group parts into notes: those of one day share notes, three in each."""
    days: dict[date, list[Part]] = {}
    for part in parts:
        days.setdefault(part.day, []).append(part)
    plan: list[tuple[date, list[Part]]] = []
    for day in sorted(days):
        plan += [(day, [part]) for part in days[day] if part.at is not None]
        together = [part for part in days[day] if part.at is None]
        starts = range(0, len(together), MOST_PARTS)
        plan += [(day, together[start : start + MOST_PARTS]) for start in starts]
    return plan


def shrink(plan: list[tuple[date, list[Part]]], *, room: int) -> list[tuple[date, list[Part]]]:
    """Leave out the oldest notes that tell of nothing but a rule, until all fit."""
    surplus = len(plan) - room
    kept: list[tuple[date, list[Part]]] = []
    for day, parts in plan:
        plain = all(mark.layer == "recurrence" for p in parts for mark in p.marks)
        if surplus > 0 and plain:
            surplus -= 1
        else:
            kept.append((day, parts))
    return kept


def tidy(text: str) -> str:
    """Make a text begin with a capital and end with one stop."""
    text = text.strip().replace(" ,", ",").replace("..", ".").replace(",.", ".")
    text = text.replace("?.", "?").replace("!.", "!").replace('."." ', '."')
    text = re.sub(r'([.!?]["”])\.', r"\1", text)
    text = re.sub(r"([.!?] +)([a-z])", _capital, text)
    return text[:1].upper() + text[1:]


def _capital(found: re.Match[str]) -> str:
    return found[1] + found[2].upper()
