"""Everything that pages and endpoints of this app read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.module_loading import import_string
from rest_framework.exceptions import ValidationError

from memories.flags import is_switch_on
from memories.models import Lane, Memory, Stage, User
from memories.pipeline import list_steps

Params = Mapping[str, str]

BACKFILL_SWITCH = "backfill_entities"
# Only rows in line are read (by its index); a row in a worker's hands waits for nobody. `modified` is the time of the last flip, or of
# a later edit of the switch's note, after which an alert is late by its bound.
BACKLOG = """
SELECT stage, lane, memories, greatest(0, extract(epoch FROM statement_timestamp() - greatest(due_at, s.modified)))::float
FROM (
    SELECT stage, lane::int, count(*) AS memories, min(due_at) AS due_at FROM memories_memory
    WHERE stage NOT IN ('enriched', 'failed') AND due_at <= statement_timestamp()
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
    GROUP BY stage, lane
) line
LEFT JOIN unnest(%(stages)s::text[], %(lanes)s::int[], %(switches)s::text[]) AS gate(stage, lane, switch) USING (stage, lane)
LEFT JOIN waffle_switch s ON s.name = gate.switch AND s.active
ORDER BY stage, lane
"""
# Old memories either wait (index memory_not_admitted) or were let in (memory_admitted, memory_admitted_of).
PROGRESS = """
SELECT waiting, let_in, done, failed, today FROM
    (SELECT count(*) FROM memories_memory
     WHERE due_at IS NULL AND (%(user)s::bigint IS NULL OR user_id = %(user)s)) AS w(waiting),
    (SELECT count(*), count(*) FILTER (WHERE stage = 'enriched'), count(*) FILTER (WHERE stage = 'failed'),
        count(*) FILTER (WHERE admitted_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
     FROM memories_memory
     WHERE admitted_at IS NOT NULL AND (%(user)s::bigint IS NULL OR user_id = %(user)s)) AS a(let_in, done, failed, today)
"""
# People take turns, so before the last of one person's memories everybody else has had as many, or all of theirs. With how many were let
# in today, whosever they are.
AHEAD = """
WITH waiting AS (SELECT user_id, count(*) AS memories FROM memories_memory WHERE due_at IS NULL GROUP BY user_id)
SELECT coalesce(sum(least(others.memories, own.memories)), 0)::bigint, (
    SELECT count(*) FROM memories_memory
    WHERE admitted_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
) FROM waiting others, waiting own WHERE own.user_id = %(user)s
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Memories at a stage, in a lane, that are due and in nobody's hands, and for how long the first of them has been.

    By the database's clock, and for no longer than the step's switch is on: behind one that is off memories are meant to wait.
    """

    stage: str
    lane: Lane
    rows: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the backfill of old memories is, of one person or of all.

    `waiting` are not let in yet, `in_line` are between two stages, `done` are in the graph; `ahead` are let in before the last of
    them is, other people's among them; `left_today` of the day's allowance are for all people together, as far as anybody waits.
    """

    total: int
    waiting: int
    in_line: int
    done: int
    failed: int
    admitted_today: int
    per_day: int
    ahead: int
    left_today: int

    @property
    def days_left(self) -> int:
        """On which day the last of them is let in: 0 for nobody waits, 1 for today, 2 for tomorrow."""
        later = max(0, self.ahead - self.left_today)
        return -(-later // max(1, self.per_day)) + (self.ahead > 0)


def list_memories(*, user: User, params: Params) -> "QuerySet[Memory]":
    """The person's memories by `entity`, `source`, `since`, `until` and `q`, newest first."""
    rows = Memory.objects.for_user(user)
    if entity := params.get("entity"):
        rows = rows.naming(entity.replace("\x00", " "))
    if source := params.get("source"):
        rows = rows.filter(source=source.replace("\x00", " "))
    if since := params.get("since"):
        rows = rows.filter(occurred_on__gte=read_day(since, field="since"))
    if until := params.get("until"):
        rows = rows.filter(occurred_on__lte=read_day(until, field="until"))
    if words := params.get("q", "").strip():
        rows = rows.matching(words.replace("\x00", " "))
    return rows.order_by("-occurred_at", "-id")


def read_day(text: str, *, field: str) -> date:
    """A date of a query string; raises ValidationError naming the field."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError({field: [f"'{text[:40]}' is not a date like 2026-03-31."]}) from None


def search_memories(*, user: User, words: str, limit: int) -> list[dict[str, Any]]:
    """Best matches first: `{"memory": {…}, "score"}`. Any of the words may match; the more and the rarer, the better."""
    rows: Any = Memory.objects.raw(
        """
        SELECT m.id, m.external_id, m.title, m.occurred_at, m.source,
               ts_rank(memory_words(m.title, m.content), q.query, 1) AS score,
               ts_headline('english', left(m.content, 20000), q.query,
                           'StartSel="", StopSel="", MaxWords=35, MinWords=15, MaxFragments=1') AS snippet
        FROM memories_memory m,
             (SELECT replace(plainto_tsquery('english', life_unaccent(%s))::text, '&', '|')::tsquery AS query) q
        WHERE m.user_id = %s AND memory_words(m.title, m.content) @@ q.query
        ORDER BY score DESC, m.occurred_at DESC, m.id DESC LIMIT %s
        """,
        [words.replace("\x00", " "), user.pk, limit],
    )
    return [
        {
            "memory": {
                "id": row.pk,
                "external_id": row.external_id,
                "title": row.title,
                "snippet": row.snippet,
                "occurred_at": row.occurred_at,
                "source": row.source,
            },
            "score": round(row.score, 6),
        }
        for row in rows
    ]


def read_dashboard(*, user: User, today: date) -> dict[str, Any]:
    """This app's part of the dashboard: how much there is, where it stands, what is new and what was on this day."""
    rows = Memory.objects.for_user(user)
    old = Count("pk", filter=Q(due_at__isnull=True) | Q(admitted_at__isnull=False))
    counted = list(rows.values_list("stage").annotate(n=Count("pk"), old=old).order_by())
    stages = dict.fromkeys(Stage.values, 0) | {stage: number for stage, number, _ in counted}
    whole = rows.aggregate(first=Min("occurred_on"), last=Max("occurred_on"))
    earlier = rows.filter(occurred_on__month=today.month, occurred_on__day=today.day, occurred_on__lt=today)
    return {
        "memories": {
            "total": sum(stages.values()),
            "stages": stages,
            "sources": dict(rows.values_list("source").annotate(n=Count("pk")).order_by("source")),
            **whole,
        },
        "backfill": _describe_backfill(user) if any(number for *_, number in counted) else None,
        "latest": list(rows.order_by("-occurred_at", "-id")[:8]),
        "on_this_day": list(earlier.order_by("-occurred_at", "-id")[:5]),
    }


def _describe_backfill(user: User) -> dict[str, Any]:
    progress = read_progress(user=user)
    return {
        "total": progress.total,
        "done": progress.done,
        "failed": progress.failed,
        "waiting": progress.waiting,
        "days_left": progress.days_left,
        "paused": not is_switch_on(BACKFILL_SWITCH),  # no guard is asked: its pause is short, and asking is dear
    }


def read_progress(*, user: User | None = None, per_day: int | None = None) -> Progress:
    """How far the backfill is; of one person two queries, of all one. Without `per_day` the allowance is that of the settings."""
    parameters = {"user": user.pk if user else None}
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, parameters)
        waiting, let_in, done, failed, today = cursor.fetchone()
        ahead, everybodys = waiting, today
        if user and waiting:
            cursor.execute(AHEAD, parameters)
            ahead, everybodys = cursor.fetchone()
    allowance = settings.BACKFILL_PER_DAY if per_day is None else per_day
    return Progress(
        total=waiting + let_in,
        waiting=waiting,
        in_line=let_in - done - failed,
        done=done,
        failed=failed,
        admitted_today=today,
        per_day=allowance,
        ahead=ahead,
        left_today=max(0, allowance - everybodys),
    )


def list_pauses() -> list[str]:
    """A sentence for each reason why no old memory is let in at the moment: its switch, then settings.BACKFILL_GUARDS."""
    if not is_switch_on(BACKFILL_SWITCH):
        return [f"The switch {BACKFILL_SWITCH} is off."]
    guards: list[Callable[[], str]] = [import_string(path) for path in settings.BACKFILL_GUARDS]
    return [sentence for guard in guards if (sentence := guard())]


def read_backlog() -> list[Backlog]:
    """Who waits at which stage and in which lane; where nobody waits there is no entry."""
    gates = [(step, lane) for step in list_steps() for lane in Lane]
    parameters: dict[str, Any] = {
        "stages": [step.takes for step, _ in gates],
        "lanes": [lane.value for _, lane in gates],
        "switches": [step.get_switch(lane) for step, lane in gates],
    }
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, parameters)
        return [Backlog(stage, Lane(lane), rows, seconds) for stage, lane, rows, seconds in cursor.fetchall()]


def list_recent_with_entities(*, user_id: int, limit: int = 50) -> list[tuple[int, date, list[dict[str, Any]]]]:
    """The latest memories that have entities: what the small graph is drawn from, one indexed read."""
    rows = Memory.objects.filter(user_id=user_id, entities__isnull=False).exclude(entities=[])
    recent = rows.order_by("-occurred_at")[:limit].values_list("pk", "occurred_on", "entities")
    return [(pk, day, entities or []) for pk, day, entities in recent]
