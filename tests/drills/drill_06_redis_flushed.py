"""Drill 6: Redis loses everything while all memories wait; no worker is there that could tell others, so only the sweeper can."""

import redis
from django.conf import settings

from tests.drills.measures import count
from tests.drills.scene import Scene
from tests.drills.table import Outcome

TITLE = "FLUSHALL with everything queued"
WORKERS = ("worker", "graph")
WAITING = "SELECT count(*) FROM memories_memory WHERE stage = 'stored' AND lease_until IS NULL"


def run(scene: Scene) -> Outcome:
    outcome = Outcome()
    usual = {name: scene.crew.commands[name] for name in WORKERS}
    scene.crew.dismiss(*usual)
    try:
        scene.world.load()
        waiting = count(WAITING)
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            queued = int(client.llen("celery"))
            client.flushall()
    finally:
        for name, command in usual.items():
            scene.crew.add(name, command)
    outcome.require(waiting == len(scene.world.keys), f"only {waiting} memories waited")
    outcome.require(queued > 0, "no wake-up was queued")
    outcome.injected = f"{queued} wake-ups of {waiting} memories gone"
    scene.recover(outcome, bound=60)
    return outcome
