"""Addresses whose answers are large, in one piece or as a stream; each has asked the database before."""

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

PIECE = b"x" * 65_536
PIECES = 48  # 3 MB: more than a socket that nobody reads takes in


def ask(sql="SELECT 1"):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def small(request):
    return HttpResponse(str(ask()))


def whole(request):
    ask()
    return HttpResponse(PIECE * PIECES)


def streamed(request):
    ask()
    return StreamingHttpResponse(PIECE for _ in range(PIECES))


def pool(request):
    """How many of the pool's connections are free, asked without taking one."""
    return HttpResponse(str(connection.pool.get_stats()["pool_available"]))


urlpatterns = [path(view.__name__, view) for view in (small, whole, streamed, pool)]
