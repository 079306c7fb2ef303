"""One writer of a person's graph at a time."""

from django.db import connection


def lock_user(user_id: int) -> None:
    """Wait for and hold the person's graph until this transaction ends (transaction-scoped, so safe behind PgBouncer).

    Nested loops are off in here: while a person's first memories come in, the planner's statistics know nothing of them, it
    expects one row, nests loops over tens of thousands, and a statement of 30 ms takes a minute (measured on a first import).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('graph'), %s)", [user_id % 2**31])
