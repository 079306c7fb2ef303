"""Who changes switches and why, told to the trigger that writes it down (config/sql/flips_v1.sql)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

READ = "SELECT coalesce(current_setting('lifegraph.by', true), ''), coalesce(current_setting('lifegraph.reason', true), '')"
WRITE = "SELECT set_config('lifegraph.by', %s, true), set_config('lifegraph.reason', %s, true)"


@contextmanager
def sign_flips(*, by: str, reason: str = "") -> Iterator[None]:
    """A transaction whose flips are `by` somebody; nothing of it stays in the session, so a pooler may stand between."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(READ)
        outer = cursor.fetchone()
        cursor.execute(WRITE, [by[:150], reason[:500]])
        yield
        cursor.execute(WRITE, outer)
