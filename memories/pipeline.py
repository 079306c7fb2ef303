"""The journey of a memory: who claims due rows of a stage, for how long, and what happens when the work goes wrong.

The row is the truth. A claim writes its attempt before the work begins, holds a lease while it runs, and its result is
accepted only while row, revision and lease are still the ones that were claimed. A row whose lease ran out was in the
hands of a process that died, so it is claimed alone: a poison row harms no neighbour and fails after `MAX_ATTEMPTS`.

Rows stand in lanes. A claim takes the lowest lane that has due rows and holds rows of that lane alone. What came by the thousand
(every lane but LIVE) goes in small batches of one person's each, so that what somebody just wrote never waits long behind one: a
person costs relating and enriching some 100 ms, a further memory of theirs less than 10.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.flags import is_switch_on
from memories.models import Lane, Memory, Stage, User

MAX_ATTEMPTS = 5
BASE_DELAY_SECONDS = 30.0
LEASE_SECONDS = 240
MAX_BATCH_CHARACTERS = 400_000
MAX_CROWD_CHARACTERS = 40_000
LANES = tuple(Lane)

NEAR = 300

FREE = "lane = %(lane)s AND due_at <= statement_timestamp() AND (lease_until IS NULL OR lease_until < statement_timestamp())"
# One lane at a time, so that rows come from the index in their order, however many are due.
SELECT = f"""
SELECT id, revision, size, lease_until IS NOT NULL, user_id FROM memories_memory
WHERE stage = %(stage)s AND {FREE} AND (%(user)s::bigint IS NULL OR user_id = %(user)s)
ORDER BY due_at, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 -- constants
# One person's among the first NEAR of the lane. Without `|| ''` the planner may read the whole line to find them.
SELECT_NEAR = f"""
WITH near AS MATERIALIZED (
    SELECT id, user_id FROM memories_memory WHERE stage = %(stage)s AND {FREE} ORDER BY due_at, id LIMIT {NEAR}
)
SELECT id, revision, size, lease_until IS NOT NULL, user_id FROM memories_memory
WHERE id = ANY(ARRAY(SELECT id FROM near WHERE user_id = %(user)s)) AND stage || '' = %(stage)s AND {FREE}
ORDER BY due_at, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 -- constants


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that one worker owns for a while: ids to revisions, under one lease token."""

    token: UUID
    revisions: dict[int, int]
    alone: bool

    @property
    def ids(self) -> list[int]:
        return sorted(self.revisions)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of settings.MEMORY_PIPELINE.

    A batch holds at most `rows` new memories, or `crowd` of one person that came by the thousand (0: as many). `backfill_switch` lets
    old memories through in the place of `switch`.
    """

    takes: str
    gives: str
    switch: str
    rows: int
    run: Callable[[Claim], None]
    crowd: int = 0
    backfill_switch: str = ""

    def get_switch(self, lane: int) -> str:
        """The switch that lets rows of this lane through."""
        return self.backfill_switch if lane == Lane.BACKFILL and self.backfill_switch else self.switch

    def is_open(self, lane: int) -> bool:
        return is_switch_on(self.get_switch(lane))

    def measure_batch(self, lane: int) -> tuple[int, int]:
        """At most how many rows and how many characters go in one batch."""
        if lane == Lane.LIVE:
            return self.rows, MAX_BATCH_CHARACTERS
        return self.crowd or self.rows, MAX_CROWD_CHARACTERS


def list_steps() -> list[Step]:
    entries: list[dict[str, Any]] = settings.MEMORY_PIPELINE
    return [Step(**{**entry, "run": import_string(entry["run"])}) for entry in entries]


def get_step(takes: str) -> Step:
    return next(step for step in list_steps() if step.takes == takes)


def advance_new() -> int:
    """Carry a batch of new memories through each stage in turn; returns how many rows were claimed. Raises as `advance` does.

    Every task of a worker begins with it, so a new memory waits for no more than what the workers have in hand.
    """
    return sum(advance(step, lanes=(Lane.LIVE,)) for step in list_steps())


def advance(step: Step, *, user: User | None = None, lanes: Sequence[int] = LANES) -> int:
    """Carry one batch of due rows a stage on; returns how many rows were claimed (0: nothing is due or the switch is off).

    Raises TransientError (its rows are due again after its `delay`), WorkBroke (its rows are tried again one by one) and
    WorkFailed (their attempts are used up). The reason of a failure names the type of an error that is not ours, never its
    message: a database quotes the row it refused, and with it a person's text.
    """
    claim = claim_rows(step, user=user, lanes=[lane for lane in lanes if step.is_open(lane)])
    if claim is None:
        return 0
    try:
        step.run(claim)
    except TransientError as error:
        error.delay = postpone(claim, delay=error.delay)
        fail_exhausted(claim, step=step, reason=str(error))
        raise
    except KeyboardInterrupt:
        give_back(claim)
        raise
    except Exception as error:
        surrender(claim)
        reason = type(error).__qualname__
        fail_exhausted(claim, step=step, reason=reason)
        raise WorkBroke(reason) from error
    return len(claim.revisions)


def claim_rows(step: Step, *, user: User | None = None, lanes: Sequence[int] = LANES) -> Claim | None:
    """Take due rows of the first lane that has any: one whose lease ran out alone, else a batch. The attempt is committed here."""
    with transaction.atomic():
        revisions = next(filter(None, (_select(step, lane=lane, user=user) for lane in lanes)), None)
        if revisions is None:
            return None
        alone = len(revisions) == 1
        claim = Claim(token=uuid4(), revisions=revisions, alone=alone)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE memories_memory SET attempts = attempts + 1, lease_token = %s,"
                " lease_until = now() + make_interval(secs => %s) WHERE id = ANY(%s)",
                [claim.token, LEASE_SECONDS, claim.ids],
            )
    if alone:
        fail_overrun(claim, step=step)
    return claim


def _select(step: Step, *, lane: int, user: User | None) -> dict[int, int]:
    """Ids and revisions of the next batch of a lane, locked."""
    most, characters = step.measure_batch(lane)
    owner = user.pk if user else None
    rows = _fetch(SELECT, step=step, lane=lane, owner=owner, most=most if user or lane == Lane.LIVE else 1)
    if rows and user is None and lane != Lane.LIVE:
        rows = _fetch(SELECT_NEAR, step=step, lane=lane, owner=rows[0][-1], most=most) or rows
    for identity, revision, _, abandoned, _ in rows:
        if abandoned:
            return {identity: revision}
    chosen: dict[int, int] = {}
    for identity, revision, size, _, _ in rows:
        characters -= size
        if chosen and characters < 0:
            break
        chosen[identity] = revision
    return chosen


def _fetch(sql: str, *, step: Step, lane: int, owner: int | None, most: int) -> list[tuple[int, int, int, bool, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"stage": step.takes, "lane": lane, "rows": most, "user": owner})
        return list(cursor.fetchall())


def finish(claim: Claim, *, gives: str, kept: Sequence[int] | None = None) -> int:
    """Hand claimed rows to the next stage; call it in the transaction that writes the result.

    Rows that were edited, erased or claimed by another worker meanwhile are left as they are. Returns the rows moved.
    """
    ids = claim.ids if kept is None else list(kept)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE memories_memory m SET stage = %s, attempts = 0, lease_until = NULL, lease_token = NULL, due_at = now()"
            " FROM unnest(%s::bigint[], %s::int[]) AS c(id, revision)"
            " WHERE m.id = c.id AND m.revision = c.revision AND m.lease_token = %s",
            [gives, ids, [claim.revisions[i] for i in ids], claim.token],
        )
        return int(cursor.rowcount)


def list_owners(claim: Claim) -> list[int]:
    """Ids of the people whose memories are claimed."""
    rows = Memory.objects.filter(pk__in=claim.ids).order_by("user_id")
    return list(rows.values_list("user_id", flat=True).distinct())


def lock_claimed(claim: Claim, *, among: Sequence[int] | None = None) -> list[int]:
    """Ids of the claim (or those `among` it) that are still its own, locked until the transaction ends."""
    ids = claim.ids if among is None else sorted(among)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM memories_memory m JOIN unnest(%s::bigint[], %s::int[]) AS c(id, revision)"
            " ON m.id = c.id AND m.revision = c.revision WHERE m.lease_token = %s ORDER BY m.id FOR UPDATE OF m",
            [ids, [claim.revisions[i] for i in ids], claim.token],
        )
        return [identity for (identity,) in cursor.fetchall()]


def choose_delay(attempts: int, *, base: float = BASE_DELAY_SECONDS) -> float:
    """Seconds to the next attempt: equal jitter, half of min(600, base * 2^(attempts-1)) plus a random half."""
    cap = min(600.0, base * 2.0 ** max(0, attempts - 1))
    return cap / 2 + random.uniform(0, cap / 2)  # noqa: S311 -- jitter, not a secret


def postpone(claim: Claim, *, delay: float | None) -> float:
    """Give rows back, due later by the database's clock; returns the seconds."""
    rows = Memory.objects.filter(pk__in=claim.ids, lease_token=claim.token)
    attempts = max(rows.values_list("attempts", flat=True), default=1)
    seconds = choose_delay(attempts) if delay is None else delay
    rows.update(lease_until=None, lease_token=None, due_at=Now() + timedelta(seconds=seconds))
    return seconds


