"""One person's graph over HTTP, one client: the seed's way, the least a view can do, and every way in which this product answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import psycopg

from benchmarks.reading.database import connect_app
from benchmarks.reading.figures import Figure
from benchmarks.reading.rounds import Path, Request, Rounds, take_rounds, time_it
from benchmarks.reading.universe import Person
from benchmarks.reading.web import give_token, log_in

ROUNDS = 15
BEFORE, FIX, ONE, LIMIT = "before", "fix", "one", "libpq"
WHOLE, DRAWING, SLICE, SAME = "graph/", "graph/?as=drawing", "graph/?as=drawing&limit=150&edges=300", "304"
MEMORIES = "graph/?view=memories"
VALID = (500.0, 1300.0)  # before / one: outside of it the run says nothing
# A change of what the graph shows of the person, and the next one takes it back.
CHANGE_TIE = "UPDATE entity_ties SET weight = 5 - weight WHERE user_id = %(user)s AND id = (SELECT min(id) FROM entity_ties WHERE user_id = %(user)s)"
CHANGE_EDGE = (
    "UPDATE relationship_instances SET confidence_score = 1 - confidence_score"
    " WHERE user_id = %(user)s AND id = (SELECT min(id) FROM relationship_instances WHERE user_id = %(user)s)"
)
KEPT = "SELECT packed FROM graph_bodies WHERE user_id = %s AND shape = %s"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is logged in and asks."""

    cookie: Mapping[str, str]

    def ask(self, path: str, *, encoding: str = "zstd", **headers: str) -> Request:
        coding = {"Accept-Encoding": encoding} if encoding else {}
        return Request(path, {**self.cookie, **coding, **headers})

    def always(self, path: str, *, encoding: str = "zstd", **headers: str) -> Callable[[], Request]:
        request = self.ask(path, encoding=encoding, **headers)
        return lambda: request


class Changer:
    """Somebody else's hand: commits a change of a person's graph each time before it is asked for."""

    def __init__(self, wire: psycopg.Connection, *, user_id: int) -> None:
        self.wire = wire
        self.user = {"user": user_id}

    def before(self, request: Request, *, statement: str) -> Callable[[], Request]:
        def ask() -> Request:
            self.wire.execute(statement, self.user)
            return request

        return ask

    def delta(self, reader: Reader, *, statement: str, view: str) -> Callable[[], Request]:
        """Ask for what a change was, from the version before it."""

        def ask() -> Request:
            version = self.wire.execute("SELECT graph_version(%(user)s)", self.user).fetchone()[0]
            self.wire.execute(statement, self.user)
            return reader.ask(f"graph/changes/?view={view}&since={version}")

        return ask


def measure_latency(port: int, *, still: Person, moving: Person) -> Rounds:
    """`still` is read as they are; `moving` changes before each read."""
    cookies = log_in([still.user_id, moving.user_id])
    with connect_app() as wire:
        paths = [
            *list_baselines(Reader(cookies[still.user_id]), token=Reader(give_token(still.user_id))),
            *list_answers(Reader(cookies[still.user_id]), version=read_version(wire, user_id=still.user_id)),
            *list_changed(Reader(cookies[moving.user_id]), changer=Changer(wire, user_id=moving.user_id)),
        ]
        return take_rounds(port, paths=paths, rounds=ROUNDS)


def list_baselines(reader: Reader, *, token: Reader) -> list[Path]:
    return [
        Path(BEFORE, reader.always("bench/before/"), times=1),
        Path(FIX, reader.always("bench/fix/"), times=1),
        Path(ONE, reader.always("bench/one/"), times=20),
        Path("one, by token", token.always("bench/one/")),
    ]


