import os
import subprocess

import pytest

from config.local.home import ROOT
from config.local.processes import stop_processes, wait_for
from config.local.providers.client import StandIn
from config.local.stand_in import DemoStandIn, read_keys


@pytest.fixture(autouse=True)
def made(home, monkeypatch):
    home.make()
    monkeypatch.setenv("DEMO_MEMORIES", "50")


def test_keys_are_made_once_and_closed_to_others(home):
    keys = read_keys(home.path / "keys.json")
    assert read_keys(home.path / "keys.json") == keys
    assert len(set(keys)) == 2
    assert (home.path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_settings_lead_to_it_and_to_nobody_else(home):
    stand_in = DemoStandIn.plan(home)
    told = stand_in.environment(home, web="http://127.0.0.1:8000/")
    assert told["NANGO_BASE_URL"] == f"http://127.0.0.1:{stand_in.port}"
    assert told["STAND_IN_WEBHOOK_URL"] == "http://127.0.0.1:8000/webhooks/nango/"
    assert (told["NANGO_SECRET_KEY"], told["NANGO_WEBHOOK_KEY"]) == read_keys(home.path / "demo-keys.json")


def test_its_process_serves_the_life_of_the_home_on_the_port_it_was_given(home):
    planned = DemoStandIn.plan(home)
    told = os.environ | planned.environment(home, web="http://127.0.0.1:1/")
    process = subprocess.Popen(planned.command, cwd=ROOT, env=told, process_group=0)
    try:
        assert wait_for(planned.listens, seconds=30)
        running = StandIn(url=told["NANGO_BASE_URL"])
        assert len(running.truth("gmail", "nell.hartley@postbox.example")) > 3
    finally:
        stop_processes([process], seconds=5)
    assert process.returncode == 0
