"""Served: /metrics in Prometheus' format, put together from what each app lists in settings.METRIC_SOURCES.

What a source reads from the database is of the whole installation, whichever web process answers; figures of a process carry its pid.
Nothing here is about a person.
"""

import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from config.connections import count_connections, read_plan

POOL = {"size": "pool_size", "available": "pool_available", "waiting": "requests_waiting"}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All gauges as they are now; a source whose database is away is named and leaves the others alone."""
    require_token(request)
    registry = CollectorRegistry()
    registry.register(Sources())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def require_token(request: HttpRequest) -> None:
    """Raise PermissionDenied without METRICS_TOKEN as `Authorization: Bearer`, Http404 where no token is set outside local."""
    if not settings.METRICS_TOKEN:
        if settings.METRICS_OPEN:
            return
        raise Http404
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), settings.METRICS_TOKEN.encode()):
        raise PermissionDenied


class Sources:
    """A collector that asks every source, and says of each whether it answered."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("lifegraph_source_up", "1 where a source of metrics could be read.", labels=["source"])
        for path in settings.METRIC_SOURCES:
            try:
                found = list(import_string(path)())
            except Error:
                found = []
                up.add_metric([path], 0)
            else:
                up.add_metric([path], 1)
            yield from found
        yield up


def read_server() -> Iterator[Metric]:
    """Yield the connections of the server to our database, by role, application and state, and what was planned for."""
    labels = ["role", "application", "state"]
    counted = GaugeMetricFamily("lifegraph_server_connections", "Connections to the database.", labels=labels)
    for count in count_connections():
        counted.add_metric([count.role, count.application, count.state], count.connections)
    yield counted
    budget = GaugeMetricFamily("lifegraph_connection_budget", "Connections by setting.", labels=["what"])
    budget.add_metric(["budget"], settings.DB_CONNECTION_BUDGET)
    budget.add_metric(["reserve"], settings.DB_CONNECTION_RESERVE)
    budget.add_metric(["planned"], read_plan().total)
    yield budget


def read_pool() -> Iterator[Metric]:
    """Yield the state of this process's pool; nothing where it has none."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    gauge = GaugeMetricFamily("lifegraph_pool_connections", "This process's pool.", labels=["pid", "what"])
    for what, name in POOL.items():
        gauge.add_metric([str(os.getpid()), what], stats.get(name, 0))
    yield gauge
