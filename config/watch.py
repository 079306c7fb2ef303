"""Watched: what would tell an operator that something is wrong, looked at every minute by beat.

Each check has a name, a bound and a function that says what is beyond the bound ('' = nothing). What it says becomes an `Alert`, which
is open once per name whoever looks: it is logged and mailed when it begins, once a day while it lasts, and when it is over.
That beat itself is silent nobody can tell here; `/health/ready` and Prometheus do.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import mail_admins
from django.db import Error
from django.db.models import Q
from django.db.models.functions import Now

from config.connections import ALERT_PER_CENT, check_headroom, read_longest
from config.models import Alert
from graph.services.refresh import read_lag
from integrations.metrics import read_lateness
from integrations.models import JobFailure
from memories.flags import is_switch_on
from memories.models import Lane
from memories.pipeline import get_step
from memories.selectors import read_backlog

logger = logging.getLogger(__name__)

FEW_FAILURES = 3  # fewer new ones are no doubling, however few there were
REMIND_AFTER = timedelta(days=1)
MAIL_TAKES = timedelta(minutes=5)  # who set out to tell and did not say so in that time has died
CALM = timedelta(minutes=3)  # what is not seen for so long is over; what comes and goes is one alert


def look_at_connections(_: float) -> str:
    """The bound is that of the guards, so that all speak of the same room."""
    return check_headroom()


def look_at_transactions(bound: float) -> str:
    found = max(read_longest(), key=lambda longest: longest.idle, default=None)
    if found is None or found.idle <= bound:
        return ""
    return f"A connection of {found.application} has held a transaction for {found.idle:.0f} s without doing anything."


def look_at_backlog(bound: float) -> str:
    """Only behind switches that are on: behind the others memories are meant to wait."""
    live = [one for one in read_backlog() if one.lane == Lane.LIVE and get_step(one.stage).is_open(Lane.LIVE)]
    longest = max(live, key=lambda one: one.oldest_seconds, default=None)
    if longest is None or longest.oldest_seconds <= bound:
        return ""
    return f"A new memory at stage {longest.stage} has waited for {longest.oldest_seconds:.0f} s; {longest.rows} wait there."


def look_at_failures(bound: float) -> str:
    """So many new ones within an hour, or so many that they have doubled."""
    counted = JobFailure.objects.filter(state="open")
    new = counted.filter(first_seen__gt=Now() - timedelta(hours=1)).count()
    if new < FEW_FAILURES:
        return ""
    before = counted.count() - new
    return (
        f"{new} failures are new within an hour, beside {before} older ones."
        if new >= min(bound, before or bound)
        else ""
    )


def look_at_view(bound: float) -> str:
    if not is_switch_on("refresh_view"):
        return ""
    lag = read_lag()
    return f"{lag.dirty} changes wait for the view, the first for {lag.waiting:.0f} s." if lag.waiting > bound else ""


def look_at_syncs(bound: float) -> str:
    late = {provider: seconds for provider, seconds in read_lateness().items() if seconds > bound}
    told = ", ".join(f"{provider} by {seconds:.0f} s" for provider, seconds in sorted(late.items()))
    return f"Syncs are late: {told}." if late else ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at."""

    name: str
    bound: float
    look: Callable[[float], str]


CHAPTERS = {  # of docs/runbook.md
    "connections": "LifeGraphConnectionsNearBudget",
    "idle_in_transaction": "LifeGraphIdleInTransaction",
    "backlog": "LifeGraphBacklogOld",
    "failures": "LifeGraphFailuresGrow",
    "view": "LifeGraphViewStale",
    "syncs": "LifeGraphSyncsLate",
}
CHECKS = (
    Check("connections", bound=ALERT_PER_CENT, look=look_at_connections),  # per cent of the budget
    Check("idle_in_transaction", bound=5, look=look_at_transactions),  # seconds
    Check("backlog", bound=300, look=look_at_backlog),  # seconds
    Check("failures", bound=10, look=look_at_failures),  # new within an hour
    Check("view", bound=1_800, look=look_at_view),  # seconds
    Check("syncs", bound=3_600, look=look_at_syncs),  # seconds
)


def watch() -> int:
    """Look at everything; returns how many alerts are open."""
    for check in CHECKS:
        try:
            detail = check.look(check.bound)[:500]
        except Error as error:
            logger.error("nobody knows of %s: %s", check.name, type(error).__name__)  # noqa: TRY400 -- its message may quote a text
            continue
        if detail:
            begin_alert(check.name, detail=detail)
        else:
            end_alert(check.name)
    return Alert.objects.filter(ended_at__isnull=True).count()


def begin_alert(name: str, *, detail: str) -> None:
    """Open the alert or renew what it says, and tell it if nobody was told, or not since yesterday."""
    alert, is_new = Alert.objects.get_or_create(name=name, ended_at__isnull=True, defaults={"detail": detail})
    if is_new:
        logger.error("alert %s: %s", name, detail)
    Alert.objects.filter(pk=alert.pk).update(detail=detail, seen_at=Now())
    due = Q(told_at__isnull=True) | Q(told_at__lt=Now() - REMIND_AFTER)
    if not Alert.objects.filter(due, pk=alert.pk).update(told_at=Now() - REMIND_AFTER + MAIL_TAKES):
        return  # somebody has told it, or is about to
    if alert.told_at:
        logger.error("alert %s goes on since %s: %s", name, alert.began_at, detail)
    text = f"{detail}\n\nWhat to do: docs/runbook.md, {CHAPTERS[name]}\n"
    told = send_mail(f"{name}, since {alert.began_at:%Y-%m-%d %H:%M} UTC", text=text)
    Alert.objects.filter(pk=alert.pk).update(told_at=Now() if told else alert.told_at)


def end_alert(name: str) -> None:
    """Close the alert, if there is one, and tell whoever was told that it began."""
    alert = Alert.objects.filter(name=name, ended_at__isnull=True, seen_at__lt=Now() - CALM).first()
    if alert is None or not Alert.objects.filter(pk=alert.pk, ended_at__isnull=True).update(ended_at=Now()):
        return
    if alert.told_at and not send_mail(f"{name} is over", text=f"It was: {alert.detail}"):
        Alert.objects.filter(pk=alert.pk).update(ended_at=None)
        return
    logger.info("alert %s is over", name)


def send_mail(subject: str, *, text: str) -> bool:
    """Mail the addresses of ALERT_EMAILS, if any; False if that failed and is to be tried again."""
    if not settings.ADMINS:
        return True
    try:
        mail_admins(subject, text)
    except OSError as error:  # SMTPException is one
        logger.warning("an alert could not be mailed: %s", type(error).__name__)
        return False
    return True
