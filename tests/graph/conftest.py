"""Connections beside the test's own: another writer, another refresher, the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection


@contextmanager
def connect(url: str | None = None) -> Iterator[Any]:
    """One more session in the tests' database, as the application or as whom the URL names."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(url or settings.DATABASE_URL, dbname=name, autocommit=True) as session:
        yield session


@pytest.fixture
def session(transactional_db: None) -> Iterator[Any]:
    """A second session of the application, in autocommit."""
    with connect() as other:
        yield other
