"""Logged: one line for each thing that happened, with the request and the task it belongs to, and never a memory's text.

An error is told by its type and by where it came from. Its message is left out, for a database quotes the row that it refused and a
parser the text that it stumbled over; so are all arguments that are errors, and Celery's words about them.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from pythonjsonlogger.json import JsonFormatter

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
TASK: ContextVar[tuple[str, str]] = ContextVar("task", default=("", ""))  # id and name
JSON_SETTINGS = ("config.settings.production", "config.settings.staging")
# "Retry in 30s: ValueError('...')" or "ValueError('...')", up to the bracket
RETRY_OR_TYPE = re.compile(r"(?:Retry (?:in [\d.]+s|at [\d :.+-]+)(?:: )?)?[\w.]*(?=\(|$)")
WARNING_PLACE = re.compile(r"[^\n]*?:\d+: \w+(?=:)")  # "path.py:12: SomeWarning: ..." up to what it says
SHORTEST = 3  # what is shorter than this is no text


def list_errors(error: BaseException | None) -> list[BaseException]:
    """The error and those behind it, the first cause first; an error that is its own cause ends the list."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found[::-1]


def describe_trace(error: BaseException) -> str:
    """Where an error came from and its type, with its causes, without a word of theirs."""
    return "\n".join("".join([*format_tb(each.__traceback__), type(each).__qualname__]) for each in list_errors(error))


def shorten_error(text: Any) -> str:
    """What Celery says of an error: its type, and when it is tried again."""
    found = RETRY_OR_TYPE.match(str(text))
    return found.group() if found else ""


def leave_out(_: Any) -> str:
    return ""


def keep_number(text: Any) -> str:
    return str(text) if str(text).isdecimal() else ""


# What Celery tells of a run, by the names in its messages.
OF_A_RUN: dict[str, Callable[[Any], str]] = {
    "exc": shorten_error,
    "traceback": leave_out,
    "return_value": keep_number,
    "args": leave_out,
    "kwargs": leave_out,
}


def write_message(record: logging.LogRecord) -> str:
    """The record's message without the words of an error."""
    if record.name == "py.warnings":
        found = WARNING_PLACE.match(record.getMessage())
        return found.group() if found else "a warning"
    message = str(write_argument(record.msg))
    if record.args:
        with suppress(TypeError, ValueError, KeyError):  # else logging would print the arguments as they are
            message = message % clean_arguments(record.args)
    error = record.exc_info[1] if record.exc_info else None
    for each in list_errors(error):
        for words in list_words(each):
            message = message.replace(words, type(each).__qualname__)
    return message


def clean_arguments(arguments: Any) -> Any:
    """The arguments of a message, errors among them as their types and Celery's description of a run without its words."""
    if isinstance(arguments, Mapping):
        return {key: write_argument(value, name=key) for key, value in arguments.items()}
    return tuple(write_argument(value) for value in arguments)


def write_argument(value: Any, *, name: str = "") -> Any:
    if write := OF_A_RUN.get(name):
        return write(value)
    return type(value).__qualname__ if isinstance(value, BaseException) else value


def list_words(error: BaseException) -> Iterator[str]:
    """What an error says, in each way that a message may quote it, the longest first."""
    said = {repr(error), str(error), *(str(part) for part in error.args)}
    return iter(sorted((words for words in said if len(words) >= SHORTEST), key=len, reverse=True))


def read_fields(record: logging.LogRecord) -> dict[str, Any]:
    """A line as its fields; those that are empty are left out."""
    task_id, task = TASK.get()
    error = record.exc_info[1] if record.exc_info else None
    application = os.environ.get("DB_APPLICATION_NAME", "lifegraph")
    fields = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "message": write_message(record),
        "request_id": REQUEST_ID.get(),
        "task_id": task_id,
        "task": task,
        "process": f"{application} {record.process}",
        "error": type(error).__qualname__ if error else "",
        "trace": describe_trace(error) if error else "",
    }
    return {name: value for name, value in fields.items() if value}


class JsonLines(JsonFormatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return str(self.serialize_log_record(read_fields(record)))


class PlainLines(logging.Formatter):
    """A line for a person to read, an error's origin below it."""

    def format(self, record: logging.LogRecord) -> str:
        fields = read_fields(record)
        names = " ".join(fields[name] for name in ("request_id", "task_id") if name in fields)
        line = f"{fields['time']} {fields['level']} {fields['logger']} {fields.get('message', '')}"
        return "\n".join(part for part in (f"{line} [{names}]" if names else line, fields.get("trace")) if part)


def make_formatter(kind: str = "") -> logging.Formatter:
    """The formatter of LOG_FORMAT, `json` or `plain`; the web server's own lines (config/granian.json) know no settings."""
    usual = "json" if os.environ.get("DJANGO_SETTINGS_MODULE") in JSON_SETTINGS else "plain"
    chosen = kind or os.environ.get("LOG_FORMAT") or usual
    return JsonLines() if chosen == "json" else PlainLines()


def plan_logging(*, kind: str, level: str) -> dict[str, Any]:
    """LOGGING: everything goes to stderr through one formatter; Django's own handlers (a page with a person's data by mail) are gone."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.make_formatter", "kind": kind}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level},
            "django.server": {"level": level},
            "urllib3": {"level": "INFO"},  # its DEBUG lines hold URLs with what was asked
            "pypdf": {
                "handlers": ["nowhere"],
                "propagate": False,
            },  # quotes the file; what could not be read is told by its row
        },
    }
