"""A crowd at the web of the drills: people with tokens, what they met, and what may not be."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from config.local.load import MIX, THINK_SECONDS, drive
from config.local.load_report import LoadReport
from tests.drills.measures import count
from tests.drills.scene import Scene
from tests.drills.table import Outcome

WEB_BUDGET = 8  # WEB_PROCESSES x DB_POOL_SIZE
BUDGET = 17  # what 20 connections leave beside the superuser's
READING: Mapping[str, int] = {name: weight for name, weight in MIX.items() if name != "store"}


@dataclass(slots=True)
class Crowd:
    """People who use the web in a thread of their own until the block is over; `report` is there then."""

    reports: list[LoadReport] = field(default_factory=list)

    @property
    def report(self) -> LoadReport:
        return self.reports[0]


def make_headers(usernames: Sequence[str]) -> list[dict[str, str]]:
    """Who each of them is, by a token; a name may stand there several times."""
    from knox.models import AuthToken

    from memories.models import User

    people = User.objects.in_bulk(list(set(usernames)), field_name="username")
    tokens = {name: AuthToken.objects.create(user=person)[1] for name, person in people.items()}
    return [{"Authorization": f"Token {tokens[name]}", "X-Forwarded-Proto": "https"} for name in usernames]


@contextmanager
def crowding(
    scene: Scene, headers: Sequence[Mapping[str, str]], *, mix: Mapping[str, int] = MIX, think: float = THINK_SECONDS
) -> Iterator[Crowd]:
    """Let people use the web while the block runs; connections are watched."""
    crowd, over = Crowd(), threading.Event()

    def use() -> None:
        report = drive(
            url=scene.url,
            people=headers,
            seconds=600,
            mix=mix,
            think=think,
            database_url=os.environ["DATABASE_URL"],
            over=over,
        )
        crowd.reports.append(report)

    thread = threading.Thread(target=use)
    thread.start()
    try:
        yield crowd
    finally:
        over.set()
        thread.join()
        connection.close()


def judge_crowd(outcome: Outcome, report: LoadReport, *, p95: float | None = None) -> None:
    """No request failed, nobody held more connections than the budget gives, no transaction idled, and what was stored is there.

    `p95` is a bound in seconds for all requests together.
    """
    outcome.wrong += report.find_faults(budgets={"lifegraph-web": WEB_BUDGET}, together=BUDGET)
    every = report.routes()[-1]
    if p95 is not None:
        outcome.require(every.p95 <= p95 * 1000, f"p95 {every.p95:.0f} ms, the bound is {p95 * 1000:.0f} ms")
    there = count("SELECT count(*) FROM memories_memory WHERE id = ANY(%s)", [report.stored])
    outcome.lost = (outcome.lost or 0) + len(report.stored) - there


def describe_crowd(report: LoadReport) -> str:
    """What the crowd met, in a line."""
    every, held = report.routes()[-1], report.held
    return (
        f"{report.people} people, {report.requests} requests ({report.requests / report.seconds:.0f}/s), p50 {every.p50:.0f} p95 {every.p95:.0f}"
        f" p99 {every.p99:.0f} max {every.most:.0f} ms; connections: web {held.connections['lifegraph-web']} of {WEB_BUDGET},"
        f" together {held.together} of {BUDGET}; idle in transaction {held.idle_in_transaction:.1f} s"
    )
