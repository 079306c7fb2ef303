"""Old memories are let in line a few a day, fairly between people: what was stored before anything was read.

An old memory waits without `due_at`. Letting it in gives it one, in the lane of the backfill, and notes when (`admitted_at`); from
then on it goes its way like any other, behind whatever is new. The day's allowance is counted from those notes by the database's
clock, in UTC, under one lock, so that it holds whoever lets memories in, and how often they die.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from memories.models import Lane, User
from memories.pipeline import get_step, list_steps
from memories.selectors import BACKFILL_SWITCH, Progress, list_pauses, read_backlog, read_progress
from memories.wakeups import wake_on_commit

__all__ = [
    "BACKFILL_SWITCH", "Progress", "admit_memories", "admit_share", "check_latency", "list_pauses", "mark_old", "preview_admission",
    "read_allowance", "read_by_person", "read_progress",
]  # fmt: skip

PATIENCE_SECONDS = 30.0  # a new memory that waits longer than this comes first
SHARES = 360  # of a day's allowance
SLICE = 5_000

MARK = """
UPDATE memories_memory SET intake = 'backfill', lane = %(lane)s, due_at = NULL
WHERE id IN (
    SELECT id FROM memories_memory
    WHERE stage = 'stored' AND entities IS NULL AND lease_until IS NULL AND due_at IS NOT NULL AND admitted_at IS NULL
      AND created_at < %(before)s AND (%(user)s::bigint IS NULL OR user_id = %(user)s)
    ORDER BY id LIMIT %(slice)s FOR NO KEY UPDATE SKIP LOCKED
)
"""
TODAY = """
SELECT count(*) FROM memories_memory
WHERE admitted_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
"""
BY_PERSON = """
SELECT u.username, sum(waiting)::int, sum(arrived)::int, sum(total)::int FROM (
    SELECT user_id, count(*) AS waiting, 0 AS arrived, count(*) AS total FROM memories_memory WHERE due_at IS NULL GROUP BY user_id
    UNION ALL
    SELECT user_id, 0, count(*) FILTER (WHERE stage = 'enriched'), count(*) FROM memories_memory
    WHERE admitted_at IS NOT NULL GROUP BY user_id
) counted JOIN memories_user u ON u.id = counted.user_id GROUP BY u.username ORDER BY u.username
"""
# Everybody's newest first, then everybody's second; in a round whoever was served longest ago goes first.
CHOOSE = """
WITH people AS (
    SELECT u.id, u.username,
        (SELECT max(m.admitted_at) FROM memories_memory m WHERE m.user_id = u.id AND m.admitted_at IS NOT NULL) AS served
    FROM memories_user u
    WHERE (%(user)s::bigint IS NULL OR u.id = %(user)s)
      AND EXISTS (SELECT FROM memories_memory m WHERE m.user_id = u.id AND m.due_at IS NULL)
), chosen AS (
    SELECT newest.id, people.username, row_number() OVER (ORDER BY newest.round, people.served NULLS FIRST, people.id) AS place
    FROM people CROSS JOIN LATERAL (
        SELECT m.id, row_number() OVER (ORDER BY m.occurred_at DESC, m.id DESC) AS round FROM memories_memory m
        WHERE m.user_id = people.id AND m.due_at IS NULL ORDER BY m.occurred_at DESC, m.id DESC LIMIT %(most)s
    ) newest
    ORDER BY place LIMIT %(most)s
)
"""
PREVIEW = f"{CHOOSE} SELECT username, count(*) FROM chosen GROUP BY username ORDER BY username"  # noqa: S608 -- constants
# The microseconds keep the order of the turns.
ADMIT = f"""{CHOOSE}, free AS MATERIALIZED (
    SELECT m.id, chosen.place FROM chosen JOIN memories_memory m ON m.id = chosen.id
    WHERE m.due_at IS NULL ORDER BY m.id FOR NO KEY UPDATE OF m SKIP LOCKED
)
UPDATE memories_memory m
SET lane = %(lane)s, queued_at = statement_timestamp(), due_at = statement_timestamp(),
    admitted_at = statement_timestamp() + make_interval(secs => free.place / 1e6)
FROM free WHERE m.id = free.id
"""  # noqa: S608 -- constants


def mark_old(*, before: date, user: User | None = None) -> int:
    """Take memories that were stored before this day (UTC) and not read yet out of the line; returns how many."""
    midnight = datetime.combine(before, time(), tzinfo=UTC)
    parameters: dict[str, Any] = {
        "lane": Lane.BACKFILL.value,
        "before": midnight,
        "user": user.pk if user else None,
        "slice": SLICE,
    }
    marked = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(MARK, parameters)
            if not cursor.rowcount:
                return marked
            marked += cursor.rowcount


def admit_share(*, per_day: int | None = None) -> int:
    """Let one share of the day's allowance in; called every minute, the allowance is used up within six hours."""
    allowance = settings.BACKFILL_PER_DAY if per_day is None else per_day
    return admit_memories(limit=-(-allowance // SHARES), per_day=per_day)


def admit_memories(*, limit: int, user: User | None = None, per_day: int | None = None) -> int:
    """Let at most `limit` old memories in, and no more than the day's allowance; returns how many. None while it is paused."""
    if list_pauses():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('backfill'))")
        most = min(limit, read_allowance(per_day=per_day))
        if most <= 0:
            return 0
        cursor.execute(ADMIT, {"user": user.pk if user else None, "most": most, "lane": Lane.BACKFILL.value})
        if cursor.rowcount:
            wake_on_commit(list_steps()[0].takes)
        return int(cursor.rowcount)


def preview_admission(*, limit: int, user: User | None = None, per_day: int | None = None) -> dict[str, int]:
    """Who would be let in and how many; writes nothing."""
    most = max(0, min(limit, read_allowance(per_day=per_day)))
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, {"user": user.pk if user else None, "most": most})
        return dict(cursor.fetchall())


def read_allowance(*, per_day: int | None = None) -> int:
    """How many old memories may still be let in today; never below 0."""
    with connection.cursor() as cursor:
        cursor.execute(TODAY)
        (today,) = cursor.fetchone()
    return max(0, (settings.BACKFILL_PER_DAY if per_day is None else per_day) - int(today))


def check_latency() -> str:
    """Why old memories wait for new ones; '' where no new memory has waited for long at a step that is switched on."""
    waits = [
        one.oldest_seconds for one in read_backlog() if one.lane == Lane.LIVE and get_step(one.stage).is_open(Lane.LIVE)
    ]
    longest = max(waits, default=0.0)
    return f"A new memory has waited for {longest:.0f} s." if longest > PATIENCE_SECONDS else ""


def read_by_person() -> dict[str, tuple[int, int, int]]:
    """How many old memories wait, have arrived in the graph, and there are, by the names of those who have any."""
    with connection.cursor() as cursor:
        cursor.execute(BY_PERSON)
        return {name: (waiting, arrived, total) for name, waiting, arrived, total in cursor.fetchall()}
