"""Enriched: the calendar. Families of rules ("every Tuesday", "monthly on the 15th"), their slots, RRULE texts and labels.

A family cuts the calendar into phases: the phase of a day is its weekday, its day of the month and so on. A rule is a family and
a phase; its slots are the days of that phase. Rules are written as RFC 5545 recurrence rules; where INTERVAL is above 1 the
reader also needs a day to count from, which is any slot of the rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from graph.enrichment.base import Days, day_date

Phases = npt.NDArray[np.int64]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_LEAP_MONTHS = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30])  # first days of the months in a leap year
_LEAP_DAY = 59  # 29 February, counted from 0


@dataclass(frozen=True, slots=True)
class Family:
    """A way to cut the calendar into phases.

    `centres` of the `phases` may be a rule's; the others only fill up. `period` in days. `tolerances` are the days by which an
    occurrence may miss its slot. Days up to `burst` apart count once. `least` periods must be hit.
    """

    name: str
    phases: int
    period: float
    tolerances: tuple[int, ...] = (0, 1)
    burst: int = 0
    least: int = 4
    centres: int = 0

    @property
    def choices(self) -> int:
        """How many rules were looked at: what a p-value is to be multiplied by."""
        return (self.centres or self.phases) * len(self.tolerances)


_MONTH, _YEAR = 30.4369, 365.2425
WEEKLY = Family("weekly", 7, 7)
YEARLY = Family("yearly", 366, _YEAR, (0, 3, 7), burst=45, least=3)
FAMILIES = (
    WEEKLY,
    Family("fortnightly", 14, 14),
    Family("four_weekly", 28, 28, burst=2),
    Family("monthly", 31, _MONTH, (0, 1, 2), burst=2),
    Family("monthly_weekday", 35, _MONTH, (0,), burst=2),
    Family("monthly_last_weekday", 8, _MONTH, (0,), burst=2, centres=7),
    Family("month_end", 31, _MONTH, (0, 1, 2), burst=2, centres=1),
    Family("quarterly", 93, 3 * _MONTH, (0, 2, 4), burst=10),
    YEARLY,
)
BY_NAME = {family.name: family for family in FAMILIES}


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """All days of one phase of a family, give or take `tolerance` days; `weekdays` instead where there are several."""

    family: str
    phase: int
    tolerance: int = 0
    weekdays: tuple[int, ...] = ()


def phases_of(days: Days) -> dict[str, Phases]:
    """The phase of each day in each family."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month_starts = months.astype("datetime64[D]").astype(np.int64)
    month = months.astype(np.int64)
    in_month = days - month_starts
    to_end = (months + 1).astype("datetime64[D]").astype(np.int64) - 1 - days
    since_monday = days + 3  # 1970-01-01 was a Thursday
    weekday = since_monday % 7
    return {
        "weekly": weekday,
        "fortnightly": since_monday % 14,
        "four_weekly": since_monday % 28,
        "monthly": in_month,
        "monthly_weekday": weekday * 5 + in_month // 7,
        "monthly_last_weekday": np.where(to_end < 7, weekday, 7),
        "month_end": to_end,
        "quarterly": month % 3 * 31 + in_month,
        "yearly": _LEAP_MONTHS[month % 12] + in_month,
    }


class Almanac:
    """The phases of every day from `first` to `last`, looked up rather than worked out anew."""

    def __init__(self, *, first: int, last: int) -> None:
        self.first = first
        self.days: Days = np.arange(first, last + 1)
        self._phases = phases_of(self.days)

    def phases(self, *, family: str, days: Days) -> Phases:
        return self._phases[family][days - self.first]

    def slots(self, *, rule: CalendarRule, first: int, last: int) -> Days:
        """The days of a rule from `first` to `last`, both included."""
        part = slice(max(0, first - self.first), max(0, last + 1 - self.first))
        phases = self._phases[rule.family][part]
        on_rule = np.isin(phases, rule.weekdays) if rule.weekdays else phases == rule.phase
        return self.days[part][on_rule]


@lru_cache(maxsize=4)
def almanac_of(first: int, last: int) -> Almanac:
    """One almanac for all layers that ask about the same years."""
    return Almanac(first=first, last=last)


def rrule_of(rule: CalendarRule) -> str:
    """The rule as an RFC 5545 recurrence rule."""
    phase = rule.phase
    if rule.weekdays:
        return "FREQ=WEEKLY;BYDAY=" + ",".join(_BYDAY[weekday] for weekday in sorted(rule.weekdays))
    month, day = _month_and_day(phase) if rule.family == "yearly" else (0, 0)
    texts: Mapping[str, str] = {
        "weekly": f"FREQ=WEEKLY;BYDAY={_BYDAY[phase % 7]}",
        "fortnightly": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_BYDAY[phase % 7]}",
        "four_weekly": f"FREQ=WEEKLY;INTERVAL=4;BYDAY={_BYDAY[phase % 7]}",
        "monthly": f"FREQ=MONTHLY;BYMONTHDAY={phase + 1}",
        "monthly_weekday": f"FREQ=MONTHLY;BYDAY={phase % 5 + 1}{_BYDAY[phase // 5 % 7]}",
        "monthly_last_weekday": f"FREQ=MONTHLY;BYDAY=-1{_BYDAY[phase % 7]}",
        "month_end": f"FREQ=MONTHLY;BYMONTHDAY={-1 - phase}",
        "quarterly": f"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY={phase % 31 + 1}",
        "yearly": f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}",
        "daily": "FREQ=DAILY",
    }
    return texts[rule.family]


def label_of(rule: CalendarRule) -> str:
    """The rule as a person would say it."""
    if rule.weekdays:
        return _weekdays_label(rule.weekdays)
    weekday, phase = WEEKDAYS[rule.phase % 7], rule.phase
    on = "around" if rule.tolerance else "on"
    month, day = _month_and_day(phase) if rule.family == "yearly" else (1, 0)
    texts: Mapping[str, str] = {
        "weekly": f"every week around {weekday}" if rule.tolerance else f"every {weekday}",
        "fortnightly": f"every second week around {weekday}" if rule.tolerance else f"every second {weekday}",
        "four_weekly": f"every fourth week around {weekday}" if rule.tolerance else f"every fourth {weekday}",
        "monthly": f"monthly {on} the {_ordinal(phase + 1)}",
        "monthly_weekday": f"monthly on the {_ORDINALS[phase % 5]} {WEEKDAYS[phase // 5 % 7]}",
        "monthly_last_weekday": f"monthly on the last {weekday}",
        "month_end": f"monthly {on} the last day",
        "quarterly": f"every three months {on} the {_ordinal(phase % 31 + 1)}",
        "yearly": f"yearly {on} {day} {MONTHS[month - 1]}",
        "daily": "every day",
    }
    return texts[rule.family]


def _weekdays_label(weekdays: tuple[int, ...]) -> str:
    if tuple(sorted(weekdays)) == (0, 1, 2, 3, 4):
        return "every weekday"
    *others, last = (WEEKDAYS[weekday] for weekday in sorted(weekdays))
    return f"every {', '.join(others)} and {last}"


def _month_and_day(phase: int) -> tuple[int, int]:
    """Of a day of the leap year; 29 February becomes 28, which every year has."""
    date = day_date(730 + phase - (phase == _LEAP_DAY))  # 1972 was a leap year
    return date.month, date.day


def _ordinal(number: int) -> str:
    suffix = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
