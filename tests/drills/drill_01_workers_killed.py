"""Drill 1: kill -9 of random workers, every two seconds, while memories are worked on."""

import contextlib
import os
import signal
import time

from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import make_people, store_chunk

TITLE = "kill -9 of workers and their children"
ROUNDS = 15
EVERY = 2.0  # seconds
GROUP_SHARE = 0.3  # of the kills that take a worker with all its children


def run(scene: Scene) -> Outcome:
    outcome, draws = Outcome(), scene.random
    people, chunks = make_people(), list(scene.world.take_turns())
    killed = {"children": 0, "workers": 0}
    for n in range(ROUNDS):
        for name, part in chunks[n * len(chunks) // ROUNDS : (n + 1) * len(chunks) // ROUNDS]:
            store_chunk(people[name], part)
        time.sleep(EVERY)
        worker = draws.choice(("worker", "worker", "graph"))
        children = scene.crew.list_children(worker)
        if draws.random() < GROUP_SHARE:
            scene.crew.kill(worker)
            killed["workers"] += 1
        elif children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(draws.choice(children), signal.SIGKILL)
            killed["children"] += 1
    outcome.injected = f"{killed['children']} children and {killed['workers']} whole workers in {ROUNDS * EVERY:.0f} s"
    scene.recover(outcome)
    return outcome
