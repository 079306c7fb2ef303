"""What an operator's dashboard asks of this app: how far the view is behind, and what its last refresh cost."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from graph.models import Refresh
from graph.services.refresh import read_lag


def read_metrics() -> Iterator[Metric]:
    """Yield gauges; those of a refresh are absent until there was one."""
    lag = read_lag()
    yield GaugeMetricFamily(
        "lifegraph_overlay_rows", "Rows of the log that the view has not taken in.", value=lag.dirty
    )
    yield GaugeMetricFamily(
        "lifegraph_view_waiting_seconds", "For how long the first of them waits.", value=lag.waiting
    )
    latest = Refresh.objects.order_by("-pk").first()
    if latest is None or lag.seconds is None:
        return
    took = (latest.finished_at - latest.started_at).total_seconds()
    yield GaugeMetricFamily(
        "lifegraph_view_lag_seconds", "Since the last refresh of the view began.", value=lag.seconds
    )
    yield GaugeMetricFamily("lifegraph_refresh_duration_seconds", "What the last refresh took.", value=took)
    yield GaugeMetricFamily("lifegraph_refresh_rows", "Rows of the view after the last refresh.", value=latest.rows)
