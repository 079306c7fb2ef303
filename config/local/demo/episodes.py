"""Demo person: reads the hand-written episodes, the arcs that hold the life together.

The material is in `texts/told_*.txt`. An entry opens with a line
`@ YEAR-MONTH-DAY [weekday] HH:MM | source [from>to,to] | title [| path | type]`, where the
year is a story year and a weekday moves the day to the nearest such day. `@ +DAYS HH:MM |
source from>to` answers the mail before it. `~ words` is how it is remembered later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from config.local.demo.drafts import Draft, Mark
from config.local.demo.people import CAST, Person
from config.local.demo.timeline import WEEKDAYS, Timeline, at

__all__ = ["Episode", "read_episodes"]

TEXTS: Final = Path(__file__).with_name("texts")
HEAD: Final = re.compile(
    r"@ (?:(?P<year>\d)-(?P<month>\d\d)-(?P<day>\d\d)(?: (?P<weekday>[a-z]{3}))?"
    r"|\+(?P<later>\d+)) (?P<hour>\d\d):(?P<minute>\d\d)"
)


@dataclass(frozen=True, slots=True)
class Episode:
    """What was told at one time: a note, a file or a thread, and its short name."""

    drafts: tuple[Draft, ...]
    remembered_as: str

    @property
    def day(self) -> date:
        """The day it happened."""
        return self.drafts[0].when.date()


@dataclass(slots=True)
class Entry:
    """One entry of the material before its day is known."""

    head: re.Match[str]
    fields: list[str]
    lines: list[str] = field(default_factory=list)
    remembered_as: str = ""


def read_episodes(timeline: Timeline) -> list[Episode]:
    """Place every episode that the timeline covers, oldest first."""
    episodes: list[Episode] = []
    thread: list[Draft] = []
    remembered_as = ""
    for entry in _entries():
        if entry.head["later"] is None and thread:
            episodes.append(Episode(tuple(thread), remembered_as))
            thread, remembered_as = [], ""
        when = _moment(entry, timeline=timeline, before=thread[-1:])
        thread.append(_draft(entry, when=when, answers=thread[-1:]))
        remembered_as = remembered_as or entry.remembered_as
    episodes.append(Episode(tuple(thread), remembered_as))
    told = [episode for episode in episodes if _fits(episode, timeline=timeline)]
    return sorted(told, key=lambda episode: episode.drafts[0].when)


def _fits(episode: Episode, *, timeline: Timeline) -> bool:
    return all(timeline.covers(draft.when.date()) for draft in episode.drafts)


def _entries() -> Iterator[Entry]:
    for path in sorted(TEXTS.glob("told_*.txt")):
        entry: Entry | None = None
        for line in path.read_text(encoding="utf-8").splitlines():
            head = HEAD.match(line)
            if head:
                if entry:
                    yield entry
                fields = [part.strip() for part in line[head.end() :].split("|")[1:]]
                entry = Entry(head, fields)
            elif entry and line.startswith("~ "):
                entry.remembered_as = line[2:].strip()
            elif entry:
                entry.lines.append(line)
        if entry:
            yield entry


def _moment(entry: Entry, *, timeline: Timeline, before: list[Draft]) -> datetime:
    head = entry.head
    if head["later"] is not None:
        day = before[0].when.date() + timedelta(days=int(head["later"]))
    else:
        day = timeline.day(int(head["year"]), int(head["month"]), int(head["day"]))
    if head["weekday"]:
        day = _nearest(day, weekday=WEEKDAYS.index(head["weekday"]))
    return at(day, int(head["hour"]), int(head["minute"]))


def _nearest(day: date, *, weekday: int) -> date:
    ahead = (weekday - day.weekday()) % 7
    return day + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def _draft(entry: Entry, *, when: datetime, answers: list[Draft]) -> Draft:
    source, *route = entry.fields[0].split(" ")
    title = entry.fields[1] if len(entry.fields) > 1 else ""
    draft = Draft(
        when=when,
        source=source,
        content="\n".join(entry.lines).strip(),
        title=title,
        author=CAST["me"],
        marks=[Mark("told", "episode")],
    )
    if route:
        draft.author, draft.to = _route(route[0])
    if entry.head["later"] is not None:
        draft.answers = answers[0]
        draft.title = "Re: " + answers[0].title.removeprefix("Re: ")
    if len(entry.fields) > 3:
        draft.metadata = {"path": entry.fields[2], "mime_type": entry.fields[3]}
    return draft


def _route(text: str) -> tuple[Person, tuple[Person, ...]]:
    sender, receivers = text.split(">")
    return CAST[sender], tuple(CAST[key] for key in receivers.split(","))
