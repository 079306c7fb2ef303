"""People by the hundred with graphs of given sizes, made up inside the database, on disk for the length of one run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from benchmarks.home import connect_owner
from benchmarks.reading.bare import stripped

TABLES = (
    "memories_memory", "graph_memory_places", "normalized_entities", "graph_entities", "entity_matches", "entity_ties", "graph_series",
    "temporal_patterns", "seasonal_patterns", "predicted_relationships", "relationship_patterns", "cross_platform_relationships",
    "relationship_instances", "event_delta_logs", "causal_relationships", "root_cause_analyses", "duplicate_transactions",
)  # fmt: skip
USUAL = 5_000
SPECIAL = (1_000, 10_000, 100_000)  # one person of each of these sizes lives among the others


@dataclass(frozen=True, slots=True)
class Person:
    """How much one person has; everything grows with the relationships, 5,000 of which go with 2,000 memories and 400 entities."""

    user_id: int
    relationships: int

    @property
    def memories(self) -> int:
        return self.relationships * 2 // 5

    @property
    def entities(self) -> int:
        return self.relationships * 2 // 25

    @property
    def ties(self) -> int:
        return self.relationships

    @property
    def series(self) -> int:
        return self.relationships // 5

    @property
    def mentions(self) -> int:
        return self.memories * 3

    @property
    def row(self) -> tuple[int, ...]:
        return (
            self.user_id, self.relationships, self.memories, self.entities, self.ties, self.series, self.mentions,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Universe:
    """Who is there. `usual` have 5,000 relationships each."""

    people: Sequence[Person]

    @property
    def usual(self) -> Sequence[Person]:
        return [person for person in self.people if person.relationships == USUAL]

    @property
    def relationships(self) -> int:
        return sum(person.relationships for person in self.people)

    def find(self, relationships: int) -> Person:
        """The only person of that size; raises StopIteration where there is none."""
        return next(person for person in self.people if person.relationships == relationships)


def plan_universe(*, people: int, special: Sequence[int] = SPECIAL) -> Universe:
    """So many people of the usual size, and one of each special size. At most 999 in all: ids are made for that many."""
    sizes = [USUAL] * people + list(special)
    return Universe([Person(user_id, size) for user_id, size in enumerate(sizes, start=1)])


def load_universe(universe: Universe) -> float:
    """Fill the empty tables; seconds that took. The view is refreshed by whoever asked."""
    begun = time.monotonic()
    with connect_owner() as owner:
        owner.execute("SET synchronous_commit = off")
        owner.execute("SET maintenance_work_mem = '256MB'")
        owner.execute("SET work_mem = '128MB'")
        _write_people(owner, universe=universe)
        with stripped(owner, tables=TABLES):
            owner.execute((Path(__file__).parent / "universe.sql").read_text(encoding="utf-8"))
        _set_sequences(owner)
        owner.execute("VACUUM ANALYZE")
    return time.monotonic() - begun


def _write_people(owner: Connection, *, universe: Universe) -> None:
    names = ("u", "relationships", "memories", "entities", "ties", "series", "mentions")
    owner.execute(f"CREATE TEMP TABLE bench_people ({', '.join(f'{name} int' for name in names)})")
    with owner.cursor() as cursor, cursor.copy("COPY bench_people FROM STDIN") as copy:
        for person in universe.people:
            copy.write_row(person.row)
    owner.execute("ANALYZE bench_people")


def _set_sequences(owner: Connection) -> None:
    """Ids were given, so the next ones begin after them."""
    for table in (*TABLES, "memories_user"):
        sequence = owner.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table]).fetchone()[0]
        if sequence:
            owner.execute(f"SELECT setval(%s, (SELECT max(id) FROM {table}))", [sequence])  # noqa: S608 -- our own names
