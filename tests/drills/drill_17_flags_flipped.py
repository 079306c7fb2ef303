"""Drill 17: phases flipped in any order while people read and write, and messages as older versions sent them."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from threading import Event, Thread
from typing import Any

from celery import current_app
from django.db import connection

from config.rollout.phases import IN_ORDER, PHASES, Phase
from config.rollout.turn import advance_phase, roll_back
from memories.services.store import store_drafts
from tests.drills.client import call, post_memory
from tests.drills.crowd import READING, crowding, describe_crowd, judge_crowd, make_headers
from tests.drills.measures import WAITING, count, read
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import NAMES, Key, make_people, read_draft, write_as_guest

TITLE = "phases flipped under load, old messages replayed"
BY = "drill"
PEOPLE = 20
SINGLE_FLIPS = 6  # between all off and all on
FLIP_SECONDS = 0.7
SEEN_SECONDS = 6.0  # after so long every process has seen a flip
NOTE, NOTES = "Lunch with Tomas Kowal in Lisbon.", 10  # written when everything is off
ROUNDS = 2  # on, off, on, off, on
READS = ("memories/", "dashboard/", "search/?q=the", "graph/", "graph/?view=memories", "narrative/")
GATED = [phase for phase in IN_ORDER if phase.gates]
OLD_MESSAGES: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("memories.tasks.advance_memories", ["stored"], {}),
    ("memories.tasks.advance_memories", ["a stage that was"], {}),
    ("memories.tasks.advance_memories", ["stored", 7, "more"], {}),
    ("memories.tasks.advance_memories", [], {"takes": "extracted", "user_id": 1}),
    ("memories.tasks.advance_memories", [], {}),
    ("memories.tasks.run_job", ["0b9c7a52-8f4c-4f0e-9f9f-3f6f2b6f1f10"], {}),
    ("graph.tasks.do_graph_work", ["layout", 12], {}),
    ("graph.tasks.refresh_view", [], {}),
    ("integrations.tasks.sync_connection", [999_999], {}),
    ("integrations.tasks.sync_connection", ["no number"], {}),
    ("integrations.tasks.handle_webhooks", [{"type": "auth"}], {}),
]


def run(scene: Scene) -> Outcome:
    outcome, restarts, fate = Outcome(), Counter(scene.crew.restarts), scene.random
    guests: set[Key] = set()
    make_people()
    headers = make_headers([NAMES[n % len(NAMES)] for n in range(PEOPLE)])
    flips = count("SELECT count(*) FROM config_flip")
    try:
        with crowding(scene, headers, mix=READING, think=1.0) as crowd, writing(scene) as refused:
            for _ in range(ROUNDS):
                flip_some(fate)
                roll_back(PHASES, by=BY, reason="drill 17")
                time.sleep(SEEN_SECONDS)
                guests |= write_as_guest([NOTE] * NOTES, begin=len(guests))
                judge_stillness(scene, outcome, headers=headers[0])
                flip_some(fate)
                turn_all_on()
                send_old_messages()
    finally:
        turn_all_on()
    judge_crowd(outcome, crowd.report)
    outcome.require(not refused, f"{len(refused)} POSTs were not answered with 201: {Counter(refused)}")
    died = {name: times - restarts[name] for name, times in scene.crew.restarts.items() if times > restarts[name]}
    outcome.require(not died, f"died: {died}")
    flips = count("SELECT count(*) FROM config_flip") - flips
    outcome.injected = f"{flips} flips, {ROUNDS * len(OLD_MESSAGES)} old messages"
    outcome.note = describe_crowd(crowd.report)
    lost = outcome.lost or 0
    scene.recover(outcome, besides=guests)
    outcome.lost = (outcome.lost or 0) + lost
    return outcome


@contextmanager
def writing(scene: Scene) -> Iterator[list[int]]:
    """Memories keep coming while the block runs, the last ones when it is over; the statuses that were not 201."""
    refused: list[int] = []
    over, parts = Event(), list(scene.world.take_turns())
    headers = {name: make_headers([name])[0]["Authorization"].removeprefix("Token ") for name in NAMES}

    def write() -> None:
        users = make_people()
        for name, part in parts:
            store_drafts(user=users[name], drafts=[read_draft(record) for record in part[5:]], origin="drill")
            for record in part[:5]:
                answer = post_memory(scene.url, token=headers[name], record=record)
                if answer.status != 201:
                    refused.append(answer.status)
            over.wait(2.0)
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        yield refused
    finally:
        over.set()
        thread.join()


def flip_some(fate: Random) -> None:
    """Single phases on and off, as it comes."""
    for _ in range(SINGLE_FLIPS):
        phase: Phase = fate.choice(GATED)
        if fate.random() < 0.5:
            roll_back([phase], by=BY, reason="drill 17")
        else:
            percent = fate.choice([None, 50]) if phase.flag else None
            advance_phase(phase, by=BY, force=True, percent=percent)
        send_old_messages(few=2)
        time.sleep(FLIP_SECONDS)


def turn_all_on() -> None:
    for phase in PHASES:
        if phase.gates:
            advance_phase(phase, by=BY, force=True)


def send_old_messages(*, few: int | None = None) -> None:
    for task, args, kwargs in OLD_MESSAGES[:few]:
        current_app.send_task(task, args=args, kwargs=kwargs)


def judge_stillness(scene: Scene, outcome: Outcome, *, headers: dict[str, str]) -> None:
    """With everything off and what was under way at its end: nothing is worked on though it waits, and what people see is there."""
    waiting, before = count(WAITING["memories"]), read_work()
    outcome.require(waiting >= NOTES, f"all off: {waiting} memories waited")
    send_old_messages(few=2)
    for path in READS:
        status = call(scene.url, "GET", f"/api/v1/{path}", headers=headers).status
        outcome.require(status == 200, f"all off: {path} {status}")
    time.sleep(1.0)
    after = read_work()
    outcome.require(before == after, f"all off: work went on, {before} became {after}")


def read_work() -> dict[str, int]:
    """What has been done, by stage; what was stored meanwhile is not work."""
    return dict(read("SELECT stage, count(*) FROM memories_memory WHERE stage <> 'stored' GROUP BY 1 ORDER BY 1"))
