"""Drill 3: kill -9 of PostgreSQL while four clients store memories; each asks again with its Idempotency-Key until it is told 201."""

import queue
import threading
import time
from dataclasses import dataclass, field

from django.conf import settings

from tests.drills.client import TIMEOUT, make_token, post_memory
from tests.drills.measures import list_leaks, read_connections, read_resting
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import NAMES

TITLE = "kill -9 of PostgreSQL during writes"
CLIENTS = 4
KILLS = 2
PATIENCE = 60.0  # seconds in which a client is told 201
AGAIN_SECONDS = 0.2
DEADLINE = 240.0  # seconds for all that the clients do


@dataclass(slots=True)
class Clients:
    """What they have still to write, and what they were told."""

    url: str
    tokens: dict[str, str]
    waiting: queue.SimpleQueue[tuple[str, dict[str, object]]]
    deadline: float  # of time.monotonic()
    told: list[tuple[float, int]] = field(default_factory=list)  # when, status
    given_up: int = 0

    def work(self) -> None:
        while time.monotonic() < self.deadline:
            try:
                name, record = self.waiting.get_nowait()
            except queue.Empty:
                return
            self.given_up += not self.store(name, record)

    def store(self, name: str, record: dict[str, object]) -> bool:
        end = min(time.monotonic() + PATIENCE, self.deadline)
        while time.monotonic() < end:
            answer = post_memory(self.url, token=self.tokens[name], record=record)
            self.told.append((time.monotonic(), answer.status))
            if answer.status == 201:
                return True
            time.sleep(AGAIN_SECONDS)
        return False


def run(scene: Scene) -> Outcome:
    outcome, before = Outcome(), dict(scene.crew.restarts)
    base = read_resting()
    tokens = {name: make_token(name) for name in NAMES}
    clients = Clients(scene.url, tokens, queue.SimpleQueue(), deadline=time.monotonic() + DEADLINE)
    records = [(name, record) for name, part in scene.world.take_turns() for record in part]
    for pair in records:
        clients.waiting.put(pair)
    threads = [threading.Thread(target=clients.work, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    killed = [kill_when(scene, clients, left=len(records) * (KILLS - n) // (KILLS + 1)) for n in range(KILLS)]
    for thread in threads:
        thread.join(timeout=max(0.0, clients.deadline - time.monotonic()) + TIMEOUT)
    left = clients.given_up + clients.waiting.qsize()
    scene.recover(outcome)
    after = read_resting()
    refused = sum(status != 201 for _, status in clients.told)
    outage = max(find_outage(clients.told, at=at) for at in killed)
    outcome.injected = f"{KILLS} kills, {refused} of {len(clients.told)} requests refused"
    outcome.note = f"first 201 after a kill: {outage:.1f} s at most; resting connections {sum(base.values())} before, {sum(after.values())} after"
    outcome.require(not any(thread.is_alive() for thread in threads), "a client did not come to its end")
    outcome.require(left == 0, f"{left} memories were never taken")
    outcome.require(refused > 0, "no request was refused: the kills hit nothing")
    outcome.require(scene.crew.restarts == before, "a process of ours had to be started again")
    leaks = list_leaks(base, after)
    outcome.require(not leaks, f"connections stay open: {leaks}")
    outcome.require(
        sum(read_connections().values()) <= settings.DB_CONNECTION_BUDGET, "more connections than the budget"
    )
    return outcome


def kill_when(scene: Scene, clients: Clients, *, left: int) -> float:
    """Kill the server when so many are still to be written; returns the moment."""
    while clients.waiting.qsize() > left and time.monotonic() < clients.deadline:
        time.sleep(0.02)
    scene.servers.kill_postgres()
    return time.monotonic()


def find_outage(told: list[tuple[float, int]], *, at: float) -> float:
    """Seconds from a kill to the first 201 after the first refusal that followed it."""
    refused = min((when for when, status in told if when >= at and status != 201), default=at)
    return min((when for when, status in told if when >= refused and status == 201), default=float("inf")) - at
