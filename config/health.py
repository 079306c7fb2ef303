"""Whether this process lives, and whether the product can do its work."""

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse

from config.models import Heartbeat
from memories.wakeups import answers_ping

VIEW_AND_ITS_INDEX = "SELECT count(*) FROM pg_matviews v JOIN pg_indexes i ON i.tablename = v.matviewname WHERE v.matviewname = 'view_enriched_relationships' AND i.indexdef LIKE 'CREATE UNIQUE%%'"


def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Database, migrations, the view with its unique index, and the broker; 503 names what is missing.

    A broker that is away is named but does not make the product unready: memories are stored without it.
    """
    checks = {"database": False, "migrations": False, "view": False, "redis": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute(VIEW_AND_ITS_INDEX)
            checks["database"], checks["view"] = True, cursor.fetchone()[0] > 0
        executor = MigrationExecutor(connection)
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        pass
    checks["redis"] = answers_ping(settings.REDIS_URL, seconds=0.5)
    needed = all(fine for name, fine in checks.items() if name != "redis")
    return JsonResponse({"status": "ok" if needed else "not ready", "checks": checks}, status=200 if needed else 503)


def note_alive(name: str) -> None:
    """Write down that something which nobody can ask was alive just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": Now()})
