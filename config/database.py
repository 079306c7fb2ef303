"""The two database roles: everything runs as the application's, only migrations as the owner's."""

from collections.abc import Iterator
from contextlib import contextmanager

import environ
from django.conf import settings
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Let the default connection be the owner of the tables for a while (DATABASE_OWNER_URL; unset: nothing changes).

    That URL names the server itself and no pooler: migrations set things in their session (`own_lock_waits`), and some need more than
    one transaction. Its database is not used, so that a test's stays the test's.
    """
    if not settings.DATABASE_OWNER_URL:
        yield
        return
    owner = environ.Env.db_url_config(settings.DATABASE_OWNER_URL)
    usual = connection.settings_dict.copy()
    connection.close()
    connection.settings_dict.update(
        USER=owner["USER"],
        PASSWORD=owner["PASSWORD"],
        HOST=owner["HOST"],
        PORT=owner["PORT"],
        OPTIONS={name: value for name, value in usual["OPTIONS"].items() if name != "pool"},
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(usual)


@contextmanager
def own_lock_waits() -> Iterator[None]:
    """Between the two, the session may have limits of its own on waiting for locks (`limit_lock_waits`); then it is as before."""
    try:
        yield
    finally:
        if connection.connection is not None and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def limit_lock_waits(*, milliseconds: int) -> None:
    """Let statements of this session wait no longer for a lock (0: as long as it takes); for the owner's sessions alone.

    A statement that waits for the lock of a table keeps everybody waiting who comes after it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])
