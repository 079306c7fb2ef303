"""Stored: a person's days follow their time zone."""

from django.db import connection, transaction

from memories.models import Lane, Stage, User, validate_time_zone
from memories.wakeups import wake_on_commit

# What has a time keeps it and may fall on another day; what has only a day keeps the day and begins at its new midnight.
# What was read already is related anew, behind what is new: mentions, ties and series carry days. What is not in line stays out of it.
MOVE = """
UPDATE memories_memory SET
    occurred_at = CASE WHEN occurred_precision = 'time' THEN occurred_at ELSE occurred_on::timestamp AT TIME ZONE %(zone)s END,
    occurred_on = CASE WHEN occurred_precision = 'time' THEN (occurred_at AT TIME ZONE %(zone)s)::date ELSE occurred_on END,
    stage = CASE WHEN stage IN ('related', 'enriched') THEN 'extracted' ELSE stage END,
    lane = CASE WHEN stage IN ('related', 'enriched') THEN %(bulk)s ELSE lane END,
    due_at = CASE WHEN due_at IS NULL THEN NULL ELSE now() END,
    revision = revision + 1, attempts = 0, lease_until = NULL, lease_token = NULL, updated_at = now()
WHERE user_id = %(user)s
"""


def change_time_zone(*, user: User, name: str) -> None:
    """Let the person's days begin and end by another clock. Raises ValidationError for a zone that does not exist."""
    validate_time_zone(name)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(time_zone=name)
        user.time_zone = name
        with connection.cursor() as cursor:
            cursor.execute(MOVE, {"user": user.pk, "zone": name, "bulk": Lane.BULK.value})
        for stage in (Stage.STORED, Stage.EXTRACTED):
            wake_on_commit(stage)
