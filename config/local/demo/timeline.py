"""Demo person: the clock of the story, and what is true on a given day.

The story is told in *story years* 1 to 6, calendar years placed so that six years up to
`end` hold most of them; what lies before or after the covered days is left out. Year 0
and year 7 are the halves at the edges.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.local.demo.people import DEMO_PERSON

__all__ = ["STORY_YEARS", "Timeline", "at", "make_timeline", "writing_days"]

ZONE: Final = ZoneInfo(DEMO_PERSON.time_zone)
STORY_YEARS: Final = 6
FIRST_HALF_ENDS: Final = 6  # an end up to this month belongs to the year before
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
SEASONS: Final = ("winter", "spring", "summer", "autumn")

# What holds from a day of the story on (story year, month, day), and until when.
ERAS: Final[tuple[tuple[str, tuple[int, int, int], tuple[int, int, int]], ...]] = (
    ("bristol", (0, 1, 1), (3, 3, 27)),
    ("edinburgh", (3, 3, 28), (9, 1, 1)),
    ("single", (0, 1, 1), (1, 5, 20)),
    ("dan", (1, 5, 21), (9, 1, 1)),
    ("together", (2, 1, 20), (9, 1, 1)),
    ("married", (3, 6, 16), (9, 1, 1)),
    ("leith", (3, 3, 28), (3, 11, 20)),
    ("house", (3, 11, 21), (9, 1, 1)),
    ("leaking", (3, 11, 21), (4, 4, 15)),
    ("kitchen", (4, 6, 20), (4, 9, 10)),
    ("dog", (4, 9, 20), (9, 1, 1)),
    ("caro", (0, 1, 1), (2, 8, 20)),
    ("cello", (1, 9, 10), (9, 1, 1)),
    ("gladys", (0, 1, 1), (3, 3, 27)),
    ("rosie", (1, 10, 20), (9, 1, 1)),
    ("rosietalks", (3, 6, 1), (9, 1, 1)),
    ("sunita", (1, 7, 6), (9, 1, 1)),
    ("sunitahere", (5, 6, 20), (9, 1, 1)),
    ("dadill", (2, 3, 15), (2, 9, 30)),
    ("robert", (5, 1, 25), (9, 1, 1)),
    ("survey", (0, 1, 1), (2, 9, 15)),
    ("tender", (2, 9, 16), (4, 4, 30)),
    ("build", (4, 5, 1), (5, 5, 15)),
    ("opened", (5, 5, 16), (9, 1, 1)),
)

# Days on which nothing was written: holidays, a move, a fever.
GAPS: Final[tuple[tuple[tuple[int, int, int], int], ...]] = (
    ((0, 8, 3), 9),
    ((1, 8, 6), 8),
    ((2, 2, 10), 5),
    ((2, 8, 24), 7),
    ((3, 3, 22), 4),
    ((3, 7, 14), 7),
    ((4, 1, 16), 4),
    ((4, 8, 10), 8),
    ((5, 2, 20), 5),
    ((5, 8, 15), 9),
    ((6, 8, 8), 10),
    ((6, 10, 12), 4),
)

WRITING_ODDS: Final = (0.62, 0.70, 0.66, 0.60, 0.45, 0.58, 0.82)  # Monday to Sunday


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days of this life, `first` to `last`, and the gaps in its diary."""

    first: date
    last: date
    year_zero: int
    silent: frozenset[date]
    known: dict[date, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def day(self, year: int, month: int, day: int) -> date:
        """Answer the calendar day of a day in the story (29 February is the 28th)."""
        calendar_year = self.year_zero + year
        try:
            return date(calendar_year, month, day)
        except ValueError:
            return date(calendar_year, month, 28)

    def covers(self, day: date) -> bool:
        """Tell whether the day is told at all."""
        return self.first <= day <= self.last

    def writes_on(self, day: date) -> bool:
        """Tell whether something may be written that day."""
        return self.covers(day) and day not in self.silent

    def story_year(self, day: date) -> int:
        """Answer the story year of a day, 0 to 7."""
        return day.year - self.year_zero

    def days(self) -> Iterator[date]:
        """Go through all days, first to last."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)

    def facts(self, day: date) -> frozenset[str]:
        """Answer what is true on a day: the eras, season, month, weekday."""
        if day not in self.known:
            self.known[day] = self._facts(day)
        return self.known[day]

    def _facts(self, day: date) -> frozenset[str]:
        eras = (name for name, start, stop in ERAS if self._within(day, start, stop))
        weekend = ("weekend",) if day.weekday() >= 5 else ("weekday",)
        return frozenset(
            (
                *eras,
                *weekend,
                WEEKDAYS[day.weekday()],
                MONTHS[day.month - 1],
                SEASONS[day.month % 12 // 3],
            )
        )

    def _within(self, day: date, start: tuple[int, int, int], stop: tuple[int, int, int]) -> bool:
        mark = (self.story_year(day), day.month, day.day)
        return start <= mark <= stop


def make_timeline(*, end: date) -> Timeline:
    """Place the story on the six years that end the day before `end`."""
    last = end - timedelta(days=1)
    story_end = last.year if last.month > FIRST_HALF_ENDS else last.year - 1
    bare = Timeline(
        first=_six_years_before(end),
        last=last,
        year_zero=story_end - STORY_YEARS,
        silent=frozenset(),
    )
    silent = frozenset(bare.day(*start) + timedelta(days=offset) for start, length in GAPS for offset in range(length))
    return Timeline(bare.first, last, bare.year_zero, silent - {last})


def _six_years_before(end: date) -> date:
    try:
        return end.replace(year=end.year - STORY_YEARS)
    except ValueError:  # 29 February
        return end.replace(year=end.year - STORY_YEARS, day=28)


def at(day: date, hour: int, minute: int) -> datetime:
    """Answer a time of day in the person's time zone."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def writing_days(timeline: Timeline, *, share: float, rng: random.Random) -> list[date]:
    """Draw the days of ordinary diary writing, `share` of all days or somewhat less.

    Sundays are favoured and Fridays are not, as in most diaries.
    """
    usual = sum(WRITING_ODDS) / len(WRITING_ODDS)
    return [
        day
        for day in timeline.days()
        if rng.random() < WRITING_ODDS[day.weekday()] / usual * share and timeline.writes_on(day)
    ]
