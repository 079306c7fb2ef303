"""Arrive: what comes of reading a page's items with several threads, none of which touches the database."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from integrations.errors import (
    ConnectionProblem,
    CursorExpired,
    ItemMissing,
    ItemRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.providers.base import Entry, Fetch, Reply, Request
from memories.drafts import MemoryDraft
from memories.errors import TransientError

Trouble = tuple[Entry, BaseException]
Reading = Sequence[tuple[Entry, Future[MemoryDraft]]]


class Gate:
    """Lets calls through until one of the threads is told to wait, or that access is gone; then none of them calls any more.

    After `until` (time.monotonic()) no call is begun either.
    """

    def __init__(self, fetch: Fetch, *, until: float) -> None:
        self._fetch = fetch
        self._until = until
        self._told: RateLimited | ConnectionProblem | None = None

    def fetch(self, request: Request) -> Reply:
        if self._told is not None:
            raise self._told
        if time.monotonic() > self._until:
            raise ProviderUnavailable("the provider takes too long to answer")
        try:
            return self._fetch(request)
        except (RateLimited, ConnectionProblem) as told:
            self._told = told
            raise


@dataclass(slots=True)
class Read:
    """What became of entries: drafts, refusals with their reason, ids that are missing, and those to be tried again tomorrow."""

    drafts: list[tuple[Entry, MemoryDraft]] = field(default_factory=list)
    refused: list[tuple[Entry, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: list[tuple[Entry, str]] = field(default_factory=list)


def sort_outcomes(reading: Reading) -> tuple[Read, list[Trouble]]:
    """What was read, and what could not be read now."""
    read, troubles = Read(), list[Trouble]()
    for entry, future in reading:
        match future.exception():
            case None:
                read.drafts.append((entry, future.result()))
            case ItemMissing():
                read.missing.append(entry.remote_id)
            case ItemRefused() as told:
                read.refused.append((entry, str(told)))
            case error:
                troubles.append((entry, error))
    return read, troubles


def concerns_all(troubles: Sequence[Trouble]) -> bool:
    """Whether no other item can be read either; else the provider broke over these, or we did."""
    return any(_is_of_all(error) for _, error in troubles)


def _is_of_all(error: BaseException) -> bool:
    return isinstance(error, (RateLimited, ConnectionProblem, Refused, CursorExpired))


def choose_error(troubles: Sequence[Trouble]) -> BaseException:
    """The error that tells most about what to do now; of several waits the longest."""
    errors = [error for _, error in troubles]
    stops = [error for error in errors if _is_of_all(error)]
    waits = [error for error in stops if isinstance(error, RateLimited)]
    others = [error for error in stops if not isinstance(error, RateLimited)]
    return next(iter(others), None) or max(waits, key=lambda told: told.seconds, default=None) or errors[0]


def describe_trouble(error: BaseException) -> str:
    """Our own errors say what went wrong without a person's text; of others only the type is told."""
    return str(error) if isinstance(error, TransientError) else f"something broke ({type(error).__qualname__})"
