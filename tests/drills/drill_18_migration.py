"""Drill 18: the next version's expand-only migration while people read and write; once it cannot have its lock, then it can."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

from config.local.home import ROOT
from tests.drills.crowd import crowding, describe_crowd, judge_crowd, make_headers
from tests.drills.expansion.apps import TRIES
from tests.drills.measures import count, count_doubled, count_failures, count_waiting, settle
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import NAMES, read_keys

TITLE = "a migration under load, lock_timeout 3 s"
PEOPLE = 40
THINK_SECONDS = 2.0
PATIENCE_SECONDS = 300
LONGEST_REQUEST = 3.0 + 2.0  # the lock's time, and what was in line
SENTENCE = "could not have its lock"
COLUMN = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'memories_memory' AND column_name = 'drill_note'"
INDEX = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('drill_noted') AND indisvalid"


def run(scene: Scene) -> Outcome:
    outcome = Outcome()
    scene.world.load()
    headers = make_headers([NAMES[n % len(NAMES)] for n in range(PEOPLE)])
    connection.close()
    with crowding(scene, headers, think=THINK_SECONDS) as crowd:
        time.sleep(2)
        with holding_the_table():
            refused = migrate(scene)
        applied = migrate(scene)
        found = (count(COLUMN), count(INDEX))
        connection.close()
        undone = migrate(scene, "zero")
        time.sleep(1)
    judge_migrations(outcome, refused=refused, applied=applied, undone=undone, found=found)
    judge_crowd(outcome, crowd.report)
    longest = max(answer.seconds for answer in crowd.report.answers)
    outcome.require(longest < LONGEST_REQUEST * 2, f"a request took {longest:.1f} s")
    outcome.injected = f"{TRIES} tries in vain, applied, undone"
    outcome.note = describe_crowd(crowd.report)
    outcome.bound = 120
    outcome.recovery = settle()
    outcome.lost = (outcome.lost or 0) + len(scene.world.keys - set(read_keys()))
    outcome.doubled, outcome.stuck = sum(count_doubled().values()), sum(count_waiting().values())
    outcome.found = count_failures()
    return outcome


def judge_migrations(
    outcome: Outcome,
    *,
    refused: "subprocess.CompletedProcess[str]",
    applied: "subprocess.CompletedProcess[str]",
    undone: "subprocess.CompletedProcess[str]",
    found: tuple[int, int],
) -> None:
    outcome.require(refused.returncode != 0, "it was applied though somebody held the table")
    outcome.require(SENTENCE in refused.stderr, f"it gave up without a sentence: {refused.stderr[-200:]}")
    outcome.require("Traceback" not in refused.stderr, "it gave up with a stack")
    outcome.require(applied.returncode == 0, f"it was not applied: {applied.stderr[-200:]}")
    outcome.require(found == (1, 1), f"column and index: {found}")
    outcome.require(undone.returncode == 0, f"it was not undone: {undone.stderr[-200:]}")


def migrate(scene: Scene, *to: str) -> "subprocess.CompletedProcess[str]":
    """The next version's `migrate`, as an operator runs it."""
    environment = scene.crew.environment | {"DJANGO_SETTINGS_MODULE": "tests.drills.expanding"}
    command = [sys.executable, "manage.py", "migrate", "drill_expansion", *to]
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    scene.log(
        f"migrate {' '.join(to)}: {done.returncode} after {time.monotonic() - begun:.1f} s; {done.stderr.strip()[-300:]}"
    )
    return done


@contextmanager
def holding_the_table() -> Iterator[None]:
    """Somebody's report, which reads the table for the length of a block."""

    def read_on() -> None:
        with contextlib.suppress(psycopg.errors.QueryCanceled):
            report.execute("SELECT pg_sleep(600) FROM memories_memory LIMIT 1")

    with psycopg.connect(os.environ["DATABASE_URL"], application_name="lifegraph-report", autocommit=True) as report:
        thread = threading.Thread(target=read_on)
        thread.start()
        try:
            yield
        finally:
            report.cancel()
            thread.join()
