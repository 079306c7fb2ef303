import pytest
from django.test import Client

from config.local.load_people import NobodyError, Visitors
from memories.models import Session
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load gives its connection back; here it is the test's, too."""
    monkeypatch.setattr("config.local.load_people.connections.close_all", lambda: None)


def test_people_are_logged_in_for_the_length_of_a_load() -> None:
    UserFactory(username="person-001")
    with Visitors(names=["person-001"], url="http://testserver/") as people:
        client = Client(enforce_csrf_checks=True, headers=people.headers[0])
        written = client.post("/api/v1/memories/", {"content": "Tea."}, content_type="application/json")
        assert (client.get("/api/v1/memories/").status_code, written.status_code) == (200, 201)
    assert client.get("/api/v1/memories/").status_code in (401, 403)
    assert not Session.objects.exists()


def test_people_who_do_not_live_here_are_missed_with_a_way_out() -> None:
    with pytest.raises(NobodyError, match="1 of 1 people do not live here"):
        Visitors(names=["person-001"], url="").__enter__()
