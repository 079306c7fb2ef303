"""View: a refresh takes in what it saw and nothing else, one at a time; readers with the overlay are never behind."""

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from waffle.testutils import override_switch

from graph.models import Refresh, Relationship, Work
from graph.selectors import GraphQuestion, read_graph
from graph.services.refresh import read_lag, refresh_stale, refresh_view, take_in_erasure
from graph.services.work import do_one
from memories.errors import TransientError
from memories.services.erase import erase_memories
from tests.factories import UserFactory
from tests.factories.graph import FIRST_DAY, read_rows, relate_now, write
from tests.graph.conftest import connect

LIVE, VIEW = "live_enriched_relationships", "view_enriched_relationships"
REFRESH = "SELECT refresh_enriched_relationships(true)"
CHANGE = "UPDATE relationship_instances SET confidence_score = %s WHERE id = %s"


@pytest.fixture
def person(transactional_db):
    ana = UserFactory()
    relate_now(*[write(ana, "Ana Silva", day=FIRST_DAY + timedelta(days=n)) for n in range(3)])
    return ana


def a_relationship(person):
    return Relationship.objects.filter(user=person).order_by("pk").first().pk


def list_unseen(person):
    """Relationships that the view has not taken in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT object_id FROM read_unseen(%s, 'memories', graph_seen_by_view()) WHERE kind = 'relationship'",
            [person.pk],
        )
        return [pk for (pk,) in cursor.fetchall()]


def score(source, person):
    return read_rows(source, user=person)[0]["confidence_score"]


@pytest.mark.parametrize("concurrently", [True, False])
def test_a_refresh_takes_in_what_changed(person, concurrently):
    refresh = refresh_view(concurrently=concurrently)
    assert read_rows(VIEW, user=person) == read_rows(LIVE, user=person) != []
    assert read_lag().dirty == 0
    assert refresh.started_at <= refresh.finished_at


def test_a_refresh_changes_nobodys_version(person):
    before = read_graph(user_id=person.pk, question=GraphQuestion(view="memories"))
    refresh_view()
    after = read_graph(user_id=person.pk, question=GraphQuestion(view="memories"), known=[before.version])
    assert (after.version, after.body, after.packed) == (before.version, None, None)


def test_a_change_that_commits_during_a_refresh_stays_dirty(person, session):
    refresh_view()
    with connect() as refresher:
        refresher.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        refresher.execute("SELECT 1 FROM memories_user")  # its snapshot is taken here
        session.execute(CHANGE, [0.25, a_relationship(person)])
        assert refresher.execute(REFRESH).fetchone()[0]
        refresher.execute("COMMIT")
    assert (score(VIEW, person), score(LIVE, person)) == (1.0, 0.25)
    assert list_unseen(person) == [a_relationship(person)]


def test_a_change_that_is_not_committed_when_a_refresh_begins_stays_dirty(person, session):
    refresh_view()
    session.execute("BEGIN")
    session.execute(CHANGE, [0.25, a_relationship(person)])
    refresh_view()
    session.execute("COMMIT")
    assert score(VIEW, person) == 1.0
    assert list_unseen(person) == [a_relationship(person)]


def test_a_refresh_with_two_snapshots_is_refused(person, session):
    with pytest.raises(psycopg.errors.RaiseException, match="REPEATABLE READ"):
        session.execute(REFRESH)
    assert not Refresh.objects.exists()


def test_only_one_refresh_runs_at_a_time(person, session):
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    assert session.execute(REFRESH).fetchone()[0]
    assert refresh_view() is None
    session.execute("COMMIT")
    assert Refresh.objects.count() == 1


def test_a_refresh_that_another_overtakes_is_to_be_tried_again_later(person, session):
    def overtake(execute, sql, params, many, context):
        if "refresh_enriched" in sql:
            execute("SELECT 1", (), many, context)  # the snapshot is taken here
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            session.execute(REFRESH)
            session.execute("COMMIT")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake), pytest.raises(TransientError):
        refresh_view()
    assert Refresh.objects.count() == 1
    assert read_rows(VIEW, user=person) == read_rows(LIVE, user=person)


def test_a_refresh_that_fails_for_a_while_says_so(person, session):
    session.execute("BEGIN")
    session.execute("LOCK TABLE graph_refreshes")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    with pytest.raises(TransientError):
        refresh_view()
    connection.close()
    session.execute("ROLLBACK")


def test_the_lag_is_the_refresh_before_and_the_rows_since(person):
    assert read_lag().seconds is None
    refresh_view()
    Relationship.objects.filter(user=person).update(confidence_score=0.5)
    lag = read_lag()
    assert 0 <= lag.seconds < 60
    assert lag.dirty == Relationship.objects.count()


def test_a_refresh_happens_only_where_much_or_something_old_is_dirty(person):
    assert refresh_stale() is not None
    assert refresh_stale() is None
    Relationship.objects.filter(user=person).update(confidence_score=0.5)
    assert refresh_stale() is None
    assert refresh_stale(dirty_rows=1) is not None
    Relationship.objects.filter(user=person).update(confidence_score=0.4)
    Refresh.objects.update(started_at=timezone.now() - timedelta(hours=1))
    assert refresh_stale() is not None


def test_nothing_is_refreshed_by_itself_while_the_switch_is_off(person):
    with override_switch("refresh_view", active=False):
        assert refresh_stale() is None


def test_what_is_erased_leaves_the_view_within_a_minute_whatever_the_switch_says(person):
    refresh_view()
    erase_memories(user=person, memory_ids=[Relationship.objects.first().source_event_id])
    row = Work.objects.get(kind="erasure")
    assert row.due_at <= timezone.now() + timedelta(minutes=1)
    Work.objects.exclude(pk=row.pk).delete()
    Work.objects.update(due_at=timezone.now())
    with override_switch("refresh_view", active=False):
        assert do_one() is True
    assert read_rows(VIEW, user=person) == read_rows(LIVE, user=person)


def test_an_erasure_waits_for_a_refresh_that_may_have_begun_before_it(person, session):
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    session.execute(REFRESH)
    with pytest.raises(TransientError):
        take_in_erasure(user_id=person.pk)
    session.execute("ROLLBACK")


def test_readers_are_never_behind_while_writers_and_refreshes_race(person):
    """For three seconds two writers change rows, a refresher refreshes, and a reader compares graph and live rows in one snapshot."""
    stop, errors, checks, refreshes = threading.Event(), [], [], []
    ids = list(Relationship.objects.filter(user=person).values_list("pk", flat=True))
    jobs = [
        lambda: keep_writing(stop, ids, step=0.001),
        lambda: keep_writing(stop, ids, step=0.0017),
        lambda: keep_refreshing(stop, refreshes),
        lambda: keep_checking(stop, person, checks),
    ]
    threads = [threading.Thread(target=guard, args=(job, errors)) for job in jobs]
    for thread in threads:
        thread.start()
    time.sleep(3)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert errors == []
    assert len(refreshes) >= 2
    assert len(checks) >= 10
    assert sum(checks) == 0


def guard(job, errors):
    try:
        job()
    except Exception as error:  # noqa: BLE001 -- a thread's error is shown by the test
        errors.append(repr(error))
    finally:
        connection.close()


def keep_writing(stop, ids, *, step):
    number = 0
    with connect() as writer:
        while not stop.is_set():
            number += 1
            writer.execute(CHANGE, [(number * step) % 1, ids[number % len(ids)]])
            time.sleep(0.002)


def keep_refreshing(stop, refreshes):
    while not stop.is_set():
        refreshes.append(refresh_view())


CHECK = """
WITH drawn AS (
    SELECT body::json -> 'edges' AS e FROM read_graph('memories', %(user)s, 'none', '', '{}')
), edges AS (
    SELECT x.id::bigint, x.source::bigint, x.target::bigint, x.type, x.weight::real, x.layers::int
    FROM drawn, ROWS FROM (
        json_array_elements_text(e -> 'id'), json_array_elements_text(e -> 'source'), json_array_elements_text(e -> 'target'),
        json_array_elements_text(e -> 'type'), json_array_elements_text(e -> 'weight'), json_array_elements_text(e -> 'layers')
    ) AS x(id, source, target, type, weight, layers)
), live AS (
    SELECT id, source_event_id, target_event_id, relationship_type::text, confidence_score::real, layers::int
    FROM live_enriched_relationships WHERE user_id = %(user)s
)
SELECT (SELECT count(*) FROM (TABLE edges EXCEPT TABLE live) a) + (SELECT count(*) FROM (TABLE live EXCEPT TABLE edges) b)
"""


def keep_checking(stop, person, checks):
    """Count the differences between the edges that are served and the live rows, both in one snapshot."""
    with connect() as reader:
        while not stop.is_set():
            checks.append(reader.execute(CHECK, {"user": person.pk}).fetchone()[0])
