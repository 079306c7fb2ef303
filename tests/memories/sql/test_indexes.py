"""An index of a large table is built beside its writers, and begun anew where a build was cut short."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.migrations.state import ProjectState

from config.database import as_owner
from memories.models import Memory
from memories.sql.indexes import BuildIndexConcurrently

pytestmark = pytest.mark.django_db(transaction=True)
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('memory_of_a_test')"


@pytest.fixture
def owner():
    with psycopg.connect(
        settings.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"], autocommit=True
    ) as owner:
        yield owner
        owner.execute("DROP INDEX IF EXISTS memory_of_a_test")


def build():
    index = models.Index(fields=["source"], name="memory_of_a_test")
    state = ProjectState.from_apps(apps)
    with as_owner(), connection.schema_editor(atomic=False) as editor:
        BuildIndexConcurrently("memory", index).database_forwards("memories", editor, state, state)


def test_a_build_that_was_cut_short_is_begun_anew(owner):
    owner.execute("CREATE INDEX memory_of_a_test ON memories_memory (title)")
    build()
    assert "(source)" in owner.execute("SELECT pg_get_indexdef('memory_of_a_test'::regclass)").fetchone()[0]
    assert owner.execute(VALID).fetchone() == (True,)


def test_the_indexes_of_the_line_are_there_and_in_use(owner):
    found = {name for (name,) in owner.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'memories_memory'")}
    assert {index.name for index in Memory._meta.indexes} <= found
    assert "memory_due" in found  # workers of the release before claim by it
    invalid = owner.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid").fetchone()
    assert invalid == (0,)
