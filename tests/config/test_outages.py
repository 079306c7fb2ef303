"""A page, the API and a request's body, where the database is away or a disk is full."""

import errno
from io import BytesIO

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg.errors import DiskFull

from config import handler
from config.handler import Handler


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def break_sessions(monkeypatch, *, cause=None):
    def fail(*_args, **_options):
        raise OperationalError("no connection") from cause

    monkeypatch.setattr("memories.sessions.read_owned", fail)


def test_a_page_says_when_to_come_back_while_the_database_is_away(client, user, monkeypatch):
    client.force_login(user)
    break_sessions(monkeypatch)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database does not answer." in answer.content.decode()


def test_an_endpoint_says_so_in_json(client, user, monkeypatch):
    client.force_login(user)
    break_sessions(monkeypatch, cause=DiskFull("no space"))
    answer = client.get("/api/v1/memories/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (507, "60")
    assert "no room left" in answer.json()["detail"]


def test_an_error_of_ours_is_still_one(client, user, monkeypatch):
    client.force_login(user)
    monkeypatch.setattr("memories.sessions.read_owned", lambda *_args, **_options: 1 / 0)
    assert client.get("/").status_code == 500


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_body_that_finds_no_room_is_refused_in_json(monkeypatch, number):
    started = []

    def fail(environ):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(handler, "take_in_body", fail)
    [body] = Handler()({"wsgi.input": BytesIO()}, lambda *head: started.append(head))
    assert started == [("507 Insufficient Storage", [("Content-Type", "application/json"), ("Retry-After", "60")])]
    assert b"no room left" in body


def test_a_body_that_breaks_off_is_no_full_disk(monkeypatch):
    def fail(environ):
        raise ConnectionResetError(errno.ECONNRESET, "reset")

    monkeypatch.setattr(handler, "take_in_body", fail)
    with pytest.raises(ConnectionResetError):
        Handler()({}, lambda *_: None)
