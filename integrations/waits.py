"""Arrive: how long a reply asks us to wait, in seconds from 1 to 3600. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

LEAST: Final = 1.0
MOST: Final = 3600.0  # asked again after an hour, whatever we were told
EPOCH: Final = 1_000_000_000  # a number this large is a moment and no wait
PACIFIC: Final = ZoneInfo("America/Los_Angeles")  # where Google's days begin
RETRY_AFTER: Final = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")  # Gmail, in the message, in UTC


def read_wait(headers: Mapping[str, str], said: Any, *, now: datetime, reset: bool) -> float | None:
    """The wait a reply asks for: `Retry-After` (seconds or a date), with `reset` also `X-RateLimit-Reset`, then its body.

    None where it asks for none that can be read.
    """
    told = [_read_number(headers.get("retry-after")), _read_date(headers.get("retry-after"), now=now)]
    if reset:
        told.append(_read_reset(headers.get("x-ratelimit-reset"), now=now))
    told.append(_read_body(said, now=now))
    return next((clamp(wait) for wait in told if wait is not None), None)


def clamp(seconds: float) -> float:
    return min(max(seconds, LEAST), MOST)


def until_midnight(now: datetime) -> float:
    """Seconds until Google's allowances of the day are renewed, an hour at most."""
    here = now.astimezone(PACIFIC)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return clamp((midnight.astimezone(UTC) - now).total_seconds())


def _read_number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _read_date(value: str | None, *, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, IndexError, TypeError):
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _read_reset(value: str | None, *, now: datetime) -> float | None:
    number = _read_number(value)
    if number is None or number < EPOCH:
        return number
    return number - now.timestamp()


def _read_body(said: Any, *, now: datetime) -> float | None:
    """Dropbox tells seconds, Gmail a moment."""
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return None
    if "retry_after" in error:
        return _read_number(error["retry_after"])
    found = RETRY_AFTER.search(str(error.get("message", "")))
    return _read_moment(found[1], now=now) if found else None


def _read_moment(text: str, *, now: datetime) -> float | None:
    try:
        return (datetime.fromisoformat(text).replace(tzinfo=UTC) - now).total_seconds()
    except ValueError:
        return None
