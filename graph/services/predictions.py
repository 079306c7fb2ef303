"""Enriched: predictions are written, put on record, and scored once they come due."""

from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np
from django.db import connection
from django.db.models import F, Q

from graph.enrichment.base import Finding, day_date, day_number
from graph.enrichment.scoring import score
from graph.models import PredictedRelationship, PredictionScore, Series
from graph.services.facts import fetch
from graph.services.findings import make_row, replace_rows
from memories.models import User

# The days of every series that has an open entry; of a pair that was only expected to meet, the first day it did.
OCCURRED = """
SELECT s.id, CASE WHEN s.days > 0 THEN s.occurrences ELSE array_remove(ARRAY[t.first - date '1970-01-01'], NULL) END
FROM graph_series s
LEFT JOIN entity_ties t ON t.user_id = s.user_id AND t.a_id = s.entity_a_id AND t.b_id = s.entity_b_id
WHERE s.user_id = %(user)s AND s.id IN (SELECT series_id FROM graph_prediction_scores WHERE user_id = %(user)s AND outcome IS NULL)
"""
# Every prediction that has no open entry goes on record.
PROMISE = """
INSERT INTO graph_prediction_scores (user_id, series_id, kind, horizon, made_on, due_on, confidence)
SELECT p.user_id, p.series_id, p.kind, p.horizon, %(today)s::date,
       CASE p.kind WHEN 'next' THEN p.expected_on ELSE %(today)s::date + p.horizon END, p.prediction_confidence
FROM predicted_relationships p
WHERE p.user_id = %(user)s AND p.prediction_confidence IS NOT NULL AND (p.kind <> 'next' OR p.expected_on > %(today)s::date)
  AND NOT EXISTS (
      SELECT FROM graph_prediction_scores o
      WHERE (o.user_id, o.series_id, o.kind, o.horizon) = (p.user_id, p.series_id, p.kind, p.horizon) AND o.outcome IS NULL)
ORDER BY p.id
ON CONFLICT DO NOTHING
"""
KEY = ("series_id", "kind", "horizon")
# Two things that are only expected to meet have a series without days, so that their prediction has a place.
MEET = """
INSERT INTO graph_series (user_id, entity_a_id, entity_b_id, days, dirty_at)
SELECT %(user)s, p.a, p.b, 0, NULL FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS p(a, b)
JOIN graph_entities x ON x.user_id = %(user)s AND x.id = p.a
JOIN graph_entities y ON y.user_id = %(user)s AND y.id = p.b
ORDER BY p.a, p.b
ON CONFLICT (user_id, entity_a_id, entity_b_id) DO NOTHING
"""


def write_predictions(
    user: User, *, findings: Sequence[Finding], asked: Collection[int] | None, there: set[int]
) -> None:
    """Layer 6: the rows of the asked series (None: of all, new links included) become these."""
    wanted = [finding for finding in findings if asked is None or _subject(finding)[1] != "link"]
    pairs = sorted({_subject(finding)[0] for finding in wanted if _subject(finding)[1] == "link"})
    series = dict.fromkeys(there) | _name_pairs(user.pk, pairs=pairs)
    rows = {}
    for finding in wanted:
        about, kind, horizon = _subject(finding)
        if about in series:
            rows[series[about] or about, kind, horizon] = make_row(finding, model=PredictedRelationship)
    kept = PredictedRelationship.objects.filter(user_id=user.pk)
    if asked is not None:
        kept = kept.filter(series_id__in=list(asked)).exclude(kind="link")
    replace_rows(kept, key=KEY, rows=rows, user_id=user.pk, exact=asked is None)
    if asked is None:
        expected = PredictedRelationship.objects.filter(user_id=user.pk).values("series_id")
        promised = PredictionScore.objects.filter(user_id=user.pk).values("series_id")
        Series.objects.filter(user_id=user.pk, days=0).exclude(pk__in=expected).exclude(pk__in=promised).delete()


def _subject(finding: Finding) -> tuple[Any, str, int]:
    return cast("tuple[Any, str, int]", finding.subject)


def _name_pairs(user_id: int, *, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    if not pairs:
        return {}
    ends: dict[str, Any] = {"user": user_id, "a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(MEET, ends)
    rows = Series.objects.filter(user_id=user_id, entity_a_id__in=ends["a"], entity_b_id__in=ends["b"])
    return {(a, b): pk for pk, a, b in rows.values_list("pk", "entity_a_id", "entity_b_id")}


def keep_score(user: User, *, today: int) -> None:
    """Score what has come due, or true, and put every prediction on record that has no open entry yet."""
    date_today = day_date(today)
    days = {pk: np.array(found, dtype=np.int64) for pk, found in fetch(OCCURRED, user=user.pk)}
    open_entries = PredictionScore.objects.filter(user_id=user.pk, outcome__isnull=True)
    ripe = Q(due_on__lt=date_today) | Q(series__last__gt=F("made_on")) | Q(series__days=0)
    decided = []
    for entry in open_entries.filter(ripe).order_by("pk"):
        entry.outcome = score(
            entry.kind,
            made_on=day_number(entry.made_on),
            due_on=day_number(entry.due_on),
            days=days.get(entry.series_id, np.array([], dtype=np.int64)),
            today=today,
        )
        decided += [entry] if entry.outcome else []
    PredictionScore.objects.bulk_update(decided, ["outcome"], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute(PROMISE, {"user": user.pk, "today": date_today})
