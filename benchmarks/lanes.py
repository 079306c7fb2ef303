"""Whether a new memory waits for old ones: seconds from its commit to `enriched`, idle and while 10,000 old memories are worked on.

Real processes do the work: a worker of two, and one for graph jobs, as the Procfile starts them. One person has half of the old memories,
fifty others share the rest; every second new memory is that one person's own. `python -m benchmarks.lanes` prints the figures.
"""

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measures import Part
from config.local.demo import generate_life
from config.local.home import ROOT
from config.local.processes import die_with_parent, stop_processes

if TYPE_CHECKING:
    from memories.models import User

OLD, OTHERS, NEW = 10_000, 50, 200
BAR_SECONDS = 2.0  # how much later a new memory may arrive at the 99th percentile
GIVE_UP_SECONDS = 120.0
LOOK_SECONDS = 0.005
PAUSE_SECONDS = 0.5  # at most, between two new memories
QUEUES = {"worker": ("celery,ticks", 2), "graph": ("graph", 1)}


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from commit to `enriched`, one a new memory."""

    name: str
    own: Sequence[float]
    others: Sequence[float]

    @property
    def seconds(self) -> list[float]:
        return [*self.own, *self.others]

    def at(self, percent: float) -> float:
        return float(np.percentile(self.seconds, percent))


def measure_lanes(*, old: int = OLD, new: int = NEW) -> Part:
    """A table, and the bar if it does not hold."""
    from benchmarks.home import fresh_database

    with fresh_database():
        people = make_people()
        texts = write_texts(old + 4 * new)
        store_old(people, texts=texts, number=old)
        with running_workers():
            take_new(people, texts=texts, number=len(people))  # engines are loaded, everybody has a graph
            wait_until_idle()
            idle = Waits("idle", *take_new(people, texts=texts, number=new))
            wait_until_idle()
            begin_backfill(old)
            begun = time.monotonic()
            busy = Waits("while old ones are worked on", *take_new(people, texts=texts, number=new))
            seconds, left = time.monotonic() - begun, count_old()
    late = busy.at(99) - idle.at(99)
    broken = [] if late <= BAR_SECONDS else [f"lanes: {late:.2f} s later at the 99th percentile"]
    broken += [] if left else ["lanes: the old memories were done before the new ones"]
    return tabulate([idle, busy], old=old, left=left, seconds=seconds, late=late), broken


def make_people() -> "list[User]":
    """The person with half of the old memories first."""
    from memories.models import User

    names = ["everybody", *(f"other{number}" for number in range(OTHERS))]
    return [User.objects.create(username=name, time_zone="Europe/Lisbon") for name in names]


def write_texts(number: int) -> Iterator[dict[str, object]]:
    """Records of made-up lives, without their keys."""
    from django.utils import timezone

    today = timezone.now().date()
    lives = (generate_life(memories=2_000, end=today, seed=seed).records for seed in range(1, 2 + number // 2_000))
    for record in itertools.chain.from_iterable(lives):
        yield {
            key: value for key, value in record.items() if key in ("content", "title", "occurred_at", "participants")
        }


def store_old(people: "Sequence[User]", *, texts: Iterator[dict[str, object]], number: int) -> None:
    from django.utils import timezone

    from memories.services.backfill import mark_old

    store(people[0], texts=texts, number=number // 2)
    for person in people[1:]:
        store(person, texts=texts, number=number // 2 // len(people[1:]))
    mark_old(before=timezone.now().date() + timedelta(days=1))


def store(person: "User", *, texts: Iterator[dict[str, object]], number: int) -> list[int]:
    """Store so many memories at once; returns their ids."""
    from django.utils import timezone

    from memories.drafts import parse_draft
    from memories.models import Memory
    from memories.services.store import store_drafts

    origin = f"bench:{random.random()}"  # noqa: S311 -- no secret
    chunk = list(itertools.islice(texts, number))
    drafts = [
        parse_draft(record | {"external_id": f"{origin}:{place}"}, time_zone=person.zone, now=timezone.now())
        for place, record in enumerate(chunk)
    ]
    store_drafts(user=person, drafts=drafts, origin=origin)
    return list(Memory.objects.filter(origin=origin).values_list("pk", flat=True))


@contextmanager
def running_workers() -> Iterator[None]:
    """The Procfile's workers on the bench's database."""
    processes: list[subprocess.Popen[bytes]] = []
    with TemporaryDirectory() as folder:
        try:
            for name, (queue, concurrency) in QUEUES.items():
                with (Path(folder) / f"{name}.log").open("wb") as log:
                    processes.append(launch(queue, concurrency=concurrency, log=log.fileno()))
            yield
        finally:
            stop_processes(processes, seconds=20)


def launch(queue: str, *, concurrency: int, log: int) -> subprocess.Popen[bytes]:
    options = ["--pool", "prefork", "--concurrency", str(concurrency), "--without-mingle", "--without-gossip"]
    return subprocess.Popen(  # noqa: S603 -- our own interpreter
        [sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", queue, *options],
        cwd=ROOT,
        env=os.environ,
        stdout=log,
        stderr=log,
        process_group=0,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def take_new(
    people: "Sequence[User]", *, texts: Iterator[dict[str, object]], number: int
) -> tuple[list[float], list[float]]:
    """Store new memories one after the other, every second one the first person's; how long each took, theirs and others'."""
    waits: tuple[list[float], list[float]] = ([], [])
    for turn in range(number):
        person = people[0] if turn % 2 == 0 else people[1 + turn // 2 % (len(people) - 1)]
        (memory,) = store(person, texts=texts, number=1)
        waits[turn % 2].append(wait_for_arrival(memory))
        time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 -- no secret
    return waits


def wait_for_arrival(memory: int) -> float:
    from memories.models import Memory

    rows = Memory.objects.filter(pk=memory, stage="enriched")
    return wait(lambda: rows.exists(), told=f"memory {memory}")


def wait_until_idle() -> None:
    from graph.models import Work
    from memories.pipeline import count_waiting

    wait(lambda: not count_waiting() and not Work.objects.exists(), told="everything before it")


def wait(condition: Callable[[], bool], *, told: str) -> float:
    begun = time.monotonic()
    while not condition():
        if time.monotonic() > begun + GIVE_UP_SECONDS:
            raise SystemExit(f"{told} did not arrive within {GIVE_UP_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def begin_backfill(number: int) -> None:
    """All of them at once: never are more in line."""
    from memories.services.backfill import admit_memories

    if admit_memories(limit=number, per_day=number) != number:
        raise SystemExit("Some old memories were not let in; is the backfill paused?")


def count_old() -> int:
    from memories.models import Lane
    from memories.pipeline import count_waiting

    return sum(count_waiting(lanes=[Lane.BACKFILL]).values())


def tabulate(figures: Sequence[Waits], *, old: int, left: int, seconds: float, late: float) -> str:
    rows = [
        "## New memories beside old ones",
        "",
        f"{old:,} old memories were let in at once; {old - left:,} of them arrived in the {seconds:.0f} s of the second row.",
        "",
        "| seconds from commit to `enriched` | new memories | median | p95 | p99 | worst | worst of the person with most old ones |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {one.name} | {len(one.seconds)} | {one.at(50):.2f} | {one.at(95):.2f} | {one.at(99):.2f} | {max(one.seconds):.2f} | {max(one.own):.2f} |"
            for one in figures
        ),
        "",
        f"At the 99th percentile a new memory arrives {late:.2f} s later (bar: {BAR_SECONDS:.0f} s).",
        "",
    ]
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.lanes", description="Whether a new memory waits for old ones.")
    parser.add_argument("--old", type=int, default=OLD)
    parser.add_argument("--new", type=int, default=NEW)
    given = parser.parse_args()
    from benchmarks.home import open_home

    with open_home():
        text, broken = measure_lanes(old=given.old, new=given.new)
    sys.stdout.write(f"{text}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
