"""Tables stripped for a large load: foreign keys, indexes that only serve reads, and the product's triggers go and come back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import Connection

KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
"""
INDEXES = """
SELECT format('DROP INDEX %%s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
FROM pg_index i WHERE i.indrelid = ANY(%(tables)s::regclass[]) AND NOT i.indisunique
"""


@contextmanager
def stripped(owner: Connection, *, tables: Sequence[str]) -> Iterator[None]:
    """For the length of a block. The keys are checked when they come back, so that what was loaded is as sound as what is written."""
    named = {"tables": list(tables)}
    pairs = [*owner.execute(KEYS, named).fetchall(), *owner.execute(INDEXES, named).fetchall()]
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for drop, _ in pairs:
        owner.execute(drop)
    yield
    for _, add in reversed(pairs):
        owner.execute(add)
    for table in tables:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
