"""Drill 4: Redis killed for 20 seconds, then stopped for 20 seconds, while memories are created."""

import signal
import threading
import time
from collections.abc import Iterator

from tests.drills.client import Answer, make_token, post_memory
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import NAMES, make_people, store_chunk

TITLE = "Redis killed, then stopped, while memories are created"
AWAY_SECONDS = 20.0
PACE = 0.08  # seconds between two memories
CLIENTS = 2
P95, LONGEST = 0.3, 3.0  # seconds
Records = Iterator[tuple[str, dict[str, object]]]


def run(scene: Scene) -> Outcome:
    outcome = Outcome(injected=f"SIGKILL and SIGSTOP, {AWAY_SECONDS:.0f} s each")
    tokens = {name: make_token(name) for name in NAMES}
    records = [(name, record) for name, part in scene.world.take_turns() for record in part]
    warm, half = len(records) // 10, len(records) * 11 // 20
    usual = [post_memory(scene.url, token=tokens[name], record=record) for name, record in records[:warm]]
    first, rest = iter(records[warm:half]), iter(records[half:])
    scene.servers.signal_redis(signal.SIGKILL)
    killed = write_for_a_while(scene, tokens=tokens, records=first)
    store_rest(first)
    scene.servers.start_redis()
    scene.servers.signal_redis(signal.SIGSTOP)
    stopped = write_for_a_while(scene, tokens=tokens, records=rest)
    store_rest(rest)
    scene.servers.signal_redis(signal.SIGCONT)
    for word, answers in (("killed", killed), ("stopped", stopped)):
        refused = [answer.status for answer in answers if answer.status != 201]
        outcome.require(bool(answers), f"nothing was written while Redis was {word}")
        outcome.require(not refused, f"{len(refused)} refused while {word}: {sorted(set(refused))}")
        outcome.require(rank(answers, 0.95) < P95, f"p95 {rank(answers, 0.95) * 1000:.0f} ms while {word}")
        outcome.require(rank(answers, 1.0) < LONGEST, f"longest {rank(answers, 1.0):.1f} s while {word}")
    outcome.note = "p95/longest of a POST: " + ", ".join(
        f"{word} {rank(answers, 0.95) * 1000:.0f}/{rank(answers, 1.0) * 1000:.0f} ms ({len(answers)})"
        for word, answers in (("before", usual), ("killed", killed), ("stopped", stopped))
    )
    scene.recover(outcome, bound=60.0)
    return outcome


def write_for_a_while(scene: Scene, *, tokens: dict[str, str], records: Records) -> list[Answer]:
    """Two clients write at an even pace; their answers."""
    answers: list[Answer] = []
    lock, end = threading.Lock(), time.monotonic() + AWAY_SECONDS

    def work() -> None:
        while time.monotonic() < end:
            with lock:
                name, record = next(records, (None, None))
            if name is None or record is None:
                return
            answers.append(post_memory(scene.url, token=tokens[name], record=record))
            time.sleep(PACE * CLIENTS)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(max(0.0, end - time.monotonic()))
    return answers


def store_rest(records: Records) -> None:
    """What the clients had no time for, while Redis is still away: only the sweeper can wake anybody for it."""
    people = make_people()
    for name, record in records:
        store_chunk(people[name], [record])


def rank(answers: list[Answer], share: float) -> float:
    """The quantile of the seconds."""
    seconds = sorted(answer.seconds for answer in answers)
    return seconds[min(len(seconds) - 1, int(share * len(seconds)))] if seconds else 0.0
