"""Both ends of the line to a peer's process, without one."""

import io
import json

import numpy as np
import pytest

from benchmarks.peers.inside import loop, rows
from benchmarks.peers.newcomer import choose
from benchmarks.peers.process import find_reason
from config.local.home import ROOT
from graph.analysis.paths import price


@pytest.mark.parametrize(
    ("complaints", "reason"),
    [
        ("ERROR: no such version\nERROR: No matching distribution found for kuzu==0.11.3\nSet-up stopped at: pip\n",
         "ERROR: No matching distribution found for kuzu==0.11.3"),
        (f"Traceback\n  line 1\nImportError: {ROOT}/x.so\n\n", "ImportError: ./x.so"),
        ("ERROR: 403 while getting https://packages.example/kuzu.whl today", "ERROR: 403 while getting (address) today"),
        ("", "it ended without a word"),
    ],
)  # fmt: skip
def test_the_reason_is_the_last_error_or_the_last_line_and_names_no_place(complaints, reason):
    assert find_reason(complaints) == reason


def test_a_job_is_timed_and_its_result_told(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("fetch\nstore\n"))
    loop.serve_jobs({"fetch": loop.Job(lambda: b"123", len), "store": loop.Job(lambda: None)})
    ready, fetch, store = map(json.loads, capsys.readouterr().out.splitlines())
    assert ready == {"ready": ["fetch", "store"]}
    assert (fetch["result"], store["result"]) == (3, None)
    assert fetch["milliseconds"] >= 0


def test_a_peer_may_open_no_connection(monkeypatch):
    hooks = []
    monkeypatch.setattr("sys.addaudithook", hooks.append)
    loop.refuse_network()
    hooks[0]("open", ())
    for event in ("socket.connect", "socket.getaddrinfo"):
        with pytest.raises(PermissionError, match="makes no call"):
            hooks[0](event, ())


@pytest.mark.parametrize("weight", [0.01, 0.5, 4.0])
def test_peers_pay_for_a_step_what_the_product_does(weight):
    assert rows.price(weight) == pytest.approx(float(price(np.array([weight]))[0]))


@pytest.mark.parametrize(
    ("column", "chosen"),
    [("user_id", "7"), ("b_id", '"b_id" + 7000000000000'), ("pattern_id", "NULL"), ("name", '"name"')],
)
def test_a_newcomer_has_ids_of_their_own_and_no_findings(column, chosen):
    assert choose(column, user=7) == chosen
