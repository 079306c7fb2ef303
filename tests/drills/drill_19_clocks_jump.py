"""Drill 19: workers and beat whose clock is an hour behind, then an hour ahead, with kills meanwhile so that leases run out.

With libfaketime the processes' whole clock is moved; without it the clock of Python and Django alone (tests/drills/jumped.py).
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from tests.drills.measures import settle, wait_until
from tests.drills.mishaps import BROKEN
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import Key, make_people, store_chunk, write_as_guest

TITLE = "clocks of workers and beat jump by an hour"
JUMPING = ("worker", "graph", "beat")
HOUR = 3600
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def run(scene: Scene) -> Outcome:
    outcome = Outcome(expected=2)
    usual = {name: scene.crew.commands[name] for name in JUMPING}
    chunks, people = list(scene.world.take_turns()), make_people()
    half = len(chunks) // 2
    guests: set[Key] = set()
    times: list[float | None] = []  # of recovery
    try:
        for part, jump in ((chunks[:half], -HOUR), (chunks[half:], HOUR)):
            scene.crew.dismiss(*JUMPING)
            for name, command in usual.items():
                scene.crew.add(name, move_clock(command, seconds=jump))
            guests |= write_as_guest([BROKEN], begin=len(guests))
            for name, chunk in part:
                store_chunk(people[name], chunk)
            outcome.require(kill_children(scene), "the children were never there")
            times.append(settle(seconds=scene.reference_seconds + 90))
        scene.recover(outcome, besides=guests)
        outcome.recovery = None if None in times else max(filter(None, times), default=0.0)
    finally:
        scene.crew.dismiss(*JUMPING)
        for name, command in usual.items():
            scene.crew.add(name, command)
    back = scene.wait_until_alive()
    outcome.require(back, "beat sends nothing any more once the clock is right again")
    outcome.injected = "-1 h, then +1 h, a kill of every child in each"
    outcome.note = "with libfaketime" if LIBRARIES else "without libfaketime: the clock of Python and Django alone"
    return outcome


def move_clock(command: str, *, seconds: int) -> str:
    """The command with another time."""
    if LIBRARIES:
        return command.replace(
            "env ", f"env LD_PRELOAD={LIBRARIES[0]} FAKETIME={seconds:+d}s DONT_FAKE_MONOTONIC=1 ", 1
        )
    return command.replace(" celery ", f" python -m tests.drills.jumped {seconds} ", 1)


def kill_children(scene: Scene) -> bool:
    """Once they are there and at work: what they held must be found again by its lease. False where they never were."""
    there = wait_until(lambda: all(scene.crew.list_children(name) for name in ("worker", "graph")), seconds=30)
    time.sleep(2.0)
    for pid in scene.crew.list_children("worker") + scene.crew.list_children("graph"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return there is not None
