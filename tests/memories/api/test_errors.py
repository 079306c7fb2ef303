"""What goes wrong is said in JSON."""

import pytest
from django.db import OperationalError

from memories.api import views


def test_a_database_that_does_not_answer_is_a_503_with_a_reason(api, monkeypatch):
    def refuse(**_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(views, "list_memories", refuse)
    answer = api.get("/api/v1/memories/")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The database does not answer. Try again in a moment."}


@pytest.mark.parametrize("path", ["memories/", "search/?q=a", "dashboard/"])
def test_who_is_nobody_gets_a_401_in_json(client, db, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert "detail" in answer.json()
