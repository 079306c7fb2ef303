"""What an operator's dashboard asks of this app: how late syncs are, which runs are open, and what failed for good."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from integrations.flags import list_running_providers
from integrations.models import Connection, JobFailure, SyncRun


def read_metrics() -> Iterator[Metric]:
    """Yield gauges; a provider that is switched off is not late, and one without connections has no lag at all."""
    lag = GaugeMetricFamily("lifegraph_sync_lag_seconds", "By how much the latest sync is late.", labels=["provider"])
    for provider, seconds in read_lateness().items():
        lag.add_metric([provider], seconds)
    yield lag
    runs = GaugeMetricFamily("lifegraph_sync_runs", "Runs that have not ended, by state.", labels=["state"])
    counted = SyncRun.objects.filter(state__in=SyncRun.OPEN).order_by().values_list("state").annotate(Count("pk"))
    for state, count in counted:
        runs.add_metric([state], count)
    yield runs
    failures = GaugeMetricFamily("lifegraph_job_failures", "Failures that are open, by kind.", labels=["kind"])
    for kind, count in JobFailure.objects.filter(state="open").order_by().values_list("kind").annotate(Count("pk")):
        failures.add_metric([kind], count)
    yield failures


def read_lateness() -> dict[str, float]:
    """Seconds by which the latest sync of each provider that may sync is late, 0 where all are in time."""
    now, running = timezone.now(), list_running_providers()
    due = Connection.objects.filter(state=Connection.State.ACTIVE, provider__in=running, next_at__isnull=False)
    firsts = due.order_by().values_list("provider").annotate(Min("next_at"))
    return {provider: max((now - first).total_seconds(), 0.0) for provider, first in firsts}
