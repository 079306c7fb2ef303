"""The dashboard: each app's part, put together from the list in the settings."""

from datetime import UTC, date, datetime

import pytest

from tests.factories import MemoryFactory, UserFactory
from tests.factories.graph import relate_now, write

PATH = "/api/v1/dashboard/"


def test_a_life_without_memories_has_a_dashboard(api):
    body = api.get(PATH).json()
    assert body["memories"]["total"] == body["failures"] == 0
    assert (body["memories"]["first"], body["latest"], body["on_this_day"]) == (None, [], [])
    assert (body["entities"], body["top"]) == ({}, {})
    assert (body["expected"], body["prediction_record"], body["suspicions"]) == ([], None, 0)


def test_it_shows_what_there_is_and_who_matters(api, user):
    memories = [write(user, "Ana Lima", "Tomas Kowal", "@Lisbon", title="Lunch") for _ in range(2)]
    relate_now(*memories)
    body = api.get(PATH).json()
    assert body["memories"]["total"] == 2
    assert body["memories"]["stages"]["extracted"] == 2
    assert body["entities"] == {"person": 2, "place": 1}
    assert {entity["name"] for entity in body["top"]["person"]} == {"Ana Lima", "Tomas Kowal"}
    assert body["latest"][0]["title"] == "Lunch"


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Kiritimati", date(2026, 5, 4)), ("Pacific/Pago_Pago", date(2026, 5, 3))]
)
def test_this_day_is_the_persons_own(client, db, monkeypatch, zone, day):
    monkeypatch.setattr("config.dashboard.timezone.now", lambda: datetime(2026, 5, 3, 22, tzinfo=UTC))
    person = UserFactory(time_zone=zone)
    memory = MemoryFactory(user=person, occurred_at=datetime(2020, 5, day.day, 12, tzinfo=UTC))
    MemoryFactory(user=person, occurred_at=datetime(2020, 5, day.day, 12, tzinfo=UTC).replace(month=6))
    memory.__class__.objects.filter(pk=memory.pk).update(occurred_on=day.replace(year=2020))
    client.force_login(person)
    assert [row["id"] for row in client.get(PATH).json()["on_this_day"]] == [memory.pk]


def test_it_shows_nothing_of_anybody_elses(api, other_user):
    relate_now(write(other_user, "Ana Lima", "Tomas Kowal"), write(other_user, "Ana Lima"))
    body = api.get(PATH).json()
    assert body["memories"]["total"] == 0
    assert body["latest"] == []
    assert body["entities"] == {}


def test_an_app_joins_by_a_line_in_the_settings(api, settings):
    settings.DASHBOARD_SECTIONS = [path for path in settings.DASHBOARD_SECTIONS if not path.startswith("graph.")]
    assert set(api.get(PATH).json()) == {"memories", "backfill", "latest", "on_this_day", "failures", "connections"}
