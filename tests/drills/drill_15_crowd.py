"""Drill 15: 200 people on max_connections = 20, beside workers, a backfill and refreshes of the view."""

import threading
import time

from celery import current_app
from django.db import connection
from django.utils import timezone

from tests.drills.crowd import crowding, describe_crowd, judge_crowd, make_headers
from tests.drills.measures import count, count_doubled, count_failures, count_waiting, settle
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import read_keys

TITLE = "200 people on max_connections = 20"
PEOPLE = 200
NOTES = 4  # of each, two thirds of them old
SECONDS = 60
P95_SECONDS = 3.0
ADMIT_SECONDS = 1.0
ADMITTED = 60
REFRESH_TICKS = 10
REFRESHES = "SELECT count(*) FROM graph_refreshes"
BOUND = 300.0  # on two cores: what 200 people have written meanwhile is worked off


def run(scene: Scene) -> Outcome:
    from config.local.crowd import name_people
    from config.local.seed import seed_people
    from memories.services.backfill import admit_memories

    outcome, names = Outcome(), name_people(PEOPLE)
    seed_people(names=names, notes=NOTES, now=timezone.now())
    make_old()
    seeded = set(read_keys())
    admit_memories(limit=ADMITTED, per_day=ADMITTED)  # in line when the crowd comes; beat's task goes on with them
    headers = make_headers(names)
    background = Background()
    connection.close()
    with crowding(scene, headers) as crowd, background:
        time.sleep(SECONDS)
    outcome.injected = (
        f"{PEOPLE} people, {SECONDS} s; {background.admitted} old memories let in, {background.refreshes} refreshes"
    )
    judge_crowd(outcome, crowd.report, p95=P95_SECONDS)
    outcome.require(background.refreshes > 0, "no refresh ran")
    outcome.require(background.admitted > 0, "no old memory was let in")
    outcome.note = describe_crowd(crowd.report)
    outcome.bound = BOUND
    outcome.recovery = settle(seconds=BOUND)
    outcome.lost = (outcome.lost or 0) + len(seeded - set(read_keys()))
    outcome.doubled = sum(count_doubled().values())
    outcome.stuck, outcome.found = sum(count_waiting().values()), count_failures()
    return outcome


def make_old() -> None:
    """Two thirds of the memories were there before anything was read; they wait to be let in."""
    from memories.models import Lane, Memory

    old = Memory.objects.filter(stage="stored", lease_until=None).extra(where=["memories_memory.id %% 3 > 0"])
    old.update(intake="backfill", lane=Lane.BACKFILL, due_at=None)


class Background:
    """The tasks of beat that let old memories in and refresh the view, more often than beat sends them, for the length of a block."""

    def __init__(self) -> None:
        self._refreshes = count(REFRESHES)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def admitted(self) -> int:
        return count("SELECT count(*) FROM memories_memory WHERE admitted_at IS NOT NULL")

    @property
    def refreshes(self) -> int:
        return count(REFRESHES) - self._refreshes

    def _work(self) -> None:
        ticks = 0
        while not self._over.wait(ADMIT_SECONDS):
            current_app.send_task("memories.tasks.admit_backfill")
            if ticks % REFRESH_TICKS == 0:
                current_app.send_task("graph.tasks.refresh_view_in_order")
            ticks += 1
