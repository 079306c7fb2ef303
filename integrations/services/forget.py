"""Erased: what runs kept of a memory goes with it, in the same transaction."""

from collections.abc import Sequence

from integrations.models import RemoteItem, SyncChange
from memories.models import Memory


def forget_memories(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Forget how these memories were, and where their items lie.

    A sync that has one of them in hand is waited for: what it is about to keep of it has to go too.
    """
    rows = Memory.objects.filter(user_id=user_id, pk__in=memory_ids).exclude(account="").order_by("pk")
    ids = list(rows.select_for_update().values_list("external_id", flat=True))
    if not ids:
        return
    SyncChange.objects.filter(user_id=user_id, remote_id__in=ids).delete()
    RemoteItem.objects.filter(user_id=user_id, remote_id__in=ids).update(
        state=RemoteItem.State.ERASED, path="", reason="", details=None, failed_at=None, retry_at=None
    )
