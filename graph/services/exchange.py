"""Served and arrived: what a person said of entities, as records of an export.

A record names its leaves by kind and key, as texts do, so that it holds wherever the same memories are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from graph.models import KINDS, EntityEvent, Leaf
from graph.services.decide import settle_leaves
from graph.services.locks import lock_user
from graph.services.resolve import DECISIONS, add_leaves
from memories.drafts import DraftError
from memories.importers import Record, Skip
from memories.models import User
from memories.moments import MomentError, read_moment
from memories.services.store import Outcome

LeafKey = tuple[str, str]  # kind and key
KIND_NAMES: Final = tuple(kind for kind, _ in KINDS)
ACTIONS: Final = (*DECISIONS, "rename", "kind", "hide", "show")
MAX_TEXT: Final = 255


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person said of a leaf, or of two, and when; the same at the same moment is the same event."""

    action: str
    entity: LeafKey
    other: LeafKey | None
    value: str
    said_at: datetime

    @property
    def leaves(self) -> list[LeafKey]:
        return [self.entity] if self.other is None else [self.entity, self.other]


def list_events(*, user: User) -> Iterator[dict[str, Any]]:
    """The records of all that a person said, in their order."""
    for event in _read_events(user=user):
        yield {
            "record": "entity_event",
            "action": event.action,
            "entity": _write_leaf(event.entity),
            "other": _write_leaf(event.other),
            "value": event.value,
            "created_at": event.said_at.isoformat(),
        }


def read_events(*, user: User, records: Sequence[Record], dry_run: bool = False) -> list[Outcome | Skip]:
    """Let a person have said what these records tell, in their order and after all that they said here; twice is once."""
    known = set(_read_events(user=user))
    fresh: list[Event] = []
    outcomes: list[Outcome | Skip] = []
    for record in records:
        try:
            event = _parse(record.fields, user=user)
        except DraftError as error:
            outcomes.append(Skip(record.where, str(error)))
            continue
        outcomes.append("unchanged" if event in known else "created")
        if event not in known:
            known.add(event)
            fresh.append(event)
    if fresh and not dry_run:
        _note(fresh, user=user)
    return outcomes


def _read_events(*, user: User) -> list[Event]:
    rows = EntityEvent.objects.for_user(user).select_related("entity", "other").order_by("pk")
    return [
        Event(row.action, _key(row.entity), _key(row.other) if row.other_id else None, row.value, row.created_at)
        for row in rows
    ]


def _key(leaf: Leaf) -> LeafKey:
    return (leaf.kind, leaf.key)


def _write_leaf(key: LeafKey | None) -> dict[str, str] | None:
    return None if key is None else {"kind": key[0], "key": key[1]}


def _note(events: Sequence[Event], *, user: User) -> None:
    """Note events and settle what they change; a leaf that no memory names yet waits for one that does."""
    with transaction.atomic():
        lock_user(user.pk, cause="import")
        leaves = add_leaves(user_id=user.pk, keys={key for event in events for key in event.leaves})
        EntityEvent.objects.bulk_create(
            EntityEvent(
                user=user,
                action=event.action,
                entity_id=leaves[event.entity],
                other_id=leaves[event.other] if event.other else None,
                value=event.value,
                created_at=event.said_at,
            )
            for event in events
        )
        settle_leaves(user_id=user.pk, leaf_ids=leaves.values())


# --- Checked ----------------------------------------------------------------


def _parse(raw: Mapping[str, object], *, user: User) -> Event:
    """Raises DraftError."""
    action = _text(raw, "action")
    if action not in ACTIONS:
        raise DraftError("action", f"{action[:40]!r} is none of {', '.join(ACTIONS)}")
    event = Event(
        action=action,
        entity=_leaf(raw.get("entity"), field="entity"),
        other=_leaf(raw.get("other"), field="other") if action in DECISIONS else None,
        value=_text(raw, "value", may_be_empty=True),
        said_at=_moment(_text(raw, "created_at"), user=user),
    )
    if event.entity == event.other:
        raise DraftError("other", "is the entity itself")
    if action == "kind" and event.value not in ("", *KIND_NAMES):
        raise DraftError("value", f"{event.value[:40]!r} is none of {', '.join(KIND_NAMES)}")
    return event


def _leaf(value: object, *, field: str) -> LeafKey:
    if not isinstance(value, Mapping):
        raise DraftError(field, "must be {kind, key}")
    kind, key = _text(value, "kind"), _text(value, "key")
    if kind not in KIND_NAMES:
        raise DraftError(field, f"kind {kind[:40]!r} is none of {', '.join(KIND_NAMES)}")
    return kind, key


def _text(raw: Mapping[str, object], field: str, *, may_be_empty: bool = False) -> str:
    value = raw.get(field) or ""
    if not isinstance(value, str):
        raise DraftError(field, "must be text")
    if not value and not may_be_empty:
        raise DraftError(field, "is missing")
    if len(value) > MAX_TEXT:
        raise DraftError(field, f"is longer than {MAX_TEXT} characters")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DraftError(field, "holds what is no character")
    return value


def _moment(text: str, *, user: User) -> datetime:
    try:
        return read_moment(text, time_zone=user.zone).at
    except MomentError as error:
        raise DraftError("created_at", str(error)) from None
