"""View: the materialized view takes in what the dirty log says has changed. Readers never wait for it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from graph.models import DirtyRow, Epoch, Refresh
from graph.services.work import ask_for
from memories.errors import TransientError
from memories.flags import is_switch_on


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the view is behind: seconds since its last refresh began (None: never), and rows in the dirty log."""

    seconds: float | None
    dirty: int


def read_lag() -> Lag:
    latest = Refresh.objects.order_by("-pk").first()
    seconds = (timezone.now() - latest.started_at).total_seconds() if latest else None
    return Lag(seconds=seconds, dirty=DirtyRow.objects.count())


def refresh_view(*, concurrently: bool = True) -> Refresh | None:
    """Refresh the view and empty the dirty log of what the refresh saw; None while another refresh is under way.

    Raises TransientError when a refresh that has just ended got in between.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT refresh_enriched_relationships(%s)", [concurrently])
            row = cursor.fetchone()
    except (
        OperationalError,
        IntegrityError,
    ) as error:  # rows of the other one's refresh are there and not in our snapshot
        raise TransientError(f"the refresh did not go through: {error}") from error
    if not row or not row[0]:
        return None
    for user_id in Epoch.objects.filter(refresh_id=row[0]).values_list("user_id", flat=True):
        ask_for("body", user_id=user_id)
    return Refresh.objects.get(pk=row[0])


def refresh_stale(*, dirty_rows: int = 5_000, older_than: timedelta = timedelta(minutes=15)) -> Refresh | None:
    """Refresh where the overlay has grown long, or where changes have waited long enough; None if there is no need."""
    if not is_switch_on("refresh_view"):
        return None
    lag = read_lag()
    old = lag.seconds is None or lag.seconds > older_than.total_seconds()
    if lag.dirty > dirty_rows or (lag.dirty and old):
        return refresh_view()
    return None


def take_in_erasure(*, user_id: int) -> None:
    """Let what a person erased leave the view as well, whether the view is refreshed by itself or not.

    Raises TransientError while another refresh is under way, which may have begun before the erasure.
    """
    if refresh_view() is None:
        raise TransientError("another refresh is under way")
