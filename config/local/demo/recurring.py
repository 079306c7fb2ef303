"""Demo person: what recurs by the calendar, with misses and a little noise."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.local.demo.drafts import Mark, Part
from config.local.demo.plan import Plan
from config.local.demo.timeline import Timeline

__all__ = ["RULES", "Rule", "recurring_parts", "slots"]

StoryDay = tuple[int, int, int]
BEGINNING: Final[StoryDay] = (0, 1, 1)
OPEN_END: Final[StoryDay] = (8, 1, 1)
NOISE: Final = 0.05
FEW_SLOTS: Final = 7  # as a yearly feast has


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that recurs: `section` says it, `fits` picks its days.

    `keyword` is a word that every telling of it contains.
    """

    key: str
    keyword: str
    rrule: str
    label: str
    fits: Callable[[date], bool]
    start: StoryDay = BEGINNING
    stop: StoryDay = OPEN_END
    missed: float = 0.15
    every: int = 1  # 2 = every second day that fits


def _in_term(day: date) -> bool:
    """Choirs rest in the summer and over Christmas."""
    return day.month not in (7, 8) and (1, 9) < (day.month, day.day) < (12, 20)


def _nth(day: date, *, weekday: int, nth: int) -> bool:
    return day.weekday() == weekday and (day.day - 1) // 7 + 1 == nth


RULES: Final = (
    Rule(
        key="choir",
        keyword="choir",
        rrule="FREQ=WEEKLY;BYDAY=TU",
        label="every Tuesday in term",
        fits=lambda day: day.weekday() == 1 and _in_term(day),
        start=(0, 11, 20),
        missed=0.2,
    ),
    Rule(
        key="lesson",
        keyword="cello",
        rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
        label="every second Wednesday, until the move",
        fits=lambda day: day.weekday() == 2,
        start=(1, 9, 20),
        stop=(3, 3, 10),
        every=2,
    ),
    Rule(
        key="bookclub",
        keyword="book club",
        rrule="FREQ=MONTHLY;BYDAY=2TH",
        label="second Thursday of the month, from the second year on",
        fits=lambda day: _nth(day, weekday=3, nth=2),
        start=(2, 2, 1),
        missed=0.12,
    ),
    Rule(
        key="quiz",
        keyword="pub quiz",
        rrule="FREQ=MONTHLY;BYDAY=1MO",
        label="first Monday of the month, until Caroline leaves",
        fits=lambda day: _nth(day, weekday=0, nth=1),
        stop=(2, 8, 10),
        missed=0.12,
    ),
    Rule(
        key="physio",
        keyword="physio",
        rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
        label="every second Thursday for a year",
        fits=lambda day: day.weekday() == 3,
        start=(1, 8, 20),
        stop=(2, 9, 10),
        every=2,
        missed=0.12,
    ),
    Rule(
        key="savings",
        keyword="savings",
        rrule="FREQ=MONTHLY;BYMONTHDAY=28",
        label="the 28th of every month",
        fits=lambda day: day.day == 28,
        missed=0.12,
    ),
    Rule(
        key="mumbirthday",
        keyword="Mum's birthday",
        rrule="FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=9",
        label="9 May every year",
        fits=lambda day: (day.month, day.day) == (5, 9),
        missed=0.1,
    ),
    Rule(
        key="danbirthday",
        keyword="Dan's birthday",
        rrule="FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=17",
        label="17 March every year since they met",
        fits=lambda day: (day.month, day.day) == (3, 17),
        start=(2, 1, 21),
        missed=0.1,
    ),
    Rule(
        key="bonfire",
        keyword="Bonfire Night",
        rrule="FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=5",
        label="5 November every year",
        fits=lambda day: (day.month, day.day) == (11, 5),
        missed=0.1,
    ),
)


def slots(rule: Rule, *, timeline: Timeline) -> list[date]:
    """List the days the rule asks for, whether or not something was written."""
    start, stop = timeline.day(*rule.start), timeline.day(*rule.stop)
    days = [day for day in timeline.days() if start <= day <= stop and rule.fits(day)]
    return days[:: rule.every]


def recurring_parts(plan: Plan) -> Iterator[Part]:
    """Tell of everything that recurs; a smaller life knows the last part of each rule."""
    timeline = plan.timeline
    for rule in RULES:
        days = slots(rule, timeline=timeline)
        kept = days[len(days) - round(len(days) * plan.scale) :]
        for day, role in _kept_days(kept, rule=rule, timeline=timeline, rng=plan.rng):
            text = plan.pen.write(rule.key, facts=timeline.facts(day), values=money(day, timeline=timeline))
            mark = Mark("recurrence", rule.key, role)
            yield Part(day, text, (mark,), title=rule.key)


def _kept_days(days: list[date], *, rule: Rule, timeline: Timeline, rng: random.Random) -> Iterator[tuple[date, str]]:
    """Leave some days out and tell of some a day late; of a few days only one is missed."""
    if len(days) <= FEW_SLOTS:
        forgotten = rng.sample(days, len(days) // 5)
        yield from ((day, "rule") for day in days if day not in forgotten and timeline.writes_on(day))
        return
    for day in days:
        missed, shifted = rng.random() < rule.missed, rng.random() < NOISE
        told_on = day + timedelta(days=1) if shifted else day
        if not missed and timeline.writes_on(told_on):
            yield told_on, "noise" if shifted else "rule"


def money(day: date, *, timeline: Timeline) -> dict[str, str]:
    """What is put aside that month and what it has come to."""
    year = timeline.story_year(day)
    monthly = 140 + 15 * year + 5 * (day.month % 3)
    pot = 2300 + (year * 12 + day.month) * 163 + day.day
    return {"amount": f"£{monthly}", "pot": f"£{pot:,}"}
