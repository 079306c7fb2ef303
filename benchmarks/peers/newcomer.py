"""Storing: somebody's rows once more for somebody new, with COPY into the product's tables, all keys and triggers on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.types.string import TextLoader

from benchmarks.peers.ours import take
from benchmarks.peers.process import Taken
from benchmarks.reading.universe import Person

GRAPH = ("normalized_entities", "graph_entities", "entity_ties")
LIFE = ("memories_memory", "entity_matches", "relationship_instances")  # what is behind the graph, stored besides
IDS = {"id", "canonical_id", "a_id", "b_id", "memory_id", "entity_id", "source_event_id", "target_event_id"}
FINDINGS = {
    "temporal_pattern_id", "seasonal_pattern_id", "pattern_id", "cross_platform_id", "predicted_relationship_id", "delta_log_id",
}  # fmt: skip
AWAY = 10**12  # ids of different people lie so far apart
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
ADD_PERSON = """
INSERT INTO memories_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined, time_zone)
VALUES (%(user)s, 'newcomer' || %(user)s, '!', '', '', '', false, false, true, now(), 'UTC')
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What goes into a table."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


class Newcomers:
    """People who come one after the other with the same graph as `model`; ids from `first` on are nobody's."""

    def __init__(self, wire: Connection, *, model: Person, first: int) -> None:
        wire.adapters.register_loader("jsonb", TextLoader)
        self.wire, self.model, self.next = wire, model, first

    def store_graph(self) -> Taken:
        """And the body in which it is fetched whole."""
        return self.store(GRAPH, keep=keep_whole_graph)

    def store_life(self) -> Taken:
        """And every kept body of both views."""
        return self.store((*GRAPH, *LIFE), keep=keep_all)

    def store(self, tables: Sequence[str], *, keep: Callable[[int], None]) -> Taken:
        """In one transaction, then what is kept is made. Reading the rows is not timed; what came out is their number."""
        user, self.next = self.next, self.next + 1
        self.wire.execute(ADD_PERSON, {"user": user})
        content = {table: self.read(table, user=user) for table in tables}
        return take(
            lambda: self.write(content, user=user, keep=keep),
            tell=lambda _: sum(len(one.rows) for one in content.values()),
        )

    def read(self, table: str, *, user: int) -> Rows:
        columns = [name for (name,) in self.wire.execute(COLUMNS, [table])]
        chosen = ", ".join(choose(name, user=user) for name in columns)
        order = f"SELECT {chosen} FROM {table} WHERE user_id = %s ORDER BY id"  # noqa: S608 -- our own names
        return Rows(columns, self.wire.execute(order, [self.model.user_id]).fetchall())

    def write(self, content: Mapping[str, Rows], *, user: int, keep: Callable[[int], None]) -> None:
        with self.wire.transaction(), self.wire.cursor() as cursor:
            for table, one in content.items():
                names = ", ".join(f'"{name}"' for name in one.columns)
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in one.rows:
                        copy.write_row(row)
        keep(user)


def keep_whole_graph(user_id: int) -> None:
    """One body as graph/services/bodies.py makes each."""
    from graph.models import Body
    from graph.selectors import GraphQuestion, read_graph
    from memories.compression import compress_body

    question = GraphQuestion()
    answer = read_graph(user_id=user_id, question=question)
    packed = compress_body((answer.body or "").encode(), encoding="zstd")
    Body.objects.create(user_id=user_id, shape=question.shape, version=answer.version, packed=packed)


def keep_all(user_id: int) -> None:
    from graph.services.bodies import store_bodies

    store_bodies(user_id=user_id)


def choose(column: str, *, user: int) -> str:
    """A column as the newcomer has it: under ids of their own, without the findings of layers."""
    if column == "user_id":
        return str(user)
    if column in IDS:
        return f'"{column}" + {user * AWAY}'
    return "NULL" if column in FINDINGS else f'"{column}"'
