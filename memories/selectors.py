"""Everything that pages and endpoints of this app read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from rest_framework.exceptions import ValidationError

from memories.models import Memory, Stage, User

Params = Mapping[str, str]


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
    stages = dict.fromkeys(Stage.values, 0) | dict(rows.values_list("stage").annotate(n=Count("pk")).order_by())
    whole = rows.aggregate(first=Min("occurred_on"), last=Max("occurred_on"))
    earlier = rows.filter(occurred_on__month=today.month, occurred_on__day=today.day, occurred_on__lt=today)
    return {
        "memories": {
            "total": sum(stages.values()),
            "stages": stages,
            "sources": dict(rows.values_list("source").annotate(n=Count("pk")).order_by("source")),
            **whole,
        },
        "latest": list(rows.order_by("-occurred_at", "-id")[:8]),
        "on_this_day": list(earlier.order_by("-occurred_at", "-id")[:5]),
    }


def list_recent_with_entities(*, user_id: int, limit: int = 50) -> list[tuple[int, date, list[dict[str, Any]]]]:
    """The latest memories that have entities: what the small graph is drawn from, one indexed read."""
    rows = Memory.objects.filter(user_id=user_id, entities__isnull=False).exclude(entities=[])
    recent = rows.order_by("-occurred_at")[:limit].values_list("pk", "occurred_on", "entities")
    return [(pk, day, entities or []) for pk, day, entities in recent]
