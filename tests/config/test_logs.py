"""Logs: a line says what happened, to which request and task, and never what a memory says."""

import io
import json
import logging
import logging.config
import warnings
from pathlib import Path

import pytest
from celery.app import trace
from celery.signals import setup_logging
from django.db import transaction
from django.test import Client

import config
from config.logs import REQUEST_ID, TASK, make_formatter, plan_logging
from graph.services import enrich, relate
from integrations import tasks as sync_tasks
from memories import views as pages
from memories.api import exchange
from memories.api import views as memory_views
from memories.services import extract
from memories.tasks import advance_memories
from tests.factories import MemoryFactory

CANARY = "Zanzibarian quince marmalade"
KINDS = ("json", "plain")
STAGES = {
    "stored": (extract, "extract_memories"),
    "extracted": (relate, "relate_memories"),
    "related": (enrich, "enrich_memories"),
}
logger = logging.getLogger("lifegraph.test")


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def written(kind):
    """What the installation writes, of all loggers."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(make_formatter(kind))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)


def read_lines(text):
    """The same as objects."""
    return [json.loads(line) for line in text.splitlines()]


def fail_with(error):
    def fail(*_args, **_kwargs):
        raise error

    return fail


def assert_discreet(text, *, names):
    """Something was written, it names the error's type, and says nothing of the memory."""
    assert names in text
    assert "Zanzibar" not in text
    assert "quince" not in text


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_stumbles_over_a_text_does_not_write_it(user, monkeypatch, written, stage):
    MemoryFactory(user=user, content=CANARY, stage=stage)
    monkeypatch.setattr(*STAGES[stage], fail_with(ValueError(f"cannot read: {CANARY}")))
    advance_memories.apply(args=[stage])
    assert_discreet(written(), names="raised unexpected: WorkBroke")


def test_a_run_that_will_be_tried_again_says_when_and_not_why(written):
    said = {"id": "1", "name": "t", "exc": f"Retry in 30.5s: TransientError('{CANARY}')"}
    trace.info(trace.LOG_RETRY, said)
    assert_discreet(written(), names="Task t[1] retry: Retry in 30.5s: TransientError")


@pytest.mark.parametrize(("returned", "told"), [("12", "succeeded in 1s: 12"), (repr(CANARY), "succeeded in 1s: ")])
def test_of_what_a_task_returns_only_a_number_is_told(written, returned, told):
    trace.info(trace.LOG_SUCCESS, {"id": "1", "name": "t", "runtime": 1, "return_value": returned})
    assert_discreet(written(), names=told)


def test_a_sync_that_stumbles_over_an_item_does_not_write_it(db, monkeypatch, written):
    monkeypatch.setattr(sync_tasks, "sync", fail_with(ValueError({"subject": CANARY})))
    sync_tasks.sync_connection.apply(args=[1])
    assert_discreet(written(), names="ValueError")


@pytest.fixture
def browser(user):
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def test_a_search_that_fails_writes_neither_what_was_searched_nor_the_error(browser, monkeypatch, written):
    monkeypatch.setattr(memory_views, "search_memories", fail_with(LookupError(CANARY)))
    answer = browser.get("/api/v1/search/", {"q": CANARY})
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["X-Request-ID"] in written()
    assert_discreet(written(), names="LookupError")


def test_a_page_that_fails_names_its_request_to_the_person_and_to_the_log(browser, monkeypatch, written):
    monkeypatch.setattr(pages, "render", fail_with(RuntimeError(CANARY)))
    answer = browser.get("/memories/", {"q": CANARY})
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    assert answer.headers["X-Request-ID"] in written()
    assert_discreet(written(), names="RuntimeError")


def test_an_import_that_fails_writes_nothing_of_the_file(browser, monkeypatch, written):
    monkeypatch.setattr(exchange, "import_path", fail_with(KeyError(CANARY)))
    answer = browser.post("/api/v1/memories/import/", f'{{"content": "{CANARY}"}}', content_type="application/x-ndjson")
    assert answer.status_code == 500
    assert_discreet(written(), names="KeyError")


