"""What a drill is given: the servers, the processes, the world, and what a run without faults made of it."""

import random
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.drills.clocks import LEASE
from tests.drills.crew import Crew
from tests.drills.home import Servers, connect_owner
from tests.drills.measures import PATIENCE, Digest, count, count_waiting, judge, settle, wait_until
from tests.drills.table import Outcome
from tests.drills.world import Key, World

READY_SECONDS = 90
NOBODY: frozenset[Key] = frozenset()
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
        self, outcome: Outcome, *, bound: float = LEASE + 60.0, besides: Set[Key] = NOBODY, digest: bool = True
    ) -> None:
        """After the injection: wait until nothing waits, then measure. The bound grows by what the work takes without faults."""
        outcome.bound = bound + self.reference_seconds
        outcome.recovery = settle(seconds=outcome.bound + PATIENCE)
        if outcome.recovery is None:
            outcome.wrong.append(f"still waiting after {outcome.bound + PATIENCE:.0f} s: {count_waiting()}")
        self.judge(outcome, besides=besides, digest=digest)

    def judge(self, outcome: Outcome, *, besides: Set[Key] = NOBODY, digest: bool = True) -> None:
        """Measure; `besides` are keys of guests, without `digest` the world is not held against the run without faults."""
        truth = self.world.keys | besides if digest else set(besides)
        judge(outcome, truth=truth, reference=self.reference if digest else None, log=self.log)

    def log(self, line: str) -> None:
        """A line in the log of the drills."""
        with (self.log_folder / "drills.log").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} drill {self.drill}: {line}\n")

    @property
    def log_folder(self) -> Path:
        return self.servers.home.log
