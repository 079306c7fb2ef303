"""What keeps the graph fresh: refreshes of the view and whoever reads meanwhile, a change at its commit, the tax on writing, rebuilding."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import loads
from statistics import median

from psycopg import Connection

from benchmarks.home import connect_owner
from benchmarks.reading.before import render_before
from benchmarks.reading.client import Client
from benchmarks.reading.database import connect_app
from benchmarks.reading.figures import Figure, divide, show
from benchmarks.reading.latency import CHANGE_EDGE, MEMORIES, Reader
from benchmarks.reading.rounds import time_it
from benchmarks.reading.universe import Person
from benchmarks.reading.web import log_in

READ_VIEW = "SELECT count(layers) FROM view_enriched_relationships WHERE user_id = %s"
DIRTY = "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE 'dirty%' AND NOT t.tgisinternal"
WRITE_ONE = (
    "UPDATE relationship_instances SET confidence_score = 1 - confidence_score WHERE user_id = %(user)s AND id = %(id)s"
)
WRITE_MANY = "UPDATE relationship_instances SET confidence_score = 1 - confidence_score WHERE user_id = %(user)s AND id = ANY(%(ids)s)"
TURNS = ((True, False), (False, True)) * 10  # whether the log is on: either goes first as often
SINGLE, MANY = 40, 1_000
LABELS = {"one": "a change of one row", "many": f"a change of {MANY:,} rows"}
CHANGES, REBUILDS, REST = 60, 7, 5.0


@dataclass(slots=True)
class Waits:
    """Milliseconds of one reader's reads."""

    taken: list[float] = field(default_factory=list)


def measure_refreshes(port: int, *, reader: Person) -> tuple[list[Figure], float]:
    """Refreshes of both kinds, and none for comparison, with two readers: one of the view itself, one over HTTP.

    Also gives the seconds of the concurrent one.
    """
    from graph.services.refresh import refresh_view

    works = {
        "refresh concurrently": lambda: refresh_view(concurrently=True),
        "plain refresh": lambda: refresh_view(concurrently=False),
        "no refresh": lambda: time.sleep(REST),
    }
    figures, cookie = [], log_in([reader.user_id])[reader.user_id]
    for name, work in works.items():
        with reading(read_view(reader)) as rows, reading(read_page(port, reader=Reader(cookie))) as pages:
            time.sleep(0.5)
            took = time_it(work) / 1000
        bar = 100 if name == "refresh concurrently" else None
        figures += [
            Figure(name, [took], "s"),
            Figure(f"{name}: longest wait of a reader of the view", [max(rows.taken)], "ms", bar),
            Figure(f"{name}: longest wait for graph/?view=memories", [max(pages.taken)], "ms", bar),
        ]
    return figures, figures[0].middle


@contextmanager
def reading(read: Callable[[], object]) -> Iterator[Waits]:
    """Somebody reads over and over, with a short rest."""
    waits, over = Waits(), threading.Event()

    def go() -> None:
        while not over.wait(0.005):
            begun = time.perf_counter()
            read()
            waits.taken.append((time.perf_counter() - begun) * 1000)

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def read_view(person: Person) -> Callable[[], object]:
    wire = connect_app()
    return lambda: wire.execute(READ_VIEW, [person.user_id]).fetchone()


def read_page(port: int, *, reader: Reader) -> Callable[[], object]:
    client, request = Client(port), reader.ask(MEMORIES)
    client.get(request)
    return lambda: client.get(request)


@dataclass(slots=True)
class Changes:
    """Milliseconds of changes that were committed, of each until it had been read, and of `SELECT 1` in between."""

    commits: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    one: list[float] = field(default_factory=list)
    stale: int = 0

    @property
    def cost(self) -> float:
        """A change until it has been read, told in `SELECT 1` of the same minute."""
        return median(divide(self.visible, self.one))


def take_changes(port: int, *, person: Person) -> Changes:
    """A change commits, and whoever asks next has it."""
    reader, client, seen = Reader(log_in([person.user_id])[person.user_id]), Client(port), Changes()
    with connect_app() as wire:
        for _ in range(CHANGES):
            version = wire.execute("SELECT graph_version(%s)", [person.user_id]).fetchone()[0]
            begun = time.perf_counter()
            wire.execute(CHANGE_EDGE, {"user": person.user_id})
            seen.commits.append((time.perf_counter() - begun) * 1000)
            reply = client.get(reader.ask(f"graph/changes/?view=memories&since={version}", encoding=""))
            seen.visible.append((time.perf_counter() - begun) * 1000)
            seen.stale += len(loads(reply.body)["edges"]["id"]) != 1
            seen.one.append(client.get(reader.ask("bench/one/")).seconds * 1000)
    client.close()
    return seen


