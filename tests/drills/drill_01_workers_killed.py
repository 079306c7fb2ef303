"""Drill 1: kill -9 of random workers, every two seconds, while memories are worked on."""

import contextlib
import os
import random
import signal
import time
from collections import Counter

from tests.drills.measures import read, wait_until
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import make_people, store_chunk

TITLE = "kill -9 of workers and their children"
ROUNDS = 15
EVERY = 2.0  # seconds
LEASES = {"worker": "memories_memory", "graph": "graph_work"}  # what each of them holds
GROUP_SHARE = 0.3  # of the kills that take a worker with all its children


def run(scene: Scene) -> Outcome:
    outcome, draws = Outcome(), scene.random
    people, chunks = make_people(), list(scene.world.take_turns())
    killed: Counter[str] = Counter()
    for n in range(ROUNDS):
        for name, part in chunks[n * len(chunks) // ROUNDS : (n + 1) * len(chunks) // ROUNDS]:
            store_chunk(people[name], part)
        time.sleep(EVERY / 2)
        killed.update(strike(scene, draws))
    outcome.injected = f"{killed['children']} children and {killed['workers']} whole workers in {ROUNDS * EVERY:.0f} s, {killed['at work']} under a lease"
    outcome.require(killed["at work"] > 0, "no kill met a process that held a lease")
    scene.recover(outcome)
    return outcome


def strike(scene: Scene, draws: random.Random) -> list[str]:
    """Kill a worker or one of its children, if possible when it is at work; what was done, and whether a lease was left behind."""
    worker = draws.choice(("worker", "worker", "graph"))
    whole = draws.random() < GROUP_SHARE
    wait_until(lambda: bool(list_leases(worker)), seconds=EVERY / 2)
    children, before = scene.crew.list_children(worker), list_leases(worker)
    if whole:
        scene.crew.kill(worker)
    elif children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(draws.choice(children), signal.SIGKILL)
    else:
        return []
    time.sleep(0.1)
    survivors = 0 if whole else len(children) - 1
    left_behind = len(before & list_leases(worker)) > survivors
    return ["workers" if whole else "children", *["at work"] * left_behind]


def list_leases(worker: str) -> set[object]:
    """The leases that a worker's children hold, one a child at most."""
    return {token for (token,) in read(f"SELECT DISTINCT lease_token FROM {LEASES[worker]} WHERE lease_until > now()")}