def list_answers(reader: Reader, *, version: str) -> list[Path]:
    return [
        Path(WHOLE, reader.always(WHOLE), times=20),
        Path("graph/, gzip", reader.always(WHOLE, encoding="gzip")),
        Path("graph/, not packed", reader.always(WHOLE, encoding="")),
        Path(DRAWING, reader.always(DRAWING), times=20),
        Path(SLICE, reader.always(SLICE), times=20),
        Path(MEMORIES, reader.always(MEMORIES)),
        Path("graph/?view=memories&as=drawing", reader.always("graph/?view=memories&as=drawing")),
        Path(SAME, reader.always(WHOLE, **{"If-None-Match": f'W/"{version}"'}), times=20, status=304),
    ]


def list_changed(reader: Reader, *, changer: Changer) -> list[Path]:
    return [
        Path("graph/, just changed", changer.before(reader.ask(WHOLE), statement=CHANGE_TIE), times=4),
        Path(
            "graph/?view=memories, just changed", changer.before(reader.ask(MEMORIES), statement=CHANGE_EDGE), times=4
        ),
        Path("graph/changes/", changer.delta(reader, statement=CHANGE_TIE, view="entities"), times=4),
        Path("graph/changes/?view=memories", changer.delta(reader, statement=CHANGE_EDGE, view="memories"), times=4),
    ]


def read_version(wire: psycopg.Connection, *, user_id: int) -> str:
    return str(wire.execute("SELECT graph_version(%s)", [user_id]).fetchone()[0])


def measure_limit(person: Person) -> list[float]:
    """Milliseconds of the kept body as bytes from the database and no more: what the wire to it allows.

    Raises RuntimeError where none is kept: that would be quick and no limit.
    """
    from graph.selectors import GraphQuestion

    asked = [person.user_id, GraphQuestion().shape]
    with connect_app() as wire, wire.cursor(binary=True) as cursor:
        if cursor.execute(KEPT, asked).fetchone() is None:
            raise RuntimeError("The person's graph is not kept.")
        return [time_it(lambda: cursor.execute(KEPT, asked).fetchone()) for _ in range(ROUNDS * 10)]


def judge(rounds: Rounds, *, limit: list[float]) -> list[Figure]:
    """The bars of one client's reading."""
    sizes = {name: len(rounds.last[name].body) / 1000 for name in (SLICE, DRAWING, WHOLE, BEFORE)}
    return [
        Figure("before / one", rounds.ratio(BEFORE, to=ONE), "×"),
        Figure("fix: before / one ORM query of the view and DRF", rounds.ratio(BEFORE, to=FIX), "×"),
        Figure("before / whole graph", rounds.ratio(BEFORE, to=WHOLE), "×", 500, at_least=True),
        Figure("before / whole graph of memories", rounds.ratio(BEFORE, to=MEMORIES), "×", 500, at_least=True),
        Figure("before / whole graph, just changed", rounds.ratio(BEFORE, to="graph/, just changed"), "×", 60, at_least=True),
        Figure("before / whole graph of memories, just changed",
               rounds.ratio(BEFORE, to="graph/?view=memories, just changed"), "×", 60, at_least=True),
        Figure("whole graph / one", rounds.ratio(WHOLE, to=ONE), "×", 2),
        Figure("whole graph of memories / one", rounds.ratio(MEMORIES, to=ONE), "×", 2),
        Figure("before / first slice", rounds.ratio(BEFORE, to=SLICE), "×", 800, at_least=True),
        Figure("first slice / one", rounds.ratio(SLICE, to=ONE), "×", 1.3),
        Figure("whole graph / libpq alone, the same bytes", [one / median(limit) for one in rounds.milliseconds[WHOLE]], "×"),
        Figure("first slice, packed", [sizes[SLICE]], "kB", 6),
        Figure("whole drawing, packed", [sizes[DRAWING]], "kB", 30),
        Figure("whole graph, packed", [sizes[WHOLE]], "kB"),
        Figure("before's answer", [sizes[BEFORE]], "kB"),
    ]  # fmt: skip


def is_void(rounds: Rounds) -> bool:
    """Whether the baselines stand to each other as on no machine that these bars were made for."""
    return not VALID[0] <= median(rounds.ratio(BEFORE, to=ONE)) <= VALID[1]
