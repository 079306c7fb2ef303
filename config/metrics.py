"""Served: /metrics in Prometheus' format, put together from what each app lists in settings.METRIC_SOURCES and what all processes have
counted (config/counts.py).

What a source reads from the database is of the whole installation, whichever web process answers; figures of a process carry its pid.
Nothing here is about a person.
"""

import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.db.models import F
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from config.connections import count_connections, read_longest, read_plan
from config.counts import open_counts
from config.models import Heartbeat
from memories.wakeups import answers_ping

NEED_NO_DATABASE = ("config.metrics.read_redis", "config.metrics.read_pool")
POOL = {"size": "pool_size", "available": "pool_available", "waiting": "requests_waiting"}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All gauges as they are now; a source whose database is away is named and leaves the others alone."""
    require_token(request)
    registry = CollectorRegistry()
    registry.register(Sources())
    body = generate_latest(open_counts()) + generate_latest(registry)
    return HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_1_0_0)


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
    """A collector that asks every source, and says of each whether it answered; once the database is away nobody else is asked."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("lifegraph_source_up", "1 where a source of metrics could be read.", labels=["source"])
        away = False
        for path in settings.METRIC_SOURCES:
            found: list[Metric] = []
            try:
                found = [] if away and path not in NEED_NO_DATABASE else list(import_string(path)())
                up.add_metric([path], int(not away or path in NEED_NO_DATABASE))
            except Error:
                away = True
                up.add_metric([path], 0)
            yield from found
        yield up


def read_server() -> Iterator[Metric]:
    """Yield the connections of the server to our database, by role, application and state, and what was planned for."""
    labels = ["role", "application", "state"]
    counted = GaugeMetricFamily("lifegraph_server_connections", "Connections to the database.", labels=labels)
    for count in count_connections():
        counted.add_metric([count.role, count.application, count.state], count.connections)
    yield counted
    idle = GaugeMetricFamily(
        "lifegraph_idle_in_transaction_seconds", "The longest that idles in a transaction.", labels=["application"]
    )
    for application, seconds in list_idle().items():
        idle.add_metric([application], seconds)
    yield idle
    budget = GaugeMetricFamily("lifegraph_connection_budget", "Connections by setting.", labels=["what"])
    budget.add_metric(["budget"], settings.DB_CONNECTION_BUDGET)
    budget.add_metric(["reserve"], settings.DB_CONNECTION_RESERVE)
    budget.add_metric(["planned"], read_plan().total)
    yield budget


def list_idle() -> dict[str, float]:
    """Seconds by application, whatever its roles."""
    longest: dict[str, float] = {}
    for found in read_longest():
        longest[found.application] = max(found.idle, longest.get(found.application, 0.0))
    return longest


def read_heartbeats() -> Iterator[Metric]:
    """Yield how long ago something that nobody can ask was alive."""
    gauge = GaugeMetricFamily("lifegraph_heartbeat_age_seconds", "Since the last sign of life.", labels=["name"])
    for name, age in Heartbeat.objects.annotate(age=Now() - F("at")).values_list("name", "age"):
        gauge.add_metric([name], age.total_seconds())
    yield gauge


def read_redis() -> Iterator[Metric]:
    """Yield whether the broker answers."""
    answers = answers_ping(settings.REDIS_URL, seconds=0.5)
    yield GaugeMetricFamily("lifegraph_redis_up", "1 where the broker answers.", value=int(answers))


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