def test_what_fails_after_a_commit_is_told_without_its_words(transactional_db, written):
    with transaction.atomic():
        transaction.on_commit(fail_with(ValueError(CANARY)), robust=True)
    assert_discreet(written(), names="ValueError")


def test_the_words_of_an_error_and_of_its_cause_are_left_out_wherever_they_are_quoted(written):
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise ValueError(f"not {CANARY}") from cause
    except ValueError as error:
        logger.error("It broke: " + repr(error), exc_info=True)  # noqa: G003, G201
        logger.warning("It broke: %s", error)
        logger.warning(error)
    assert_discreet(written(), names="KeyError")
    assert written().count("It broke: ValueError") == 2


def test_a_line_whose_arguments_do_not_fit_is_written_without_them(kind):
    record = logging.LogRecord("any", logging.INFO, "any.py", 1, "%d rows", (CANARY,), None)
    assert_discreet(make_formatter(kind).format(record), names="%d rows")


def test_a_warning_is_told_by_its_kind_and_place(written):
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(False)
            logging.captureWarnings(True)
            warnings.warn(f"unknown zone {CANARY}", UserWarning, stacklevel=1)
    finally:
        logging.captureWarnings(False)
    assert_discreet(written(), names="UserWarning")


@pytest.mark.parametrize("kind", ["json"], indirect=True)
def test_a_line_is_an_object_that_says_when_what_where_and_for_whom(kind, written, monkeypatch):
    monkeypatch.setenv("DB_APPLICATION_NAME", "lifegraph-worker")
    request, task = REQUEST_ID.set("abc-1"), TASK.set(("17", "memories.tasks.advance_memories"))
    logger.info("two\nlines", extra={"content": CANARY})
    REQUEST_ID.reset(request)
    TASK.reset(task)
    (line,) = read_lines(written())
    assert line.pop("time").endswith("Z")
    assert line.pop("process").startswith("lifegraph-worker ")
    assert line == {
        "level": "INFO",
        "logger": "lifegraph.test",
        "message": "two\nlines",
        "request_id": "abc-1",
        "task_id": "17",
        "task": "memories.tasks.advance_memories",
    }


@pytest.mark.parametrize("kind", ["json"], indirect=True)
def test_a_tasks_lines_carry_its_name_and_id(user, kind, written, monkeypatch):
    MemoryFactory(user=user)
    monkeypatch.setattr(extract, "extract_memories", fail_with(ValueError(CANARY)))
    result = advance_memories.apply(args=["stored"])
    (line,) = [line for line in read_lines(written()) if line["logger"] == "celery.app.trace"]
    assert (line["task"], line["task_id"]) == ("memories.tasks.advance_memories", result.id)
    assert TASK.get() == ("", "")


@pytest.mark.parametrize(("given", "settings_module", "chosen"), [
    ("", "config.settings.local", "PlainLines"),
    ("", "config.settings.staging", "JsonLines"),
    ("plain", "config.settings.production", "PlainLines"),
    ("json", "config.settings.local", "JsonLines"),
])  # fmt: skip
def test_the_web_servers_own_lines_are_written_like_all_others(monkeypatch, given, settings_module, chosen):
    monkeypatch.setenv("LOG_FORMAT", given)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", settings_module)
    assert type(make_formatter()).__name__ == chosen


def test_the_web_servers_configuration_can_be_loaded():
    planned = json.loads(Path(config.__file__).with_name("granian.json").read_text())
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, **planned})
    assert type(logging.getLogger("_granian").handlers[0].formatter).__name__ in {"PlainLines", "JsonLines"}


def test_celery_leaves_our_logging_alone():
    assert setup_logging.send(sender=None)


def test_no_page_of_an_error_goes_out_by_mail():
    handlers = plan_logging(kind="json", level="INFO")["handlers"]
    assert all("mail" not in handler["class"].lower() for handler in handlers.values())
    assert logging.getLogger("django").handlers == []
