import json
from datetime import date

import pytest

from config.local.home import HomeError
from config.local.life_plan import LifePlan


@pytest.fixture(autouse=True)
def made(home):
    home.make()


def test_a_life_is_planned_once(home, monkeypatch):
    monkeypatch.setenv("DEMO_MEMORIES", "60")
    first = LifePlan.find(home)
    monkeypatch.setenv("DEMO_MEMORIES", "900")
    assert LifePlan.find(home) == first
    assert (first.memories, first.loaded, first.connected) == (60, False, ())


def test_what_was_done_is_remembered(home):
    plan = LifePlan.find(home).note_loaded(home).note_connected(home, "gmail").note_connected(home, "dropbox")
    assert (plan.loaded, plan.connected) == (True, ("dropbox", "gmail"))
    assert LifePlan.find(home) == plan


def test_a_home_from_before_the_accounts_has_none_connected(home):
    (home.path / "demo-life.json").write_text(json.dumps({"memories": 50, "end": "2026-05-01", "loaded": True}))
    assert LifePlan.find(home) == LifePlan(memories=50, end=date(2026, 5, 1), loaded=True)


@pytest.mark.parametrize("size", ["49", "5001", "many", "-3"])
def test_a_size_that_is_none_is_refused(home, monkeypatch, size):
    monkeypatch.setenv("DEMO_MEMORIES", size)
    with pytest.raises(HomeError, match="may be a number from 50 to 5000"):
        LifePlan.find(home)


def test_the_life_is_as_long_as_planned(home, monkeypatch):
    monkeypatch.setenv("DEMO_MEMORIES", "60")
    assert len(LifePlan.find(home).tell().records) == 60
