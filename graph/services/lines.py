"""Related: the lines that detection draws from texts and series become relationships."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from graph.detection.base import Line
from graph.services.findings import HYSTERESIS
from graph.sql import read_sql


def write_lines(lines: Sequence[Line], *, user_id: int, kept: Collection[int], exact: bool) -> None:
    """Let the relationships with the ids `kept` become these lines."""
    if not lines and not kept:
        return
    parameters: dict[str, Any] = {
        "user": user_id,
        "kept": list(kept),
        "exact": exact,
        "hysteresis": HYSTERESIS,
        "sources": [line.source for line in lines],
        "targets": [line.target for line in lines],
        "types": [line.type for line in lines],
        "confidences": [line.confidence for line in lines],
        "methods": [line.method for line in lines],
        "reasons": [line.reasoning[:500] for line in lines],
        "evidence": [json.dumps(line.evidence) for line in lines],
    }
    with connection.cursor() as cursor:
        cursor.execute(read_sql("lines_v1.sql"), parameters)
