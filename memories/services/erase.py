"""Erased: a memory leaves every table in one transaction; where its person asked for it, its key stays as a tombstone."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from memories.models import Memory, Tombstone, User
from memories.services.names import forget_unused_names


def erase_memories(*, user: User, memory_ids: Sequence[int]) -> int:
    """Erase memories as this person asked; their keys stay as tombstones. Returns how many there were."""
    with transaction.atomic():
        rows = _take_out(user=user, memory_ids=memory_ids)
        Tombstone.objects.bulk_create(
            [Tombstone(user=user, source=row.source, account=row.account, external_id=row.external_id) for row in rows],
            ignore_conflicts=True,
        )
    return len(rows)


def remove_memories(*, user: User, memory_ids: Sequence[int]) -> list[Memory]:
    """Take out memories that their source does not have any more; should it have them again, they may come back.

    Returns what they were, as nobody can have changed them since.
    """
    with transaction.atomic():
        return _take_out(user=user, memory_ids=memory_ids)


def _take_out(*, user: User, memory_ids: Sequence[int]) -> list[Memory]:
    """Remove memories from every table; returns what they were.

    Other apps forget first: they take the person's lock, and whoever holds that asks for rows only after it.
    """
    theirs = Memory.objects.for_user(user).filter(pk__in=memory_ids).order_by("pk")
    ids = list(theirs.values_list("pk", flat=True))
    if not ids:
        return []
    for path in settings.MEMORY_FORGETTERS:
        import_string(path)(user_id=user.pk, memory_ids=ids)
    rows = list(theirs.select_for_update())
    Memory.objects.filter(pk__in=[row.pk for row in rows]).delete()
    keys = {mention["key"] for row in rows for mention in row.entities or []}
    forget_unused_names(user_id=user.pk, keys=keys)
    return rows
