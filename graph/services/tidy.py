"""Upkeep: the dirty log forgets what has had its time."""

from django.db import connection

KEPT_DAYS = 30
# What the view has not taken in stays, and so does the row that says since when a person's log is whole.
TIDY = """
WITH gone AS (
    DELETE FROM graph_dirty_log
    WHERE at < now() - make_interval(days => %(days)s) AND kind <> 'forgotten'
      AND pg_visible_in_snapshot(xid, (SELECT graph_seen_by_view()))
    RETURNING user_id, xid
), latest AS (
    SELECT user_id, max(xid) AS xid FROM gone GROUP BY user_id
), before AS (
    DELETE FROM graph_dirty_log d USING latest WHERE d.user_id = latest.user_id AND d.kind = 'forgotten'
), marked AS (
    INSERT INTO graph_dirty_log (user_id, kind, xid)
    SELECT user_id, 'forgotten', xid FROM latest WHERE EXISTS (SELECT FROM memories_user u WHERE u.id = user_id)
)
SELECT count(*) FROM gone
"""


def tidy_log(*, days: int = KEPT_DAYS) -> int:
    """Forget rows older than `days`; versions from before them are too old from now on. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(TIDY, {"days": days})
        count: int = cursor.fetchone()[0]
    return count
