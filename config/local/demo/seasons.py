"""Demo person: what belongs to a season, and the habits with one person at one place."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from config.local.demo.drafts import Mark, Part
from config.local.demo.plan import Plan
from config.local.demo.timeline import Timeline

__all__ = ["HABITS", "SEASONS", "Habit", "Season", "habit_parts", "season_parts"]


@dataclass(frozen=True, slots=True)
class Season:
    """Something told of only in its months, on about `days` days a year."""

    key: str
    keyword: str
    months: tuple[int, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Habit:
    """A topic with a person at a place, on one weekday and in one part of the day."""

    key: str
    topic: str
    person: str
    place: str
    weekday: int
    part_of_day: str
    hours: tuple[int, int]
    start: tuple[int, int, int]
    stop: tuple[int, int, int]
    times: int


SEASONS: Final = (
    Season("hayfever", "hay fever", (4, 5), 6),
    Season("swim", "swim", (7, 8), 7),
    Season("quince", "quince", (10, 11), 5),
    Season("boiler", "boiler", (12, 1, 2), 6),
)

HABITS: Final = (
    Habit(
        key="coffee",
        topic="coffee",
        person="Caroline Fisher",
        place="Blue Kettle",
        weekday=5,
        part_of_day="morning",
        hours=(10, 11),
        start=(0, 1, 1),
        stop=(2, 8, 15),
        times=30,
    ),
    Habit(
        key="allotment",
        topic="allotment",
        person="Callum Reid",
        place="allotment",
        weekday=5,
        part_of_day="morning",
        hours=(10, 11),
        start=(4, 4, 20),
        stop=(8, 1, 1),
        times=30,
    ),
)


def season_parts(plan: Plan) -> Iterator[Part]:
    """Tell of each season every year; a smaller life has fewer days of it."""
    rng, busy = plan.rng, frozenset(plan.busy_days())
    for season in SEASONS:
        for days in _season_years(season, timeline=plan.timeline):
            share = len(days) / (30 * len(season.months))
            wanted = season.days * plan.scale * share + rng.uniform(-0.5, 0.5)
            shared = [day for day in days if day in busy]
            for day in _mixed(shared, days, count=round(wanted), rng=rng):
                mark = Mark("season", season.key)
                text = plan.say(season.key, day)
                yield Part(day, text, (mark,), title=season.key)


def _mixed(shared: list[date], days: list[date], *, count: int, rng: random.Random) -> list[date]:
    """Draw days, about half of them such as have something else to tell."""
    half = rng.sample(shared, min(len(shared), max(0, count) // 2))
    rest = [day for day in days if day not in half]
    return sorted(half + rng.sample(rest, min(len(rest), max(0, count) - len(half))))


def _season_years(season: Season, *, timeline: Timeline) -> list[list[date]]:
    """List the days of each year's season; a winter counts as one across New Year."""
    years: dict[int, list[date]] = {}
    crosses_new_year = 12 in season.months and 1 in season.months
    for day in timeline.days():
        if day.month in season.months and timeline.writes_on(day):
            late = crosses_new_year and day.month == 12
            years.setdefault(day.year + late, []).append(day)
    return list(years.values())


def habit_parts(plan: Plan) -> Iterator[Part]:
    """Tell of the habits, each in a note of its own, written in its part of the day."""
    for habit in HABITS:
        days = _habit_days(habit, timeline=plan.timeline)
        times = min(len(days), round(habit.times * plan.scale))
        for day in sorted(plan.rng.sample(days, times)):
            text = plan.say(habit.key, day)
            clock = (plan.rng.randint(*habit.hours), plan.rng.randrange(60))
            mark = Mark("pattern", habit.key)
            yield Part(day, text, (mark,), at=clock, title=habit.key)


def _habit_days(habit: Habit, *, timeline: Timeline) -> list[date]:
    start, stop = timeline.day(*habit.start), timeline.day(*habit.stop)
    return [
        day
        for day in timeline.days()
        if start <= day <= stop and day.weekday() == habit.weekday and timeline.writes_on(day)
    ]
