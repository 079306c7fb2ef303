"""Drill 6: Redis loses everything while 500 memories wait."""

import redis
from django.conf import settings

from tests.drills.scene import Scene
from tests.drills.table import Outcome

TITLE = "FLUSHALL with everything queued"


def run(scene: Scene) -> Outcome:
    outcome = Outcome()
    scene.world.load()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        keys = client.dbsize()
        client.flushall()
    outcome.injected = f"{keys} keys of Redis gone"
    scene.recover(outcome, bound=60)
    return outcome
