"""Stored: a draft becomes a row. The only INSERT of a memory; on commit a wake-up is sent, nothing more."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from memories.drafts import MemoryDraft
from memories.models import Intake, Lane, Memory, Stage, Tombstone, User
from memories.wakeups import wake_on_commit

Outcome = Literal["created", "updated", "unchanged", "erased"]
Key = tuple[str, str, str]

# What a draft says of a memory; a difference in any of them is an edit.
FIELDS = (
    "title", "content", "author", "participants", "occurred_at", "occurred_on", "occurred_precision",
    "thread_id", "reply_to", "message_id", "in_reply_to", "metadata",
)  # fmt: skip


def store_drafts(*, user: User, drafts: Sequence[MemoryDraft], origin: str, lane: Lane = Lane.LIVE) -> list[Outcome]:
    """Create or update one memory a draft, in one transaction; the same key twice: the later draft wins.

    A draft whose key its person erased stays erased. What comes by the thousand stands in another lane than what is new.
    """
    with transaction.atomic():
        outcomes, _ = _store(user=user, drafts=drafts, origin=origin, lane=lane)
        if any(outcome in ("created", "updated") for outcome in outcomes):
            wake_on_commit("stored")
    return outcomes


def store_draft(*, user: User, draft: MemoryDraft, origin: str) -> tuple[Memory, Outcome]:
    """Store one draft and return its row. A key that was erased is asked for again here, so its tombstone goes."""
    with transaction.atomic():
        Tombstone.objects.filter(
            user=user, source=draft.source, account=draft.account, external_id=draft.external_id
        ).delete()
        outcomes, rows = _store(user=user, drafts=[draft], origin=origin, lane=Lane.LIVE)
        wake_on_commit("stored")
    return rows[_key(draft)], outcomes[0]


def preview_drafts(*, user: User, drafts: Sequence[MemoryDraft]) -> list[Outcome]:
    """What `store_drafts` would answer; writes nothing."""
    rows, erased = _read_rows(user=user, drafts=drafts, lock=False), _read_erased(user=user, drafts=drafts)
    return [_judge(user=user, draft=draft, row=rows.get(_key(draft)), erased=erased) for draft in drafts]


def edit_memory(*, memory: Memory, changes: dict[str, object]) -> Memory:
    """Apply a person's own edit and send the memory through the stages again; an edit that changes nothing is none."""
    with transaction.atomic():
        row: Memory = Memory.objects.select_for_update(no_key=True).select_related("user").get(pk=memory.pk)
        changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
        if not changed:
            return row
        for name, value in changed.items():
            setattr(row, name, value)
        row.occurred_on = row.occurred_at.astimezone(row.user.zone).date()
        _restart(row, lane=Lane.LIVE)
        row.save()
        wake_on_commit("stored")
    row.refresh_from_db()
    return row


def _store(
    *, user: User, drafts: Sequence[MemoryDraft], origin: str, lane: Lane
) -> tuple[list[Outcome], dict[Key, Memory]]:
    try:
        with transaction.atomic():
            return _write(user=user, drafts=drafts, origin=origin, lane=lane)
    except IntegrityError:  # somebody stored one of these keys at the same moment; now its row is there to be read
        return _write(user=user, drafts=drafts, origin=origin, lane=lane)


def _write(
    *, user: User, drafts: Sequence[MemoryDraft], origin: str, lane: Lane
) -> tuple[list[Outcome], dict[Key, Memory]]:
    latest = {_key(draft): draft for draft in drafts}
    rows, erased = _read_rows(user=user, drafts=drafts, lock=True), _read_erased(user=user, drafts=drafts)
    verdicts = {key: _judge(user=user, draft=draft, row=rows.get(key), erased=erased) for key, draft in latest.items()}
    created = [
        _build(user=user, draft=latest[key], origin=origin, lane=lane)
        for key, verdict in verdicts.items()
        if verdict == "created"
    ]
    rows |= {(row.source, row.account, row.external_id): row for row in Memory.objects.bulk_create(created)}
    for key, verdict in verdicts.items():
        if verdict == "updated":
            _overwrite(row=rows[key], user=user, draft=latest[key], origin=origin, lane=lane)
    return _list_outcomes(drafts=drafts, verdicts=verdicts), rows


