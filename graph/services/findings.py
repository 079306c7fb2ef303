"""Enriched: a layer's table comes to hold what the layer finds now; what differs is written, what no longer holds goes.

Between two whole passes a value stays as it is until it has moved by more than `HYSTERESIS`, so that no line flickers, and only the
evidence follows, so that what was erased is not among it; a whole pass writes every value exactly. The delta log is the triggers'
business (graph/sql/deltas_v1.sql).
"""

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from graph.enrichment.base import Finding

HYSTERESIS = 0.05
PASSING = ("evidence", "p_adjusted")  # change with every new day and are no values

Rows = Mapping[Any, Mapping[str, Any]]  # by the values of the key's columns


def make_row(finding: Finding, *, model: Any) -> dict[str, Any]:
    """A finding as columns of its table."""
    values = {name: model._meta.get_field(name).to_python(value) for name, value in finding.values.items()}
    return values | {"status": finding.status, "evidence": dict(finding.evidence)}


def replace_rows(kept: QuerySet[Any], *, key: Sequence[str], rows: Rows, user_id: int, exact: bool) -> set[Any]:
    """Let the rows `kept` (all that may stand) become `rows`, keyed by the columns `key`; returns the keys of rows that changed."""
    model = kept.model
    before = {tuple(_hashable(getattr(row, name)) for name in key): row for row in kept}
    gone = before.keys() - rows.keys()
    model.objects.filter(user_id=user_id, pk__in=[before[found].pk for found in gone]).delete()
    now = timezone.now()
    new = [
        model(user_id=user_id, computed_at=now, **dict(zip(key, found, strict=True)), **columns)
        for found, columns in rows.items()
        if found not in before
    ]
    model.objects.bulk_create(new)
    there = rows.keys() & before.keys()
    moved = {found for found in there if _is_other(before[found], rows[found], exact=exact)}
    still = [(before[found], _passing(rows[found])) for found in rows if found in there - moved]
    _write(model, [(before[found], rows[found]) for found in rows if found in moved], computed_at=now)
    _write(model, still, computed_at=now)
    return (rows.keys() - there) | moved | gone


def _write(model: Any, rows: Iterable[tuple[Any, Mapping[str, Any]]], *, computed_at: datetime) -> None:
    """Give rows that stand these columns, those to which they are any news."""
    news = [(row, columns) for row, columns in rows if _is_other(row, columns, exact=True)]
    for row, columns in news:
        for name, value in columns.items():
            setattr(row, name, value)
        row.computed_at = computed_at
    written = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(
        [row for row, _ in news], update_conflicts=True, unique_fields=["id"], update_fields=written
    )


def _passing(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name in PASSING}


def _is_other(row: Any, columns: Mapping[str, Any], *, exact: bool) -> bool:
    names = columns if exact else [name for name in columns if name not in PASSING]
    return any(_differ(getattr(row, name), columns[name], exact=exact) for name in names)


def _differ(old: Any, new: Any, *, exact: bool) -> bool:
    if isinstance(old, dict):
        return bool(old != json.loads(json.dumps(new)))  # as it would come back: lists for tuples, texts for keys
    if not exact and isinstance(old, float) and isinstance(new, float):
        return abs(old - new) > HYSTERESIS
    return bool(old != new)


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value
