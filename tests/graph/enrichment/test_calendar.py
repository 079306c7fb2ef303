from datetime import date, datetime

import numpy as np
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.enrichment.base import day_date, day_number
from graph.enrichment.calendar import BY_NAME, FAMILIES, Almanac, CalendarRule, label_of, phases_of, rrule_of

FIRST, LAST = day_number(date(2019, 11, 20)), day_number(date(2025, 3, 10))
LEAP_DAY = ("yearly", 59)  # never a rule's
ALMANAC = Almanac(first=FIRST, last=LAST)


@st.composite
def rules(draw: st.DrawFn) -> CalendarRule:
    if draw(st.booleans()) and draw(st.booleans()):
        weekdays = draw(st.lists(st.integers(0, 6), min_size=2, max_size=6, unique=True))
        return CalendarRule(family="weekly", phase=min(weekdays), weekdays=tuple(sorted(weekdays)))
    family = draw(st.sampled_from(FAMILIES))
    phase = draw(
        st.integers(0, (family.centres or family.phases) - 1).filter(lambda phase: (family.name, phase) != LEAP_DAY)
    )
    return CalendarRule(family=family.name, phase=phase)


@settings(max_examples=150, deadline=None)
@given(rules())
def test_slots_are_what_dateutil_makes_of_the_rrule(rule: CalendarRule) -> None:
    slots = ALMANAC.slots(rule=rule, first=FIRST, last=LAST)
    if not slots.size:
        assert rule.family in ("quarterly", "monthly_weekday")
        return
    start = datetime.combine(day_date(slots[0]), datetime.min.time())
    until = datetime.combine(day_date(LAST), datetime.min.time())
    expected = [
        day_number(slot.date()) for slot in rrulestr(rrule_of(rule), dtstart=start).between(start, until, inc=True)
    ]
    assert slots.tolist() == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(-200_000, 60_000))
def test_the_phases_of_a_day_are_those_of_its_date(number: int) -> None:
    day = day_date(number)
    phases = {name: int(values[0]) for name, values in phases_of(np.array([number])).items()}
    assert phases["weekly"] == day.weekday()
    assert phases["monthly"] == day.day - 1
    assert phases["monthly_weekday"] == day.weekday() * 5 + (day.day - 1) // 7
    assert phases["yearly"] == (day.replace(year=1972) - date(1972, 1, 1)).days
    assert all(phases[family.name] < family.phases for family in FAMILIES)


@pytest.mark.parametrize(
    ("rule", "rrule", "label"),
    [
        (CalendarRule("weekly", 6), "FREQ=WEEKLY;BYDAY=SU", "every Sunday"),
        (CalendarRule("weekly", 0, weekdays=(0, 2)), "FREQ=WEEKLY;BYDAY=MO,WE", "every Monday and Wednesday"),
        (CalendarRule("weekly", 0, weekdays=(0, 1, 2, 3, 4)), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        (CalendarRule("fortnightly", 8), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every second Tuesday"),
        (CalendarRule("monthly", 14), "FREQ=MONTHLY;BYMONTHDAY=15", "monthly on the 15th"),
        (CalendarRule("monthly", 0, 1), "FREQ=MONTHLY;BYMONTHDAY=1", "monthly around the 1st"),
        (CalendarRule("monthly_weekday", 6), "FREQ=MONTHLY;BYDAY=2TU", "monthly on the second Tuesday"),
        (CalendarRule("monthly_last_weekday", 4), "FREQ=MONTHLY;BYDAY=-1FR", "monthly on the last Friday"),
        (CalendarRule("month_end", 0), "FREQ=MONTHLY;BYMONTHDAY=-1", "monthly on the last day"),
        (CalendarRule("quarterly", 31 + 9), "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10", "every three months on the 10th"),
        (CalendarRule("yearly", 44, 3), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=14", "yearly around 14 February"),
        (CalendarRule("daily", 0), "FREQ=DAILY", "every day"),
    ],
)
def test_a_rule_is_told_to_calendars_and_to_people(rule: CalendarRule, rrule: str, label: str) -> None:
    assert (rrule_of(rule), label_of(rule)) == (rrule, label)


def test_the_price_of_a_family_is_the_number_of_rules_tried() -> None:
    assert {name: BY_NAME[name].choices for name in ("weekly", "month_end", "yearly")} == {
        "weekly": 14,
        "month_end": 3,
        "yearly": 1098,
    }
