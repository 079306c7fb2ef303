from datetime import UTC, datetime, timedelta
from itertools import islice

from config.local.crowd import name_people, write_life, write_notes

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def test_people_are_numbered_so_that_they_sort() -> None:
    names = name_people(200)
    assert (names[0], names[-1]) == ("person-001", "person-200")
    assert sorted(set(names)) == names


def test_a_life_is_the_same_every_time_and_nobody_elses() -> None:
    assert write_life("person-001", notes=30, now=NOW) == write_life("person-001", notes=30, now=NOW)
    assert write_life("person-001", notes=30, now=NOW) != write_life("person-002", notes=30, now=NOW)


def test_a_fifth_of_a_life_is_years_old_and_nothing_is_ahead() -> None:
    times = [note.occurred_at for note in write_life("person-007", notes=30, now=NOW)]
    assert times == sorted(times)
    assert times[-1] < NOW
    assert sum(time < NOW - timedelta(days=700) for time in times) == 6


def test_names_come_back_so_that_there_is_something_to_relate() -> None:
    notes = list(islice(write_notes("person-001"), 60))
    surnames = [word.strip(".,;'s") for note in notes for word in note.split() if word[0].isupper()]
    assert max(map(surnames.count, surnames)) >= 10
