"""Graph jobs of a person: asked for often, done once. The row in `graph_work` is the truth, a message only its wake-up."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from graph.models import Work
from memories.errors import TransientError, WorkFailed
from memories.pipeline import LEASE_SECONDS, MAX_ATTEMPTS, choose_delay
from memories.wakeups import send_wakeup

# What each kind runs, called with user_id; how long a burst of requests is gathered, and at most how long it may be put off.
KINDS = {
    "layout": "graph.services.layout.lay_out",
    "body": "graph.services.bodies.store_bodies",
    "layers": "graph.services.layers.renew_layers",
    "erasure": "graph.services.refresh.take_in_erasure",
}
GATHER_SECONDS = 1.0
LONGEST_SECONDS = 60.0
LONG_LEASE_SECONDS = 660  # a whole pass may take minutes; past Celery's hard limit its worker is surely dead

ASK = """
INSERT INTO graph_work AS w (user_id, kind, slot, attempts, asked_at, due_at)
VALUES (%(user)s, %(kind)s, '', 0, now(), now() + make_interval(secs => %(gather)s))
ON CONFLICT (user_id, kind, slot) DO UPDATE
SET due_at = CASE WHEN w.lease_until IS NULL AND w.failed_at IS NULL
        THEN least(now() + make_interval(secs => %(gather)s), w.asked_at + make_interval(secs => %(longest)s))
        ELSE now() + make_interval(secs => %(gather)s) END,
    asked_at = CASE WHEN w.lease_until IS NULL AND w.failed_at IS NULL THEN w.asked_at ELSE now() END,
    attempts = CASE WHEN w.failed_at IS NULL THEN w.attempts ELSE 0 END,
    failed_at = NULL
"""  # a run under way may have read before this request, so the request begins a new wait
CLAIM = """
UPDATE graph_work SET attempts = attempts + 1, lease_token = %(token)s,
    lease_until = now() + make_interval(secs => CASE kind WHEN 'layers' THEN %(long)s ELSE %(lease)s END)
WHERE id = (
    SELECT id FROM graph_work
    WHERE failed_at IS NULL AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, user_id, kind, attempts, asked_at
"""


def ask_for(kind: str, *, user_id: int, gather: float = GATHER_SECONDS) -> None:
    """Note in this transaction that a person's graph needs a job, and wake a worker for it after the commit.

    The job waits until nobody has asked for `gather` seconds, but `LONGEST_SECONDS` at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"user": user_id, "kind": kind, "gather": gather, "longest": LONGEST_SECONDS})

    def wake() -> None:
        send_wakeup("graph.tasks.do_graph_work", countdown=gather + 0.2)

    transaction.on_commit(wake, robust=True)


def run_due_work() -> int:
    """Do every job that is due, in this process; returns how many were done."""
    done = 0
    while do_one():
        done += 1
    return done


def count_waiting_work() -> int:
    """Jobs that are not done and have not failed for good."""
    return Work.objects.filter(failed_at__isnull=True).count()


def do_one() -> bool:
    """Claim and do one due job; False when none is due. Its row goes when nobody asked again meanwhile."""
    with connection.cursor() as cursor:
        token = uuid4()
        cursor.execute(CLAIM, {"token": token, "lease": LEASE_SECONDS, "long": LONG_LEASE_SECONDS})
        row = cursor.fetchone()
    if row is None:
        return False
    pk, user_id, kind, attempts, asked_at = row
    if attempts > MAX_ATTEMPTS:
        _give_up(pk, token=token, reason="the worker died each time")
        return True  # it was not ours any more
    before = Work.objects.values_list("due_at", flat=True).get(pk=pk)
    try:
        run: Callable[..., None] = import_string(KINDS[kind])
        run(user_id=user_id)
    except Exception as error:
        _postpone(pk, token=token, attempts=attempts, reason=describe(error))
        raise
    done = Work.objects.filter(pk=pk, lease_token=token, due_at=before, asked_at=asked_at).delete()[0]
    if not done:
        Work.objects.filter(pk=pk, lease_token=token).update(
            attempts=0, lease_until=None, lease_token=None, asked_at=Now()
        )
    return True


def describe(error: Exception) -> str:
    """What is kept of an error: only our own say themselves, the message of others may quote a person's text."""
    return str(error) if isinstance(error, TransientError) else type(error).__qualname__


def _postpone(pk: int, *, token: UUID, attempts: int, reason: str) -> None:
    """Give the job back, due later by the database's clock; whoever has lost the lease leaves it as it is."""
    if attempts >= MAX_ATTEMPTS:
        _give_up(pk, token=token, reason=reason)
    due_at = Now() + timedelta(seconds=choose_delay(attempts))
    Work.objects.filter(pk=pk, lease_token=token).update(lease_until=None, lease_token=None, due_at=due_at)


def _give_up(pk: int, *, token: UUID, reason: str) -> None:
    if Work.objects.filter(pk=pk, lease_token=token).update(failed_at=Now(), lease_until=None, lease_token=None):
        raise WorkFailed(reason, units=[f"graph_work:{pk}"])


def sweep_work() -> int:
    """Wake a worker for every overdue job without a live lease; returns how many wake-ups were sent."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    overdue = Work.objects.filter(free, failed_at__isnull=True, due_at__lt=Now() - timedelta(seconds=5)).count()
    return sum(send_wakeup("graph.tasks.do_graph_work") for _ in range(min(overdue, 500)))
