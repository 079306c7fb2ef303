"""Drill 5: Redis restarts under a busy worker, while tasks wait on a countdown."""

import json
import signal

import redis
from django.conf import settings

from tests.drills.measures import count, read, wait_until
from tests.drills.mishaps import PASSING, PASSING_SECONDS, SLOW
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import write_as_guest

TITLE = "Redis restarted under a busy worker"
COUNTED = 20
WAITING = "SELECT count(*) FROM memories_memory WHERE content LIKE %s AND attempts = 1 AND lease_until IS NULL AND due_at > now()"
ARRIVED = "SELECT count(*) FROM memories_memory WHERE content LIKE %s AND stage = 'enriched'"
OVERDUE = "SELECT extract(epoch FROM now() - max(due_at)) FROM memories_memory WHERE content LIKE %s"
LEASES = "SELECT count(*) FROM memories_memory WHERE lease_until > now()"
LATEST = 60.0  # seconds after they were due


def run(scene: Scene) -> Outcome:
    outcome = Outcome()
    passing = [f"{PASSING} Tea with Tomas Kowal, {n}." for n in range(COUNTED)]
    slow = [f"{SLOW} Walked to the harbour, {n}." for n in range(3)]
    guests = write_as_guest([*passing, *slow])
    like = [f"{PASSING}%"]
    waiting = wait_until(lambda: count(WAITING, like) == COUNTED and count_countdowns() > 0, seconds=60)
    outcome.require(waiting is not None, "nothing ever waited on a countdown")
    scene.world.load()
    leased = wait_until(lambda: count(LEASES) > 0, seconds=30)
    outcome.require(leased is not None, "the worker was not busy")
    held, still = count_countdowns(), count(WAITING, like)
    outcome.require(held > 0 and still == COUNTED, f"{still} memories and {held} messages waited when Redis was killed")
    overdue = float(read(OVERDUE, like)[0][0])
    scene.servers.signal_redis(signal.SIGKILL)
    scene.servers.start_redis()
    outcome.injected = (
        f"SIGKILL and start with {still} memories and {held} messages on a countdown of {PASSING_SECONDS:.0f} s"
    )
    arrived = wait_until(lambda: count(ARRIVED, like) == COUNTED, seconds=LATEST + 120)
    late = None if arrived is None else arrived + overdue
    outcome.require(
        late is not None and late < LATEST + scene.reference_seconds, "what waited on a countdown came too late"
    )
    outcome.require(scene.crew.is_alive("worker") and scene.crew.is_alive("graph"), "a worker is not there")
    outcome.note = "the last of the countdowns ended " + ("never" if late is None else f"{late:.1f} s after it was due")
    scene.recover(outcome, besides=guests)
    return outcome


def count_countdowns() -> int:
    """Messages that a worker holds, unacknowledged, until their time comes."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        held = [json.loads(message)[0] for message in client.hvals("unacked")]
    return sum(bool(message["headers"].get("eta")) for message in held)
