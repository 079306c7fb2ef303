"""One writer of a person's graph at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from memories.models import Memory
from memories.pipeline import Claim, lock_claimed


def lock_user(user_id: int, *, cause: str = "graph") -> None:
    """Wait for and hold the person's graph until this transaction ends (transaction-scoped, so safe behind PgBouncer).

    What changes meanwhile is logged with this `cause`.

    Nested loops are off in here: while a person's first memories come in, the planner's statistics know nothing of them, it
    expects one row, nests loops over tens of thousands, and a statement of 30 ms takes a minute (measured on a first import).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SELECT set_config('lifegraph.cause', %s, true)", [cause])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('graph'), %s)", [user_id % 2**31])


@contextmanager
def hold_claimed(claim: Claim, *, user_id: int, cause: str) -> Iterator[list[int]]:
    """A short transaction under the person's lock; gives the ids of their memories that are still the claim's own.

    The person's lock comes before the rows' everywhere, or two workers could wait for each other.
    """
    with transaction.atomic():
        lock_user(user_id, cause=cause)
        theirs = Memory.objects.filter(user_id=user_id, pk__in=claim.ids).values_list("pk", flat=True)
        yield sorted(set(lock_claimed(claim, among=list(theirs))))
