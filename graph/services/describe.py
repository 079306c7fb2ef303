"""Served: what recurs, has a season or is expected, and what to look at, as the API lists them."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from graph.detection.suspicions import Kind, explain_suspicion
from graph.detection.suspicions import Suspicion as Found
from graph.enrichment import LAYERS_BY_NAME
from graph.evidence import list_live_memories, read_names
from graph.models import Series, Suspicion
from graph.services.explain import OF_SERIES, read_values


def describe_series(rows: Iterable[Series]) -> list[dict[str, Any]]:
    """The answer of `graph/series/`: recurrences, seasons and predictions, each with its sentence; null where there is none."""
    series = list(rows)
    ids = [row.pk for row in series]
    user_id = series[0].user_id if series else 0
    found: dict[str, dict[int, list[Any]]] = {}
    for name, model in OF_SERIES.items():
        for row in model.objects.filter(user_id=user_id, series_id__in=ids, status="computed").order_by(
            "-kind" if name == "prediction" else "pk", "pk"
        ):
            found.setdefault(name, {}).setdefault(row.series_id, []).append(row)
    names = read_names(
        user_id=user_id, entity_ids=[e for s in series for e in (s.entity_a_id, s.entity_b_id) if e is not None]
    )
    return [_describe(row, found=found, names=names) for row in series]


def _describe(
    series: Series, *, found: Mapping[str, Mapping[int, list[Any]]], names: Mapping[int, str]
) -> dict[str, Any]:
    recurrence = next(iter(found.get("temporal", {}).get(series.pk, ())), None)
    season = next(iter(found.get("seasonal", {}).get(series.pk, ())), None)
    predictions = found.get("prediction", {}).get(series.pk)
    ends = [pk for pk in (series.entity_a_id, series.entity_b_id) if pk is not None]
    return {
        "id": series.pk,
        "entities": [{"id": pk, "name": names.get(pk, "")} for pk in ends],
        "days": series.days,
        "recurrence": recurrence
        and {
            "rrule": recurrence.recurrence_frequency,
            "label": recurrence.label,
            "score": recurrence.recurrence_score,
            "last": recurrence.last_occurrence,
            "next": recurrence.next_predicted_occurrence,
            "confidence": recurrence.confidence,
            "why": _why("temporal", recurrence),
        },
        "seasonal": season
        and {
            "strength": season.seasonal_strength,
            "months": season.seasonal_months,
            "why": _why("seasonal", season),
        },
        "predictions": predictions
        and [
            {
                "kind": row.kind,
                "horizon": row.horizon,
                "confidence": row.prediction_confidence,
                "expected_on": row.expected_on,
                "why": row.prediction_reason,
            }
            for row in predictions
        ],
    }


def _why(name: str, row: Any) -> str:
    return LAYERS_BY_NAME[name].explain(values=read_values(row), evidence=row.evidence, names={})


def describe_suspicions(rows: Iterable[Suspicion]) -> list[dict[str, Any]]:
    """The answer of `graph/suspicions/`: the reason in words, and the memories."""
    suspicions = list(rows)
    named = [pk for row in suspicions for pk in row.memory_ids]
    there = set(list_live_memories(user_id=suspicions[0].user_id, memory_ids=named)) if suspicions else set()
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "why": explain_suspicion(
                Found(kind=cast("Kind", row.kind), memories=tuple(row.memory_ids), numbers=row.evidence)
            ),
            "memories": [pk for pk in row.memory_ids if pk in there],
            "found_at": row.found_at,
        }
        for row in suspicions
    ]
