"""What an operator's dashboard asks of this app: who waits at which stage and in which lane, how long, and how far the backfill is."""

from collections.abc import Iterator

from django.db import connection
from prometheus_client.core import GaugeMetricFamily, Metric

from memories.models import Lane

# Only the rows in line are read (partial index memory_in_line); a row in a worker's hands waits for nobody.
WAITING = """
SELECT stage, lane, count(*), extract(epoch FROM statement_timestamp() - min(due_at))::float
FROM memories_memory
WHERE stage NOT IN ('enriched', 'failed') AND due_at <= statement_timestamp()
  AND (lease_until IS NULL OR lease_until < statement_timestamp())
GROUP BY stage, lane ORDER BY stage, lane
"""
LABELS = ["stage", "lane"]


def read_metrics() -> Iterator[Metric]:
    """Yield gauges; a stage and lane where nobody waits has none."""
    rows = GaugeMetricFamily("lifegraph_waiting_rows", "Memories that are due and in no worker's hands.", labels=LABELS)
    oldest = GaugeMetricFamily("lifegraph_oldest_due_seconds", "For how long the first of them waits.", labels=LABELS)
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        for stage, lane, waiting, seconds in cursor.fetchall():
            labels = [stage, Lane(lane).name.lower()]
            rows.add_metric(labels, waiting)
            oldest.add_metric(labels, seconds)
    yield rows
    yield oldest
