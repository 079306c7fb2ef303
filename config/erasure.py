"""Erased: a person leaves, with every row of theirs in every table, whichever app it belongs to.

Tables are found by what they are, not by a list: whatever has a column `user_id`, or a foreign key to the person, holds their rows.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connection, transaction
from psycopg import sql

from graph.services.locks import lock_user
from graph.services.refresh import refresh_view
from integrations.models import Connection
from integrations.services.connect import disconnect, finish_leaving
from memories.errors import TransientError
from memories.models import User

TRIES: Final = 3  # a worker that is at the person's rows may be in the way
PASSES: Final = 5  # triggers log what goes, and the log goes too
LEAVING_SECONDS: Final = 60.0
VIEW_SECONDS: Final = 60.0
PAUSE: Final = 0.5

# 'r' is a table, 'm' the view that holds rows of its own.
FIND = """
SELECT c.relname, a.attname, c.relkind FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm') AND NOT a.attisdropped AND a.attnum > 0
  AND (a.attname = 'user_id' OR EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid = %(people)s::regclass AND k.conkey = ARRAY[a.attnum]))
ORDER BY c.relname, a.attname
"""
# Which table points at which.
POINT = """
SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
"""
NAMED: Final = (AccessAttempt, AccessFailureLog, AccessLog)  # attempts to log in, which know a name and no key
SPOKEN_OF = """
DELETE FROM django_admin_log l USING django_content_type t
WHERE l.content_type_id = t.id AND t.app_label = %(app)s AND t.model = %(model)s AND l.object_id IN (
    SELECT {key}::text FROM {table} WHERE {column} = %(user)s)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A column that says whose a row is; `stored` tells a table from the materialized view."""

    table: str
    column: str
    stored: bool


class AccessKept(Exception):
    """Access to accounts could not be given back; `reasons` are sentences, one an account."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def give_back_access(user: User, *, seconds: float = LEAVING_SECONDS) -> int:
    """Disconnect all accounts of a person and wait until their access is given back at Nango; returns how many there were.

    Raises AccessKept with what stands in the way; those connections go on leaving.
    """
    rows = Connection.objects.for_user(user)
    count = 0
    for row in rows:
        disconnect(connection=row, erase=False)
        count += 1
    until = time.monotonic() + seconds
    while left := list(rows.order_by("pk")):
        finish_leaving()
        left = list(rows.order_by("pk"))
        if any(row.error for row in left) or (left and time.monotonic() > until):
            raise AccessKept([f"{row.get_provider_display()}: {row.error or 'it is still busy'}" for row in left])
        if left:
            time.sleep(PAUSE)
    return count


def count_rows(user: User) -> dict[str, int]:
    """How many rows of this person each table holds; tables without any are left out."""
    return _count((place for place in find_places() if place.stored), user_id=user.pk)


def erase_person(user: User) -> dict[str, int]:
    """Delete every row of a person, last of all the person; returns how many rows went from each table, those that triggers
    logged of the deletion among them.

    Raises OperationalError or IntegrityError where others were in the way each time.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _erase(user)
        except (OperationalError, IntegrityError):
            if attempt == TRIES:
                raise
            time.sleep(PAUSE * attempt)
    raise AssertionError  # pragma: no cover -- the loop returns or raises


def clear_view(*, seconds: float = VIEW_SECONDS) -> bool:
    """Refresh the view, so that nothing of the erased stays in it; False if others kept us from it for so long."""
    until = time.monotonic() + seconds
    while True:
        try:
            if refresh_view() is not None:
                return True
        except TransientError:
            pass
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE)


def list_left(*, user_id: int, name: str) -> dict[str, int]:
    """Tables, and the view, that still hold rows of a person who was erased; none if all is well."""
    left = _count(find_places(), user_id=user_id)
    for model in NAMED:
        left[model._meta.db_table] = model.objects.filter(username=name).count()
    left[User._meta.db_table] = User.objects.filter(pk=user_id).count()
    return {table: count for table, count in left.items() if count}


def _erase(user: User) -> dict[str, int]:
    gone: dict[str, int] = {}
    with transaction.atomic():
        lock_user(user.pk, cause="erasure")
        _forget_log(user)
        places = _in_order(place for place in find_places() if place.stored)
        for _ in range(PASSES):
            if not (deleted := _delete(places, user_id=user.pk)):
                break
            for table, count in deleted.items():
                gone[table] = gone.get(table, 0) + count
        for model in NAMED:
            gone[model._meta.db_table], _ = model.objects.filter(username=user.get_username()).delete()
        gone[User._meta.db_table] = User.objects.filter(pk=user.pk)._raw_delete(DEFAULT_DB_ALIAS)
    return {table: count for table, count in sorted(gone.items()) if count}


def find_places() -> list[Place]:
    """Every table of the product, and the view, that says whose a row is."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"people": User._meta.db_table})
        return [Place(table, column, kind == "r") for table, column, kind in cursor.fetchall()]


def _in_order(places: Iterable[Place]) -> list[Place]:
    """Those that point at others first: then no deletion has to look for rows that point at what goes."""
    by_table: dict[str, list[Place]] = {}
    for place in places:
        by_table.setdefault(place.table, []).append(place)
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(by_table, ()))
    with connection.cursor() as cursor:
        cursor.execute(POINT)
        for table, other in cursor.fetchall():
            if table in by_table and other in by_table:
                sorter.add(other, table)
    return [place for table in sorter.static_order() for place in by_table[table]]


def _delete(places: Iterable[Place], *, user_id: int) -> dict[str, int]:
    deleted: dict[str, int] = {}
    with connection.cursor() as cursor:
        for place in places:
            cursor.execute(_say("DELETE FROM {} WHERE {} = %s", place), [user_id])
            deleted[place.table] = deleted.get(place.table, 0) + cursor.rowcount
    return {table: count for table, count in deleted.items() if count}


def _count(places: Iterable[Place], *, user_id: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for place in places:
            cursor.execute(_say("SELECT count(*) FROM {} WHERE {} = %s", place), [user_id])
            counts[place.table] = counts.get(place.table, 0) + cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def _say(statement: str, place: Place) -> Any:
    return sql.SQL(statement).format(sql.Identifier(place.table), sql.Identifier(place.column))


def _forget_log(user: User) -> None:
    """What operators did to the person's rows carries their words in the admin's log."""
    for model in apps.get_models():
        column = "id" if model is User else "user_id"
        names = {field.column for field in model._meta.concrete_fields}
        if column not in names or not model._meta.managed:
            continue
        statement = sql.SQL(SPOKEN_OF).format(
            key=sql.Identifier(str(model._meta.pk.column)),
            table=sql.Identifier(model._meta.db_table),
            column=sql.Identifier(column),
        )
        with connection.cursor() as cursor:
            about = {"app": model._meta.app_label, "model": model._meta.model_name, "user": user.pk}
            cursor.execute(statement, about)
