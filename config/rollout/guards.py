"""What has to hold before a phase is switched on: each guard measures one thing and says what it found beside its bound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from config.connections import ALERT_PER_CENT, check_headroom, count_used
from config.health import VIEW_AND_ITS_INDEX
from config.rollout.phases import IN_ORDER, Phase
from config.rollout.states import State, Word, list_unapplied, read_switches
from graph.services.refresh import read_lag
from integrations.models import JobFailure
from memories.models import Lane, Memory, Stage
from memories.pipeline import get_step
from memories.selectors import read_backlog

STALE_SECONDS = 1_800  # twice what `refresh_stale` lets changes wait
OLDEST_SECONDS = {Lane.LIVE: 300, Lane.BULK: 3_600, Lane.BACKFILL: 3_600}
FEW_FAILURES = 10  # in an hour; fewer say nothing about a rate
FAILURES_PER_CENT = 2
SILENT_SECONDS = 120  # beat is noted every 30


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition: what it is called, whether it holds now, and what was measured, with the bound."""

    name: str
    holds: bool
    says: str


def check_migrations() -> Guard:
    """Every migration of this code is applied."""
    missing = list_unapplied()
    says = f"not applied: {', '.join(missing)}; run manage.py migrate." if missing else "all are applied."
    return Guard(name="migrations", holds=not missing, says=says)


def check_view() -> Guard:
    """The view and its unique index exist; without the index no refresh runs beside readers."""
    with connection.cursor() as cursor:
        cursor.execute(VIEW_AND_ITS_INDEX)
        found = cursor.fetchone()[0] > 0
    says = "view_enriched_relationships and its unique index are there."
    return Guard("view", found, says if found else "view_enriched_relationships or its unique index is missing.")


def check_freshness() -> Guard:
    """The view was refreshed, and nothing has waited for it for long."""
    lag = read_lag()
    if lag.seconds is None:
        return Guard(
            "freshness",
            holds=False,
            says="the view was never refreshed; manage.py refresh_enriched_relationships does it.",
        )
    age = timedelta(seconds=round(lag.seconds))
    waits = f", the first {timedelta(seconds=round(lag.waiting))} ago" if lag.dirty else ""
    bound = timedelta(seconds=STALE_SECONDS)
    says = f"refreshed {age} ago, {lag.dirty} changes since{waits} (bound: none older than {bound})."
    return Guard("freshness", holds=lag.waiting <= STALE_SECONDS, says=says)


def check_backlog() -> Guard:
    """No memory waits long for a stage that is switched on; behind a switch that is off it is meant to wait."""
    oldest = read_oldest()
    late = {lane: seconds for lane, seconds in oldest.items() if seconds > OLDEST_SECONDS[lane]}
    if not oldest:
        return Guard("backlog", holds=True, says="no memory waits.")
    told = [
        f"the oldest of lane {lane.label.lower()} has waited {timedelta(seconds=round(seconds))}"
        f" (bound {timedelta(seconds=OLDEST_SECONDS[lane])})"
        for lane, seconds in sorted((late or oldest).items())
    ]
    return Guard("backlog", holds=not late, says=f"{', '.join(told)}.")


def read_oldest() -> dict[Lane, float]:
    """Seconds that the oldest due row of each lane has waited, of stages that run now."""
    switches = read_switches()
    oldest: dict[Lane, float] = {}
    for waiting in read_backlog():
        if switches[get_step(waiting.stage).get_switch(waiting.lane)]:
            oldest[waiting.lane] = max(oldest.get(waiting.lane, 0.0), float(waiting.oldest_seconds))
    return oldest


def check_failures() -> Guard:
    """Of the work of the last hour only little failed for good."""
    since = Now() - timedelta(hours=1)
    failed = JobFailure.objects.filter(state="open", last_seen__gte=since).count()
    if failed < FEW_FAILURES:
        return Guard(
            "failures", holds=True, says=f"{failed} in the last hour (fewer than {FEW_FAILURES} are no matter)."
        )
    finished = Memory.objects.filter(stage=Stage.ENRICHED, due_at__gte=since).count()
    share = failed * 100 / (failed + finished)
    says = (
        f"{failed} in the last hour beside {finished} memories finished: {share:.1f} % (bound {FAILURES_PER_CENT} %)."
    )
    return Guard("failures", holds=share <= FAILURES_PER_CENT, says=says)


def check_connections() -> Guard:
    """There is room in the budget of connections."""
    says = f"{count_used()} of {settings.DB_CONNECTION_BUDGET} are open (bound: under {ALERT_PER_CENT} %)."
    return Guard("connections", holds=not check_headroom(), says=says)


def check_beat() -> Guard:
    """Beat, broker and a worker were alive a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM now() - at) FROM config_heartbeat WHERE name = 'beat'")
        row = cursor.fetchone()
    if row is None:
        return Guard("beat", holds=False, says="beat, broker and worker were never seen alive together.")
    says = f"seen alive {timedelta(seconds=round(row[0]))} ago (bound {timedelta(seconds=SILENT_SECONDS)})."
    return Guard("beat", holds=row[0] < SILENT_SECONDS, says=says)


GUARDS: dict[str, Callable[[], Guard]] = {
    "migrations": check_migrations,
    "view": check_view,
    "freshness": check_freshness,
    "backlog": check_backlog,
    "failures": check_failures,
    "connections": check_connections,
    "beat": check_beat,
}


def check_order(phase: Phase, *, states: Mapping[str, State]) -> Guard:
    """The phases before this one are wholly on."""
    before = IN_ORDER[: IN_ORDER.index(phase)]
    missing = [f"{it} is {states[it.name]}" for it in before if states[it.name].word != Word.ON]
    return Guard("order", holds=not missing, says=f"{', '.join(missing) or 'the phases before are on'}.")


def check_phases(phases: Sequence[Phase], *, states: Mapping[str, State]) -> dict[str, list[Guard]]:
    """Measure what has to hold before each of these phases is switched on, each thing once; guards by name of the phase."""
    names = {name for phase in phases for name in phase.guards}
    measured = {name: check() for name, check in GUARDS.items() if name in names}
    found = {phase.name: [measured[name] for name in phase.guards] for phase in phases}
    for phase in phases:
        if phase in IN_ORDER[1:]:
            found[phase.name].insert(0, check_order(phase, states=states))
    return found