def give_back(claim: Claim) -> None:
    """Give rows back as they were before the claim."""
    rows = Memory.objects.filter(pk__in=claim.ids, lease_token=claim.token)
    rows.update(attempts=F("attempts") - 1, lease_until=None, lease_token=None)


def surrender(claim: Claim) -> None:
    """Give rows back as abandoned, so that each is tried alone and the one at fault is found.

    A batch that broke costs its rows no attempt; a row that broke alone waits as after any other failed attempt.
    """
    rows = Memory.objects.filter(pk__in=claim.ids, lease_token=claim.token)
    abandoned: dict[str, Any] = {"lease_until": Now() - timedelta(seconds=1), "lease_token": None}
    if not claim.alone:
        rows.update(attempts=F("attempts") - 1, **abandoned)
        return
    attempts = max(rows.values_list("attempts", flat=True), default=1)
    rows.update(due_at=Now() + timedelta(seconds=choose_delay(attempts)), **abandoned)


def fail_exhausted(claim: Claim, *, step: Step, reason: str) -> None:
    """Mark rows whose attempts are used up as failed and raise WorkFailed for them."""
    _fail(claim, step=step, reason=reason, over=MAX_ATTEMPTS - 1)


def fail_overrun(claim: Claim, *, step: Step) -> None:
    """A row that killed its worker each time never reaches an except clause: it fails at its sixth claim."""
    _fail(claim, step=step, reason="the worker died each time", over=MAX_ATTEMPTS)


