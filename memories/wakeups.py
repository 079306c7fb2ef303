"""Wake-ups: a message that says "there are due rows", never what must not be lost.

Publishing goes through a breaker. A broker that answers takes a wake-up in under a millisecond; one that is dead or stopped
costs one probe of at most 0.2 s and then nothing for 5 s, and the sweeper finds the rows when it is back.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PROBE_SECONDS = 0.2
PAUSE_SECONDS = 5.0
EXPIRES_SECONDS: Final = (
    20.0  # of wake-ups that follow from others: nearly each sends two more, so nothing else bounds the queue
)


class Breaker:
    """Remembers that the broker did not answer; one per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._good_until = 0.0

    def lets_through(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._closed_until:
                return False
            if now < self._good_until:
                return True
        return self._probe()

    def trip(self) -> None:
        with self._lock:
            self._closed_until = time.monotonic() + PAUSE_SECONDS
            self._good_until = 0.0

    def _probe(self) -> bool:
        if not answers_ping(settings.REDIS_URL, seconds=PROBE_SECONDS):
            logger.warning("broker does not answer; wake-ups pause for %s s, the sweeper will catch up", PAUSE_SECONDS)
            self.trip()
            return False
        with self._lock:
            self._good_until = time.monotonic() + 1.0
        return True


def answers_ping(url: str, *, seconds: float) -> bool:
    """Whether the Redis server at this URL answers a PING; a stopped process still accepts connections, so only that counts."""
    patience = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": Retry(NoBackoff(), 0)}
    client = Redis.from_url(url.replace("redis+socket://", "unix://"), **patience)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


BREAKER = Breaker()


def wake_on_commit(takes: str) -> None:
    """Tell the workers, once this transaction has committed, that rows of a stage are due."""

    def wake() -> None:  # no partial: when a robust hook raises, Django asks for its __qualname__
        send_wakeup("memories.tasks.advance_memories", args=[takes])

    transaction.on_commit(wake, robust=True)


def wake_stage(takes: str) -> bool:
    """Tell the workers that a stage may have due rows, for some seconds: whoever it concerns, the sweeper tells again."""
    return send_wakeup("memories.tasks.advance_memories", args=[takes], expires=EXPIRES_SECONDS)


def send_wakeup(
    task: str, *, args: Sequence[str | int] = (), countdown: float | None = None, expires: float | None = None
) -> bool:
    """Publish one wake-up; False when the broker is away (the sweeper will find the row).

    `expires` is for a sweeper that sends again what nobody took in so many seconds.
    """
    if not BREAKER.lets_through():
        return False
    try:
        current_app.send_task(
            task, args=list(args), countdown=countdown, expires=expires, retry=False, ignore_result=True
        )
    except (OperationalError, OSError):
        logger.warning("wake-up %s was not sent", task)
        BREAKER.trip()
        return False
    return True
