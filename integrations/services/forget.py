"""Erased: what runs kept of a memory goes with it, in the same transaction."""

from collections.abc import Sequence

from integrations.models import RemoteItem, SyncChange
from memories.models import Memory


def forget_memories(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Forget how these memories were, and where their items lie."""
    rows = Memory.objects.filter(user_id=user_id, pk__in=memory_ids).exclude(account="")
    ids = list(rows.values_list("external_id", flat=True))
    if not ids:
        return
    SyncChange.objects.filter(user_id=user_id, remote_id__in=ids).delete()
    RemoteItem.objects.filter(user_id=user_id, remote_id__in=ids).exclude(path="").update(path="")
