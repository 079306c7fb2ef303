"""Upkeep: the dirty log forgets what has had its time."""

from django.db import connection

KEPT_DAYS = 30
# What the view has not taken in stays, and so does a row that says up to where a person's log is not whole any more. Rows of the
# future came with a restore.
TIDY = """
WITH gone AS (
    DELETE FROM graph_dirty_log
    WHERE kind <> 'forgotten' AND (
        xid >= pg_snapshot_xmax(pg_current_snapshot())
        OR (at < now() - make_interval(days => %(days)s) AND pg_visible_in_snapshot(xid, (SELECT graph_seen_by_view())))
    )
    RETURNING user_id, view, xid
), latest AS (
    SELECT user_id, view, max(xid) AS xid FROM gone WHERE xid < pg_snapshot_xmax(pg_current_snapshot()) GROUP BY user_id, view
), before AS (
    DELETE FROM graph_dirty_log d USING latest WHERE d.user_id = latest.user_id AND d.view = latest.view AND d.kind = 'forgotten'
), marked AS (
    INSERT INTO graph_dirty_log (user_id, view, kind, xid)
    SELECT user_id, view, 'forgotten', xid FROM latest WHERE EXISTS (SELECT FROM memories_user u WHERE u.id = user_id)
)
SELECT count(*) FROM gone
"""


def tidy_log(*, days: int = KEPT_DAYS) -> int:
    """Forget rows older than `days`; versions from before them are too old from now on. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(TIDY, {"days": days})
        count: int = cursor.fetchone()[0]
    return count
