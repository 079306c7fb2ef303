"""What goes wrong is said in JSON."""

import errno

import pytest
from django.db import OperationalError
from psycopg.errors import DiskFull

from memories.api import views


def test_a_database_that_does_not_answer_is_a_503_with_a_reason(api, monkeypatch):
    def refuse(**_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(views, "list_memories", refuse)
    answer = api.get("/api/v1/memories/")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The database does not answer. Try again in a moment."}
    assert answer.headers["Retry-After"] == "5"


def make_full():
    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull("could not extend file")
    return error


@pytest.mark.parametrize("error", [make_full(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_full_disk_is_a_507_with_a_reason(api, monkeypatch, error):
    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr(views, "list_memories", refuse)
    answer = api.get("/api/v1/memories/")
    assert answer.status_code == 507
    assert answer.json() == {"detail": "The server has no room left, so nothing of this was stored. Try again later."}
    assert answer.headers["Retry-After"] == "60"


def test_any_other_error_of_a_file_is_an_error(api, monkeypatch):
    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(views, "list_memories", refuse)
    with pytest.raises(PermissionError):
        api.get("/api/v1/memories/")


@pytest.mark.parametrize("path", ["memories/", "search/?q=a", "dashboard/"])
def test_who_is_nobody_gets_a_401_in_json(client, db, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert "detail" in answer.json()
