"""What an operator's dashboard asks of this app: who waits at which stage and in which lane, how long, and how far the backfill is."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from memories.pipeline import get_step
from memories.selectors import read_backlog, read_progress

LABELS = ["stage", "lane"]


def read_metrics() -> Iterator[Metric]:
    """Yield gauges; where nobody waits there is none, and behind a switch that is off nobody waits too long."""
    rows = GaugeMetricFamily("lifegraph_waiting_rows", "Memories that are due and in no worker's hands.", labels=LABELS)
    oldest = GaugeMetricFamily("lifegraph_oldest_due_seconds", "For how long the first of them waits.", labels=LABELS)
    for backlog in read_backlog():
        labels = [backlog.stage, backlog.lane.name.lower()]
        rows.add_metric(labels, backlog.rows)
        if get_step(backlog.stage).is_open(backlog.lane):
            oldest.add_metric(labels, backlog.oldest_seconds)
    yield rows
    yield oldest
    progress = read_progress()
    old = GaugeMetricFamily("lifegraph_backfill_memories", "Old memories, by how far they are.", labels=["state"])
    for state in ("waiting", "in_line", "done", "failed"):
        old.add_metric([state], getattr(progress, state))
    yield old
