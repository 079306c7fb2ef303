"""Switches as a phase finds them, and an installation where every guard holds."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from waffle.models import Switch

from config.models import Flip, Heartbeat
from graph.models import Refresh
from memories.flags import forget_flags
from memories.models import Flag

NOTE = """
INSERT INTO graph_refreshes (started_at, finished_at, rows, snapshot, home)
VALUES (now() - make_interval(secs => %s), now(), 0, pg_current_snapshot()::text, graph_home())
"""


def note_refresh(*, seconds_ago):
    """A refresh of the view that is only noted; the real one needs a transaction of its own."""
    Refresh.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [seconds_ago])


@pytest.fixture
def all_off(db):
    """Every switch off, the flag for nobody, no flip on record."""
    Switch.objects.update(active=False)
    Flag.objects.update(everyone=False)
    Flip.objects.all().delete()
    forget_flags()


@pytest.fixture
def sound(db):
    """Beat is alive and the view was refreshed just now."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": Now()})
    note_refresh(seconds_ago=0)