def _list_outcomes(*, drafts: Sequence[MemoryDraft], verdicts: dict[Key, Outcome]) -> list[Outcome]:
    seen: set[Key] = set()
    outcomes: list[Outcome] = []
    for draft in drafts:
        repeated = _key(draft) in seen and verdicts[_key(draft)] == "created"
        outcomes.append("updated" if repeated else verdicts[_key(draft)])
        seen.add(_key(draft))
    return outcomes


def _judge(*, user: User, draft: MemoryDraft, row: Memory | None, erased: set[Key]) -> Outcome:
    if _key(draft) in erased:
        return "erased"
    if row is None:
        return "created"
    said = _say(user=user, draft=draft)
    if not draft.time_known:
        said = _without_time(said)
    return "unchanged" if all(getattr(row, name) == value for name, value in said.items()) else "updated"


def _key(draft: MemoryDraft) -> Key:
    return (draft.source, draft.account, draft.external_id)


def _read_rows(*, user: User, drafts: Sequence[MemoryDraft], lock: bool) -> dict[Key, Memory]:
    ids = {draft.external_id for draft in drafts}
    found = Memory.objects.for_user(user).filter(external_id__in=ids)
    if lock:
        found = found.order_by("pk").select_for_update(
            no_key=True
        )  # as workers lock them, or each could wait for the other
    return {(row.source, row.account, row.external_id): row for row in found}


def _read_erased(*, user: User, drafts: Sequence[MemoryDraft]) -> set[Key]:
    ids = {draft.external_id for draft in drafts}
    return set(Tombstone.objects.filter(user=user, external_id__in=ids).values_list("source", "account", "external_id"))


def _say(*, user: User, draft: MemoryDraft) -> dict[str, object]:
    """The columns a draft speaks of."""
    said: dict[str, object] = {name: getattr(draft, name) for name in FIELDS if name != "occurred_on"}
    said["participants"] = [{"name": who.name, "address": who.address} for who in draft.participants]
    said["occurred_on"] = draft.occurred_at.astimezone(user.zone).date()
    return said


def _without_time(said: dict[str, object]) -> dict[str, object]:
    """A draft that gave no time does not move a memory that has one."""
    return {name: value for name, value in said.items() if not name.startswith("occurred_")}


def _build(*, user: User, draft: MemoryDraft, origin: str, lane: Lane) -> Memory:
    row = Memory(
        user=user,
        source=draft.source,
        account=draft.account,
        external_id=draft.external_id,
        origin=origin,
        lane=lane,
        **_say(user=user, draft=draft),
    )
    _measure(row)
    return row


def _overwrite(*, row: Memory, user: User, draft: MemoryDraft, origin: str, lane: Lane) -> None:
    said = _say(user=user, draft=draft)
    for name, value in (said if draft.time_known else _without_time(said)).items():
        setattr(row, name, value)
    row.origin = origin
    _restart(row, lane=lane)
    row.save()


def _measure(row: Memory) -> None:
    row.size = len(row.content)
    row.content_hash = hashlib.sha256(" ".join(row.content.split()).encode()).hexdigest()


def _restart(row: Memory, *, lane: Lane) -> None:
    """Back to `stored`: whoever holds a lease finds another revision and throws its work away.

    An old memory that waited for the backfill is in line at once, as one that is new.
    """
    _measure(row)
    row.lane = lane
    if row.due_at is None:
        row.intake = Intake.LIVE
    row.revision += 1
    row.stage, row.failed_stage, row.attempts = Stage.STORED, "", 0
    row.queued_at = row.due_at = Now()
    row.lease_until, row.lease_token = None, None
    row.updated_at = timezone.now()


def retry_failed(*, memory_ids: Sequence[int]) -> int:
    """Put failed memories back in line with all attempts open; returns how many there were."""
    with transaction.atomic():
        count = Memory.objects.filter(pk__in=memory_ids, stage=Stage.FAILED).update(
            stage=Stage.STORED,
            failed_stage="",
            attempts=0,
            queued_at=Now(),
            due_at=Now(),
            lease_until=None,
            lease_token=None,
        )
        wake_on_commit("stored")
    return count
