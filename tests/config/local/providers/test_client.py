"""The stand-in as a process: it starts, says so when it cannot, and leaves nothing behind."""

import socket
import subprocess
import sys
import time

import pytest

from config.local.home import ROOT
from config.local.processes import wait_for
from config.local.providers.client import StandIn, StandInError

OWNER = """
import sys, time
from pathlib import Path
from config.local.providers.client import StandIn
with StandIn.start(Path(sys.argv[1])) as stand_in:
    print(stand_in.url, flush=True)
    time.sleep(60)
"""


def answers(url):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def test_it_stops_with_its_block(tmp_path):
    with StandIn.start(tmp_path / "log") as running:
        assert answers(running.url)
        begun = time.monotonic()
    assert not answers(running.url)
    assert time.monotonic() - begun < 2
    assert (tmp_path / "log").read_text() == ""


def test_a_taken_port_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(StandInError, match="Address already in use"),
            StandIn.start(tmp_path / "log", port=taken.getsockname()[1]),
        ):
            raise AssertionError


def test_it_does_not_outlive_a_killed_owner(tmp_path):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, tmp_path / "log"], stdout=subprocess.PIPE, cwd=ROOT)
    url = owner.stdout.readline().decode().strip()
    assert answers(url)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert wait_for(lambda: not answers(url), seconds=5)


def test_what_it_does_not_understand_is_said(stand_in):
    with pytest.raises(StandInError, match="KeyError"):
        stand_in.put("gmail", "nobody@post.example", [])
