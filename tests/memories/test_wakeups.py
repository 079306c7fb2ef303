"""Wake-ups: sent where a broker answers, given up at once where none does."""

import socket
import threading
import time

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from memories import wakeups
from memories.wakeups import PAUSE_SECONDS, Breaker, answers_ping, send_wakeup, wake_on_commit, wake_stage

TASK = "memories.tasks.advance_memories"


@pytest.fixture(autouse=True)
def breaker(monkeypatch):
    fresh = Breaker()
    monkeypatch.setattr(wakeups, "BREAKER", fresh)
    return fresh


@pytest.fixture
def probes(monkeypatch):
    """Answers the broker gives to probes, and how often it was asked."""
    answers = []

    def ping(url, *, seconds):
        probes.asked += 1
        return answers.pop(0) if answers else False

    probes = type("Probes", (), {"asked": 0, "answers": answers})()
    monkeypatch.setattr(wakeups, "answers_ping", ping)
    return probes


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves itself."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(
        current_app, "send_task", lambda task, **said: messages.append((task, said["args"], said["countdown"]))
    )
    return messages


def answer_once(reply):
    """A server on a port of its own that gives one answer and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with server, server.accept()[0] as client:
            client.recv(64)
            client.sendall(reply)

    threading.Thread(target=serve, daemon=True).start()
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_running_redis_answers(settings):
    assert answers_ping(settings.REDIS_URL, seconds=2)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-NOAUTH Authentication required.\r\n"])
def test_a_server_that_cannot_take_a_message_does_not_answer(reply):
    assert not answers_ping(answer_once(reply), seconds=2)


def test_a_redis_on_a_socket_is_asked_there(tmp_path):
    assert not answers_ping(f"redis+socket://{tmp_path}/redis.sock", seconds=0.2)


def test_a_stopped_server_that_accepts_connections_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        assert not answers_ping(f"redis://127.0.0.1:{server.getsockname()[1]}", seconds=0.1)
    assert time.monotonic() - begun < 1


def test_a_dead_broker_is_asked_once_and_then_left_alone_for_five_seconds(probes, clock, sent):
    assert [send_wakeup(TASK) for _ in range(3)] == [False] * 3
    assert probes.asked == 1
    clock[0] += PAUSE_SECONDS - 0.1
    assert not send_wakeup(TASK)
    assert (probes.asked, sent) == (1, [])


def test_a_broker_that_is_back_is_used_again(probes, clock, sent):
    send_wakeup(TASK)
    clock[0] += PAUSE_SECONDS + 0.1
    probes.answers.append(True)
    assert send_wakeup(TASK, args=["stored"], countdown=1.5)
    assert sent == [(TASK, ["stored"], 1.5)]


def test_a_broker_that_answers_is_not_asked_again_for_a_second(probes, clock, sent):
    probes.answers += [True, True]
    for seconds in (0, 0.5, 0.4, 0.2):
        clock[0] += seconds
        assert send_wakeup(TASK)
    assert probes.asked == 2


@pytest.mark.parametrize("error", [OperationalError(), ConnectionResetError()])
def test_a_message_that_cannot_be_sent_closes_the_breaker(probes, monkeypatch, error):
    def break_down(*_, **__):
        raise error

    probes.answers.append(True)
    monkeypatch.setattr(current_app, "send_task", break_down)
    assert [send_wakeup(TASK), send_wakeup(TASK)] == [False, False]
    assert probes.asked == 1


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_waits_for_the_commit(probes, sent):
    probes.answers.append(True)
    with transaction.atomic():
        wake_on_commit("stored")
        assert sent == []
    assert sent == [(TASK, ["stored"], None)]


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_that_breaks_takes_nothing_back(monkeypatch, caplog, user):
    def break_down(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(wakeups, "send_wakeup", break_down)
    with transaction.atomic():
        user.first_name = "Ana"
        user.save()
        wake_on_commit("stored")
    user.refresh_from_db()
    assert user.first_name == "Ana"
    assert "wake" in caplog.text


def test_a_wake_up_that_follows_from_another_is_worth_something_for_some_seconds_alone(probes, monkeypatch):
    said = []
    probes.answers.append(True)
    monkeypatch.setattr(current_app, "send_task", lambda task, **options: said.append((task, options["expires"])))
    assert wake_stage("related")
    assert said == [(TASK, 20)]


def test_a_wake_up_reaches_the_queue_of_a_running_broker(settings):
    with current_app.connection_for_write() as broker:
        queue = broker.SimpleQueue("celery")
        queue.clear()
        assert send_wakeup(TASK, args=["stored"])
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert (message.headers["task"], message.payload[0]) == (TASK, ["stored"])
