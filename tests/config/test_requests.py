"""Requests: each has a name, given or made, which its answer and the tasks that it wakes carry."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery.signals import before_task_publish
from django.test import Client

from config.counts import REQUEST_SECONDS, REQUESTS, SEAT_SECONDS
from config.handler import Handler
from config.logs import REQUEST_ID
from config.requests import BEGAN, read_client_address
from config.signals import HEADER, begin_task, end_task, name_request


def ask(given=None):
    headers = {} if given is None else {"X-Request-ID": given}
    return Client().get("/health/live", headers=headers).headers["X-Request-ID"]


@pytest.mark.parametrize("given", ["a", "0f3A-17", "x" * 64])
def test_a_well_formed_name_is_kept(given):
    assert ask(given) == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\tb", "ü", "a_b", "a;b"])
def test_any_other_is_replaced_by_a_new_one(given):
    made = ask(given)
    assert made != given
    assert len(made) == 32
    assert made != ask(given)


def test_a_wake_up_carries_the_name_of_its_request_and_the_task_hands_it_on():
    REQUEST_ID.set("r-1")
    headers = {}
    before_task_publish.send(sender="any", headers=headers)
    assert headers[HEADER] == "r-1"
    REQUEST_ID.set("")
    begin_task(task_id="t", task=woken_by(headers))
    again = {}
    name_request(headers=again)
    end_task(task_id="t", task=woken_by(headers))
    assert again == headers
    assert REQUEST_ID.get() == ""


def woken_by(headers):
    class Request:
        request_id = headers[HEADER]

    class Task:
        name = "any"
        request = Request

    return Task


def test_a_wake_up_that_no_request_asked_for_has_no_name():
    REQUEST_ID.set("")
    headers = {}
    name_request(headers=headers)
    assert headers == {}


def count(**labels):
    return REQUESTS.labels(**labels)._value.get()


def test_requests_are_counted_by_pattern_and_never_by_path(db):
    wanted = {"route": "api/v1/memories/<int:pk>/", "method": "GET", "status": 401}
    before = count(**wanted)
    Client().get("/api/v1/memories/4711/")
    assert count(**wanted) == before + 1


@pytest.mark.parametrize(("method", "label"), [("GET", "GET"), ("BREW", "other")])
def test_what_is_not_there_and_what_http_does_not_know_make_no_labels_of_their_own(method, label, db):
    before = count(route="none", method=label, status=404)
    Client().generic(method, "/no/such/page/Ana-Lima")
    assert count(route="none", method=label, status=404) == before + 1


def test_what_is_waited_for_a_seat_is_counted(settings):
    settings.WEB_SEATS = 1
    handler = Handler()
    before = SEAT_SECONDS._value.get()
    with ThreadPoolExecutor() as pool:
        with handler.take_seat():
            waiting = pool.submit(lambda: handler.take_seat().__enter__())
            time.sleep(0.05)
        waiting.result(timeout=30)
    assert SEAT_SECONDS._value.get() - before >= 0.04


def test_an_answer_is_timed_from_when_the_whole_request_was_there(db):
    before = REQUEST_SECONDS.labels("health/live")._sum.get()
    Client().get("/health/live", **{BEGAN: time.perf_counter() - 30})
    assert REQUEST_SECONDS.labels("health/live")._sum.get() - before >= 30


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "9.9.9.9", "10.0.0.2"),
        (1, "9.9.9.9, 7.7.7.7", "7.7.7.7"),
        (2, "9.9.9.9, 7.7.7.7", "9.9.9.9"),
        (1, "", "10.0.0.2"),
    ],
)
def test_who_asks_is_read_from_our_own_proxies_and_from_nobody_else(rf, settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert read_client_address(rf.get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=forwarded)) == address
