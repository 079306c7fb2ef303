"""The two database roles: everything runs as the application's, only migrations as the owner's."""

from collections.abc import Iterator
from contextlib import contextmanager

import environ
from django.conf import settings
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Let the default connection be the owner of the tables for a while (DATABASE_OWNER_URL; unset: nothing changes)."""
    if not settings.DATABASE_OWNER_URL:
        yield
        return
    owner = environ.Env.db_url_config(settings.DATABASE_OWNER_URL)
    usual = connection.settings_dict.copy()
    connection.close()
    connection.settings_dict.update(
        USER=owner["USER"],
        PASSWORD=owner["PASSWORD"],
        OPTIONS={name: value for name, value in usual["OPTIONS"].items() if name != "pool"},
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(usual)
