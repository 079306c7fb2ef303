"""Beat's schedule under a clock that is set back and forth."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from celery.schedules import schedule

from config.beat import Scheduler

NOW = datetime.now(UTC)


@pytest.fixture
def sent(monkeypatch):
    """Names of the entries that beat has sent."""
    names = []
    monkeypatch.setattr(Scheduler, "apply_entry", lambda _self, entry, producer=None: names.append(entry.name))
    monkeypatch.setattr(Scheduler, "producer", None)
    return names


@pytest.fixture
def beat(tmp_path, sent):
    """A beat that sends `a` every 30 seconds and `b` every 60."""
    app = Celery("beats", set_as_current=False)
    app.conf.beat_schedule = {
        name: {"task": name, "schedule": timedelta(seconds=seconds)} for name, seconds in (("a", 30), ("b", 60))
    }
    beat = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    yield beat
    beat.close()


def move_clock(monkeypatch, *, seconds):
    monkeypatch.setattr(schedule, "now", lambda _self: NOW + timedelta(seconds=seconds))


def tick(beat, *, times=4):
    return [beat.tick() for _ in range(times)]


def test_a_clock_that_is_set_back_an_hour_delays_nothing_by_more_than_its_interval(beat, sent, monkeypatch):
    move_clock(monkeypatch, seconds=3600)
    tick(beat)
    sent.clear()
    move_clock(monkeypatch, seconds=0)
    assert min(tick(beat)) <= 60
    move_clock(monkeypatch, seconds=61)
    tick(beat)
    assert sorted(sent) == ["a", "b"]


def test_a_clock_that_is_set_an_hour_ahead_sends_everything_once(beat, sent, monkeypatch):
    move_clock(monkeypatch, seconds=0)
    tick(beat)
    sent.clear()
    move_clock(monkeypatch, seconds=3600)
    tick(beat)
    assert sorted(sent) == ["a", "b"]
