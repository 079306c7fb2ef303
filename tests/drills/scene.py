"""What a drill is given: the servers, the processes, the world, and what a run without faults made of it."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.drills.clocks import LEASE
from tests.drills.crew import Crew
from tests.drills.home import Servers, connect_owner
from tests.drills.measures import PATIENCE, Digest, count, judge, settle, wait_until
from tests.drills.table import Outcome
from tests.drills.world import World

READY_SECONDS = 120
BEAT_IS_ALIVE = "SELECT count(*) FROM config_heartbeat WHERE name = 'beat' AND at > now() - interval '3 seconds'"


@dataclass(slots=True)
class Scene:
    """One job of drills."""

    servers: Servers
    crew: Crew
    world: World
    seed: int
    reference: Digest | None = None
    reference_seconds: float = 0.0
    drill: int = 0

    @property
    def random(self) -> random.Random:
        """The same draws for the same drill and seed."""
        return random.Random(self.seed * 1000 + self.drill)

    @property
    def bound(self) -> float:
        """Seconds in which everything must have recovered: as in production lease + 60 s."""
        return LEASE + 60.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.servers.port}"

    def clear(self) -> None:
        """Everything that waits is over, and nobody has written anything."""
        wait_until(lambda: count("SELECT count(*) FROM graph_work WHERE lease_until > now()") == 0, seconds=30)
        with connect_owner() as owner:
            owner.execute("TRUNCATE memories_user, integrations_jobfailure, graph_dirty_log CASCADE")
            owner.execute("TRUNCATE graph_dirty_log")  # what the truncation itself has logged
        connection.close()

    def wait_until_alive(self) -> bool:
        """The web answers, and a task of beat goes through broker and worker."""
        from tests.drills.client import is_up

        ready = wait_until(lambda: is_up(self.url) and count(BEAT_IS_ALIVE) > 0, seconds=READY_SECONDS)
        return ready is not None and wait_until(self._is_complete, seconds=READY_SECONDS) is not None

    def _is_complete(self) -> bool:
        return all(self.crew.is_alive(name) for name in list(self.crew.commands))

    def recover(
        self, outcome: Outcome, *, bound: float | None = None, digest: bool = True, seconds: float = PATIENCE
    ) -> None:
        """From the end of the injection: wait until nothing waits, then measure. `digest`: the world is the whole one and nothing else."""
        outcome.bound = self.bound if bound is None else bound
        outcome.recovery = settle(seconds=seconds)
        self.judge(outcome, digest=digest)

    def judge(self, outcome: Outcome, *, digest: bool = True) -> None:
        judge(outcome, truth=self.world.keys, reference=self.reference if digest else None, log=self.log)

    def log(self, line: str) -> None:
        """A line in the log of the drills."""
        with (self.log_folder / "drills.log").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} drill {self.drill}: {line}\n")

    @property
    def log_folder(self) -> Path:
        return self.servers.home.log


def injects(scene: Scene, *, seconds: float, every: float, act: Callable[[], object]) -> int:
    """Do something again and again; returns how often."""
    times, end = 0, time.monotonic() + seconds
    while time.monotonic() + every <= end:
        time.sleep(every)
        act()
        times += 1
    scene.log(f"{times} injections")
    return times


def is_root() -> bool:
    return os.geteuid() == 0
