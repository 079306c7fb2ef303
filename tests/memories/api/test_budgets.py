"""How many queries each list costs: the same for many rows as for few, and few."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.models import Entity, PredictedRelationship, Series, Suspicion, TemporalPattern
from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from tests.factories.graph import FIRST_DAY, relate_now, write
from tests.factories.urls import list_operations

BUDGETS = {
    "memories/": 1,
    "memories/export/": 4,
    "search/?q=kowal": 1,
    "narrative/": 1,
    "dashboard/": 13,
    "graph/": 1,
    "graph/changes/?since={version}": 1,
    "graph/entities/": 1,
    "graph/relationships/": 1,
    "graph/series/": 5,
    "graph/suspicions/": 2,
    "graph/stats/": 1,
    "graph/path/?from={ana}&to={tomas}": 3,
    "integrations/providers/": 0,
    "integrations/connections/": 5,
    "integrations/runs/": 2,
    "integrations/failures/": 3,
}


def live(user, count):
    days = [FIRST_DAY + timedelta(days=n) for n in range(count)]
    memories = [write(user, "Ana Lima", "Tomas Kowal", f"@Lisbon {count}", title="T", day=day) for day in days]
    relate_now(*memories)
    for series in Series.objects.filter(user=user, entity_b=None, occurrences__len=count):
        TemporalPattern.objects.get_or_create(user=user, series=series, label="often", recurrence_score=0.9)
        PredictedRelationship.objects.get_or_create(
            user=user, series=series, kind="again", horizon=30, prediction_confidence=0.5
        )
    for memory in memories:
        connected = Connection.objects.create(
            user=user, provider="gmail", nango_id=str(memory.pk), account=f"ana {memory.pk}"
        )
        run = SyncRun.objects.create(user=user, connection=connected, state="held")
        item = RemoteItem.objects.create(user=user, connection=connected, remote_id="1", gone_in=run.pk)
        for unit in (f"memory:{memory.pk}", f"connection:{connected.pk}", f"item:{item.pk}"):
            JobFailure.objects.create(user=user, unit=unit, first_due=memory.created_at)
        Suspicion.objects.create(user=user, kind="paid_twice", memory_ids=[memory.pk], evidence={"days_apart": 1})


def count_queries(api, path):
    with CaptureQueriesContext(connection) as captured:
        answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    answer.getvalue()  # a stream is open until it is read
    return len(captured)


@pytest.mark.parametrize(("path", "budget"), BUDGETS.items(), ids=list(BUDGETS))
def test_a_list_keeps_to_its_budget_however_long_it_is(api, user, path, budget):
    live(user, 3)
    ends = {name: Entity.objects.get(user=user, name__startswith=name.title()).pk for name in ("ana", "tomas")}
    path = path.format(version=api.get("/api/v1/graph/").json()["version"], **ends)
    count_queries(api, path)  # warms the flags
    few = count_queries(api, path)
    live(user, 12)
    assert few == count_queries(api, path) <= budget


def test_every_list_has_a_budget():
    lists = {route for route, method in list_operations() if method == "get" and "<" not in route}
    assert lists == {path.partition("?")[0] for path in BUDGETS}
