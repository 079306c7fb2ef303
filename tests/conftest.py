"""What every test stands on: real PostgreSQL with the two roles of production, made by the migrations."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from rest_framework.test import APIClient

from tests.factories import UserFactory
from tests.fakes.stand_in import stand_in, stand_in_process  # noqa: F401 - fixtures

TEST_DATABASE = "test_lifegraph"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database that the owner made and migrated, used by the application's role; TRUNCATE is for the tests alone."""
    owner = settings.DATABASE_OWNER_URL or settings.DATABASE_URL
    drop_test_database(owner)
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TEST_DATABASE}")
        # What a crash of the machine would take, nobody misses.
        server.execute(f"ALTER DATABASE {TEST_DATABASE} SET synchronous_commit = off")
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = TEST_DATABASE
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        role = connection.settings_dict["USER"]
        with psycopg.connect(owner, dbname=TEST_DATABASE, autocommit=True) as server:
            server.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {role}")
            # Of waffle's own flag, which ours replaces: tables that Django does not know cannot be truncated with the others.
            server.execute("DROP TABLE waffle_flag_users, waffle_flag_groups")
        age_switches()
    yield
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = usual
    drop_test_database(owner)


def drop_test_database(owner: str) -> None:
    """Drop it; while the server vacuums it by itself, the owner may not, so a few times if need be."""
    for patience in range(20):
        try:
            with psycopg.connect(owner, autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS {TEST_DATABASE} WITH (FORCE)")
            return
        except psycopg.errors.InsufficientPrivilege:
            if patience == 19:
                raise
            time.sleep(0.5)


def age_switches() -> None:
    """Nobody waits for longer than a switch is on; in a test it has been for long."""
    from waffle.models import Switch

    Switch.objects.update(modified=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session", autouse=True)
def _rows_of_migrate_outlive_a_flush() -> Iterator[None]:
    """A test with transactions of its own empties all tables behind it, those that `migrate` has filled as well."""
    empty = TransactionTestCase._fixture_teardown

    def empty_and_fill(case: TransactionTestCase) -> None:
        from config.models import Flip
        from config.switches import make_switches

        empty(case)
        make_switches()
        age_switches()
        Flip.objects.all().delete()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_and_fill)
        yield


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What a module's fixtures write under it stands for all tests of the module, each of which is rolled back to it.

    The other tests of the module meet it, too. None of them may be one with transactions of its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def user(db: None) -> Any:
    return UserFactory(username="ana")


@pytest.fixture
def other_user(db: None) -> Any:
    return UserFactory(username="bruno")


@pytest.fixture
def api(user: Any) -> APIClient:
    """A client that is logged in as `user`."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture(autouse=True)
def forget_flags() -> None:
    """Flags are remembered per process for 5 s; a test begins without memory."""
    from django.core.cache import caches

    caches["flags"].clear()


@pytest.fixture(autouse=True)
def forget_bodies() -> None:
    """A process remembers graphs that it has sent; a test begins without memory."""
    from graph.serve import clear_entries

    clear_entries()