def measure_changes(port: int, *, person: Person) -> list[Figure]:
    seen = take_changes(port, person=person)
    return [
        Figure("a change, committed", seen.commits, "ms"),
        Figure("a change, committed and read as a delta over HTTP", seen.visible, "ms"),
        Figure(f"deltas of {CHANGES} that did not have their change", [seen.stale], "", 0),
    ]


def measure_tax(person: Person) -> list[Figure]:
    """Writing with the log's triggers and with all but them, in turns."""
    times: dict[tuple[str, bool], list[float]] = {}
    with connect_app() as wire, connect_owner() as owner:
        found = wire.execute(
            "SELECT id FROM relationship_instances WHERE user_id = %s LIMIT %s", [person.user_id, MANY]
        )
        ids = [row[0] for row in found]
        for logged in (on for turn in TURNS for on in turn):
            with triggers(owner, on=logged):
                for name, milliseconds in _write(wire, user_id=person.user_id, ids=ids):
                    times.setdefault((name, logged), []).append(milliseconds)
    figures = []
    for name, label in LABELS.items():
        ratios = divide(times[name, True], times[name, False])
        figures += [
            Figure(f"{label}, logged", times[name, True], "ms"),
            Figure(f"tax of the log on {label}", ratios, "×", 1.15),
        ]
    return figures


def _write(wire: Connection, *, user_id: int, ids: Sequence[int]) -> Iterator[tuple[str, float]]:
    singles = [time_it(lambda pk=pk: wire.execute(WRITE_ONE, {"user": user_id, "id": pk})) for pk in ids[:SINGLE]]
    yield "one", median(singles)
    yield "many", time_it(lambda: wire.execute(WRITE_MANY, {"user": user_id, "ids": list(ids)}))


@contextmanager
def triggers(owner: Connection, *, on: bool) -> Iterator[None]:
    """The log's triggers as asked, on again afterwards."""
    if not on:
        _switch(owner, verb="DISABLE")
    try:
        yield
    finally:
        if not on:
            _switch(owner, verb="ENABLE")


def _switch(owner: Connection, *, verb: str) -> None:
    for table, trigger in owner.execute(DIRTY).fetchall():
        owner.execute(f"ALTER TABLE {table} {verb} TRIGGER {trigger}")


def measure_rebuild(person: Person) -> list[Figure]:
    """A person's kept bodies made anew in this process, against the seed's answer in this process."""
    from graph.selectors import KEPT, GraphQuestion

    shapes = {
        "whole graph": GraphQuestion().shape,
        "whole graph of memories": GraphQuestion(view="memories").shape,
    }
    times: dict[str, list[float]] = {}
    for _ in range(REBUILDS):
        times.setdefault("before", []).append(time_it(lambda: render_before(user_id=person.user_id)))
        times.setdefault("all", []).append(rebuild(person, shapes=[question.shape for question in KEPT]))
        for name, shape in shapes.items():
            times.setdefault(name, []).append(rebuild(person, shapes=[shape]))
    return [
        Figure("before's answer, in process", times["before"], "ms"),
        Figure(f"all {len(KEPT)} kept bodies of a person made anew", times["all"], "ms"),
        *(Figure(f"{name} made anew", times[name], "ms") for name in shapes),
        *(
            Figure(f"before / {name} made anew", divide(times["before"], times[name]), "×", 50, at_least=True)
            for name in shapes
        ),
    ]


def rebuild(person: Person, *, shapes: Sequence[str]) -> float:
    """Milliseconds of the product's own service where these bodies are missing. Raises RuntimeError where they were not kept."""
    from graph.models import Body
    from graph.services.bodies import store_bodies

    gone, _ = Body.objects.filter(user_id=person.user_id, shape__in=shapes).delete()
    if gone != len(shapes):
        raise RuntimeError("What is to be made anew was not kept.")
    return time_it(lambda: store_bodies(user_id=person.user_id))


@dataclass(frozen=True, slots=True)
class Grown:
    """A universe of one size."""

    relationships: int
    changes: Changes
    refresh: float


def compare_growth(grown: Sequence[Grown]) -> list[Figure]:
    """From the smallest universe to the largest: what a change costs, and what a refresh costs."""
    first, *_, last = grown
    return [
        Figure("growth of a change, committed and read", [last.changes.cost / first.changes.cost], "×", 1.1),
        Figure("growth of a refresh", [last.refresh / first.refresh], "×"),
    ]


def list_growth(grown: Sequence[Grown]) -> list[str]:
    return [
        "| relationships | a change, committed and read, ms | in *one* | refresh concurrently, s |",
        "|---|---|---|---|",
        *(
            f"| {one.relationships:,} | {show(median(one.changes.visible))} | {show(one.changes.cost)} | {show(one.refresh)} |"
            for one in grown
        ),
    ]
