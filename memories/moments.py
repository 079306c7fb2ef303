"""Arrive: dates and times as sources write them, and how exactly they are known."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal

Precision = Literal["time", "day", "month", "year"]

DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
UNDASHED: Final = re.compile(r"\A([0-9]{4})([0-9]{2})([0-9]{2})(?=[Tt ]|\Z)")
TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9:.,]+) ?([Zz]|[+-][0-9:]+)?")
UNDERSTOOD: Final = "2024, 2024-05, 2024-05-03 or 2024-05-03T14:30+01:00 is understood"
FARTHEST_ZONE: Final = timedelta(hours=16)  # Manila kept 15:56 behind until 1844


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened.

    `at` is aware and in UTC, at local midnight unless `precision` is "time". `written`
    is the same whatever the person's zone: a wall clock where no zone was given, a time
    in UTC where one was.
    """

    at: datetime
    precision: Precision
    written: str


class MomentError(ValueError):
    """A date nobody can read, or one outside the years 1 to 9999."""


def read_moment(text: str, *, time_zone: tzinfo) -> Moment:
    """Read an ISO 8601 date, or time with or without a zone; `time_zone` fills in.

    Raises:
        MomentError: says what was given and what is understood.
    """
    clean = UNDASHED.sub(r"\1-\2-\3", text.strip())
    try:
        moment = _read_date(clean, time_zone=time_zone) or _read_time(clean, time_zone=time_zone)
    except ValueError:
        moment = None
    except OverflowError:
        raise _outside(clean) from None
    if moment is None:
        raise MomentError(f"{text[:40]!r} is no date that can be read; {UNDERSTOOD}")
    return moment


def _read_date(text: str, *, time_zone: tzinfo) -> Moment | None:
    match = DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    precision: Precision = "day" if day else "month" if month else "year"
    midnight = datetime(int(year), int(month or 1), int(day or 1), tzinfo=time_zone)
    return Moment(at=_utc(midnight), precision=precision, written=text)


def _read_time(text: str, *, time_zone: tzinfo) -> Moment | None:
    match = TIME.fullmatch(text)
    if match is None:
        return None
    day, clock, zone = match.groups()
    time = datetime.fromisoformat(f"{day}T{clock}{(zone or '').upper()}")
    if time.tzinfo is not None:
        at = _utc(time)
        return Moment(at=at, precision="time", written=at.isoformat())
    at = _utc(time.replace(tzinfo=time_zone))
    return Moment(at=at, precision="time", written=time.isoformat())


def _utc(time: datetime) -> datetime:
    """Move a time to UTC; it must have a day in every zone a person may live in.

    Raises:
        OverflowError: in some zone it falls before year 1 or after year 9999.
    """
    at = time.astimezone(UTC)
    for shift in (-FARTHEST_ZONE, FARTHEST_ZONE):
        at + shift
    return at


def _outside(text: str) -> MomentError:
    return MomentError(f"{text[:40]!r} is outside the years 1 to 9999 in some time zone")
