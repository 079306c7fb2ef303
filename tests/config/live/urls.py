"""Addresses with large answers, in one piece or as a stream, and one for large questions; each asks the database first."""

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

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


@csrf_exempt
def sent(request):
    """The length of what was sent; the connection is asked for first, as authentication does."""
    ask()
    return HttpResponse(str(len(request.body)))


def pool(request):
    """How many of the pool's connections are free, asked without taking one."""
    return HttpResponse(str(connection.pool.get_stats()["pool_available"]))


urlpatterns = [path(view.__name__, view) for view in (small, whole, streamed, sent, pool)]
