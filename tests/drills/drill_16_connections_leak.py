"""Drill 16: 2,000 tasks, a part of which fails; afterwards no connection is left over."""

import os

import redis
from celery import current_app
from django.conf import settings

from config.local.load_report import IDLE_SECONDS
from config.local.load_watch import Watch
from tests.drills.measures import list_leaks, read_resting, wait_until
from tests.drills.mishaps import BROKEN
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import write_as_guest

TITLE = "2,000 tasks, many of which fail: connections"
TASKS = 2000
BROKEN_TEXTS = 5
PATIENCE = 300.0  # seconds in which all of them are done
QUEUES = ("celery", "graph", "sync", "connect")
KINDS = (  # what is sent in turn; the second knows no such stage and fails, the fourth has no such connection
    ("memories.tasks.advance_memories", ["stored"], "celery"),
    ("memories.tasks.advance_memories", ["no such stage"], "celery"),
    ("graph.tasks.do_graph_work", [], "graph"),
    ("integrations.tasks.sync_connection", [0], "sync"),
    ("integrations.tasks.record_failures", [], "celery"),
)


def run(scene: Scene) -> Outcome:
    outcome = Outcome(expected=BROKEN_TEXTS)
    base = read_resting()
    with Watch(os.environ["DATABASE_URL"]) as watch:
        guests = write_as_guest([BROKEN] * BROKEN_TEXTS)
        scene.world.load()
        for n in range(TASKS):
            name, arguments, queue = KINDS[n % len(KINDS)]
            current_app.send_task(name, args=arguments, queue=queue)
        outcome.require(wait_until(are_done, seconds=PATIENCE) is not None, "the tasks did not end")
        scene.recover(outcome, besides=guests)
    after, held = read_resting(), watch.held
    outcome.injected = f"{TASKS} tasks, {TASKS // len(KINDS)} of which raise"
    leaks = list_leaks(base, after)
    outcome.require(not leaks, f"connections stay open: {leaks}")
    outcome.require(held.looks > held.missed, f"connections were seen {held.looks} times and not {held.missed} times")
    outcome.require(
        held.idle_in_transaction <= IDLE_SECONDS, f"a transaction idled for {held.idle_in_transaction:.1f} s"
    )
    outcome.require(held.together <= settings.DB_CONNECTION_BUDGET, f"{held.together} connections at once")
    outcome.note = f"at most {held.together} connections, idle in a transaction {held.idle_in_transaction:.2f} s at most, resting {sum(base.values())} before, {sum(after.values())} after"
    return outcome


def are_done() -> bool:
    """No queue holds a message; what is being worked on is beat's."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return not sum(int(client.llen(name)) for name in QUEUES) and int(client.hlen("unacked")) <= len(QUEUES)
