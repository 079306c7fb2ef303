"""Whether this process lives, and whether the product can do its work."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from config.models import Heartbeat
from graph.services.refresh import read_lag
from memories.flags import is_switch_on
from memories.wakeups import answers_ping

VIEW_AND_ITS_INDEX = """
SELECT count(i.indexname), count(DISTINCT v.matviewname) FROM pg_matviews v
LEFT JOIN pg_indexes i ON i.tablename = v.matviewname AND i.indexdef LIKE 'CREATE UNIQUE%'
WHERE v.matviewname = 'view_enriched_relationships'
"""
APPLIED = "SELECT app, name FROM django_migrations"
DATABASE_SECONDS = 1.5
REDIS_SECONDS = 0.5
BEAT_SECONDS = 120
VIEW_SECONDS = 30 * 60
NO_ANSWER = f"The database gave no answer within {DATABASE_SECONDS} s."
NOT_ASKED = "Not asked, for the database does not answer."


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found."""

    ok: bool
    says: str


def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """All checks, each with a sentence. Without database, migrations or view the product cannot do its work: 503.

    Whatever else is away or late is named, and the status is `degraded`: memories are stored and shown without it.
    """
    asked = Asking.join(ask_database)
    redis = check_redis()
    checks = asked.answer() | {"redis": redis}
    able = all(checks[name].ok for name in ("database", "migrations", "view"))
    status = "not ready" if not able else "ok" if all(check.ok for check in checks.values()) else "degraded"
    told = {name: {"ok": check.ok, "says": check.says} for name, check in checks.items()}
    return JsonResponse({"status": status, "checks": told}, status=200 if able else 503)


class Asking:
    """A question to the database in a thread of its own, for neither a pool that is used up nor a server that hangs ends in time.

    One at a time in a process: who comes while one is under way waits for its answer.
    """

    lock = threading.Lock()
    current: ClassVar["Asking | None"] = None

    @classmethod
    def join(cls, ask: Callable[[], Mapping[str, Check]]) -> "Asking":
        """The question that is under way, else a new one."""
        with cls.lock:
            if cls.current is None:
                cls.current = cls(ask)
                cls.current.thread.start()
            return cls.current

    def __init__(self, ask: Callable[[], Mapping[str, Check]]) -> None:
        self.ask = ask
        self.found: Mapping[str, Check] = {}
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.found = self.ask()
        except (DatabaseError, InterfaceError) as error:
            self.found = tell_away(f"The database does not answer ({type(error).__name__}).")
        finally:
            with self.lock:
                Asking.current = None
            connection.close()

    def answer(self) -> dict[str, Check]:
        """Wait for the answer no longer than DATABASE_SECONDS."""
        self.thread.join(DATABASE_SECONDS)
        return dict(self.found or tell_away(NO_ANSWER))


def tell_away(says: str) -> dict[str, Check]:
    """What is known while the database is away."""
    others = dict.fromkeys(("migrations", "view", "lag", "beat"), Check(ok=False, says=NOT_ASKED))
    return {"database": Check(ok=False, says=says), **others}


def ask_database() -> dict[str, Check]:
    """Everything that the database knows. Raises Error where it is away."""
    with connection.cursor() as cursor:
        cursor.execute(APPLIED)
        applied = set(cursor.fetchall())
        cursor.execute(VIEW_AND_ITS_INDEX)
        indexes, views = cursor.fetchone()
    checks = {
        "database": Check(ok=True, says="It answers."),
        "migrations": check_migrations(applied),
        "view": check_view(views=views, indexes=indexes),
    }
    if checks["migrations"].ok and checks["view"].ok:
        checks |= {"lag": check_lag(), "beat": check_beat()}
    return checks


def check_migrations(applied: set[tuple[str, str]]) -> Check:
    """Every migration of this code has run; those of newer code do no harm (expand, then contract)."""
    missing = sorted(name for name in read_known_migrations() if name not in applied)
    if not missing:
        return Check(ok=True, says="All have run.")
    app, name = missing[0]
    return Check(ok=False, says=f"{len(missing)} have not run, {app}.{name} first.")


@cache
def read_known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this code, read from its files once a process."""
    return frozenset(MigrationLoader(None).disk_migrations)


def check_view(*, views: int, indexes: int) -> Check:
    if not views:
        return Check(ok=False, says="view_enriched_relationships is not there.")
    if not indexes:
        return Check(
            ok=False, says="view_enriched_relationships has no unique index, so it cannot be refreshed beside readers."
        )
    return Check(ok=True, says="It is there with its unique index.")


def check_lag() -> Check:
    """Changes wait for the view no longer than VIEW_SECONDS, as long as it is refreshed at all."""
    lag = read_lag()
    says = f"{lag.dirty} changes wait for a refresh, the first for {lag.waiting:.0f} s."
    if not is_switch_on("refresh_view"):
        return Check(ok=True, says=f"{says} refresh_view is off.")
    return Check(ok=lag.waiting <= VIEW_SECONDS, says=says)


def check_beat() -> Check:
    """Beat gave a sign of life, by way of the broker and a worker."""
    age = Heartbeat.objects.filter(name="beat").annotate(age=Now() - F("at")).values_list("age", flat=True).first()
    if age is None:
        return Check(ok=False, says="Beat has never given a sign of life.")
    seconds = age.total_seconds()
    return Check(
        ok=seconds <= BEAT_SECONDS, says=f"Its last sign of life, by way of broker and worker, is {seconds:.0f} s old."
    )


def check_redis() -> Check:
    answers = answers_ping(settings.REDIS_URL, seconds=REDIS_SECONDS)
    says = "It answers." if answers else "It does not answer; memories are stored, and worked on when it is back."
    return Check(ok=answers, says=says)


def note_alive(name: str) -> None:
    """Write down that something which nobody can ask was alive just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": Now()})
