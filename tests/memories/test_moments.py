from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from memories.moments import Moment, MomentError, Precision, read_moment

LISBON = ZoneInfo("Europe/Lisbon")


def read(text: str) -> Moment:
    return read_moment(text, time_zone=LISBON)


@pytest.mark.parametrize(
    ("text", "precision", "at"),
    [
        ("2024", "year", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-07", "month", datetime(2024, 6, 30, 23, tzinfo=UTC)),
        ("2024-07-03", "day", datetime(2024, 7, 2, 23, tzinfo=UTC)),
        ("20240703", "day", datetime(2024, 7, 2, 23, tzinfo=UTC)),
        ("1669-06-10", "day", datetime(1669, 6, 10, 0, 36, 45, tzinfo=UTC)),
    ],
)
def test_a_date_is_local_midnight_and_as_exact_as_it_was_given(text: str, precision: Precision, at: datetime) -> None:
    moment = read(text)
    assert (moment.at, moment.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "2024-07-03T14:30:00Z",
        "2024-07-03t14:30z",
        "2024-07-03T15:30:00",  # the person's own clock
        "2024-07-03 15:30",
        "2024-07-03T16:30:00+02:00",
        "2024-07-03 16:30:00 +0200",
        "20240703T143000Z",
        " 2024-07-03T14:30:00.000Z\n",
    ],
)
def test_a_time_is_read_with_its_zone_or_in_the_persons(text: str) -> None:
    assert read(text).at == datetime(2024, 7, 3, 14, 30, tzinfo=UTC)
    assert read(text).precision == "time"


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "14:30", "3.7.2024", "202407", "2024-W27"),
        *("2024-13", "2024-02-30", "0000-01-01", "\uff12024", "2024-07-03x14:30"),
        *("2024-07-03T25:00", "2024-07-03T14:30+99:00", "2024-07-03T14:30 Lisbon"),
    ],
)
def test_a_date_nobody_can_read_is_said_with_what_is_understood(text: str) -> None:
    with pytest.raises(MomentError, match=r"is no date that can be read; 2024, "):
        read(text)


def test_a_long_text_in_the_place_of_a_date_is_cut() -> None:
    with pytest.raises(MomentError) as caught:
        read("x" * 10_000)
    assert str(caught.value).startswith(f"'{'x' * 40}' is no date")


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59Z"],
)
def test_a_time_without_a_day_in_some_zone_is_refused(text: str) -> None:
    with pytest.raises(MomentError, match="outside the years 1 to 9999"):
        read(text)


def test_midnight_that_summer_time_skips_stays_on_its_day() -> None:
    sao_paulo = ZoneInfo("America/Sao_Paulo")
    moment = read_moment("2018-11-04", time_zone=sao_paulo)
    assert moment.at.astimezone(sao_paulo).date().isoformat() == "2018-11-04"


@pytest.mark.parametrize("text", ["2024-07-03", "2024-07-03T15:30", "2024-07-03T15:30Z"])
def test_what_was_written_is_the_same_in_every_zone(text: str) -> None:
    tokyo = read_moment(text, time_zone=ZoneInfo("Asia/Tokyo"))
    assert read(text).written == tokyo.written