def _fail(claim: Claim, *, step: Step, reason: str, over: int) -> None:
    rows = Memory.objects.filter(pk__in=claim.ids, stage=step.takes, attempts__gt=over)
    failed = sorted(rows.values_list("pk", flat=True))
    if not failed:
        return
    Memory.objects.filter(pk__in=failed).update(
        stage=Stage.FAILED, failed_stage=step.gives, attempts=MAX_ATTEMPTS, lease_until=None, lease_token=None
    )
    raise WorkFailed(reason, units=[f"memory:{pk}" for pk in failed])


def count_waiting(*, user: User | None = None, lanes: Sequence[int] = LANES) -> dict[str, int]:
    """Rows per stage that are in line for the step before them."""
    rows = Memory.objects.filter(stage__in=[step.takes for step in list_steps()], lane__in=lanes, due_at__isnull=False)
    if user is not None:
        rows = rows.for_user(user)
    return dict(rows.values_list("stage").annotate(rows=Count("pk")).order_by())


def list_closed(*, user: User | None = None, lanes: Sequence[int] = LANES) -> list[str]:
    """A sentence for every switch that is off; for the backfill's only where old memories are in line for it."""
    steps = list_steps()
    sentences = [
        f"The switch {step.switch} is off: nothing becomes {step.gives}."
        for step in steps
        if not is_switch_on(step.switch) and any(step.get_switch(lane) == step.switch for lane in lanes)
    ]
    old = count_waiting(user=user, lanes=[Lane.BACKFILL]) if Lane.BACKFILL in lanes else {}
    return sentences + [
        f"The switch {step.backfill_switch} is off: no old memory becomes {step.gives}."
        for step in steps
        if step.backfill_switch and old.get(step.takes) and not step.is_open(Lane.BACKFILL)
    ]
