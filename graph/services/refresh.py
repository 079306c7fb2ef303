"""View: the materialized view takes in what has changed and notes the snapshot that it saw. Readers never wait for it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, OperationalError, connection, transaction

from graph.models import Refresh
from memories.errors import TransientError
from memories.flags import is_switch_on

# Of another life of the database, or from before snapshots were noted, a refresh counts for nothing. The rows are a statistic: the hour
# is for transactions that began before the refresh and ended after it.
LAG = """
WITH latest AS MATERIALIZED (
    SELECT started_at, snapshot::pg_snapshot AS seen FROM graph_refreshes
    WHERE home = graph_home() AND id = (SELECT max(id) FROM graph_refreshes)
)
SELECT (SELECT extract(epoch FROM now() - started_at) FROM latest), count(*), extract(epoch FROM now() - min(at))
FROM graph_dirty_log
WHERE kind IN ('relationship', 'truncate')
  AND at >= coalesce((SELECT started_at FROM latest) - interval '1 hour', '-infinity')
  AND coalesce(NOT pg_visible_in_snapshot(xid, (SELECT seen FROM latest)), true)
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the view is behind: seconds since its last refresh began (None: never), changes of relationships since then, and
    the seconds that the first of those waits.
    """

    seconds: float | None
    dirty: int
    waiting: float = 0.0

    def is_over(self, seconds: float) -> bool:
        """Whether the view was never refreshed here, or last longer ago than this and something came since."""
        return self.seconds is None or (self.dirty > 0 and self.seconds > seconds)


def read_lag() -> Lag:
    with connection.cursor() as cursor:
        cursor.execute(LAG)
        seconds, dirty, waiting = cursor.fetchone()
    return Lag(seconds=None if seconds is None else float(seconds), dirty=dirty, waiting=float(waiting or 0))


def refresh_view(*, concurrently: bool = True) -> Refresh | None:
    """Refresh the view; None while another refresh is under way.

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
        raise TransientError(f"the refresh did not go through: {type(error).__qualname__}") from error
    if not row or not row[0]:
        return None
    return Refresh.objects.get(pk=row[0])


def refresh_stale(*, dirty_rows: int = 5_000, older_than: timedelta = timedelta(minutes=15)) -> Refresh | None:
    """Refresh where the overlay has grown long, or where changes have waited long enough; None if there is no need."""
    if not is_switch_on("refresh_view"):
        return None
    lag = read_lag()
    if lag.dirty > dirty_rows or lag.is_over(older_than.total_seconds()):
        return refresh_view()
    return None


def take_in_erasure(*, user_id: int) -> None:
    """Let what a person erased leave the view as well, whether the view is refreshed by itself or not.

    Raises TransientError while another refresh is under way, which may have begun before the erasure.
    """
    if refresh_view() is None:
        raise TransientError("another refresh is under way")
