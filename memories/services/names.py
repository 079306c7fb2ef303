"""The gazetteer: names that extraction may trust in one person's texts."""

from collections.abc import Collection, Iterable, Sequence

from django.db import connection, transaction

from memories.extraction.base import KnownName as Known
from memories.extraction.familiar import SeenName, familiar_names
from memories.models import KnownName

MAX_NAMES = 5_000

UNUSED = """
DELETE FROM memories_knownname k USING unnest(%(keys)s::text[]) AS named(key)
WHERE k.user_id = %(user)s AND k.basis <> 'person' AND k.key = left(named.key, 255)
  AND NOT EXISTS (
      SELECT FROM memories_memory m
      WHERE m.user_id = k.user_id AND m.entities @> jsonb_build_array(jsonb_build_object('key', named.key)))
"""


def read_known_names(*, user_id: int) -> list[Known]:
    """The person's known names, at most `MAX_NAMES`."""
    rows = KnownName.objects.filter(user_id=user_id).order_by("key")[:MAX_NAMES]
    return [Known(key=row.key, name=row.name, kind=row.kind) for row in rows]  # type: ignore[arg-type]


def remember_names(*, user_id: int, names: Sequence[Known], basis: str) -> None:
    """Add names that are not known yet; a name the person set themselves is never overwritten."""
    latest = {name.key: name for name in names if name.key}
    rows = [
        KnownName(user_id=user_id, key=name.key[:255], name=name.name[:255], kind=name.kind, basis=basis)
        for _, name in sorted(latest.items())
    ]
    KnownName.objects.bulk_create(rows, ignore_conflicts=True)


def learn_familiar_names(*, user_id: int, seen: Iterable[SeenName]) -> None:
    """Replace the names that are known from having been seen often by those that are now."""
    names = familiar_names(seen)
    rows = KnownName.objects.filter(user_id=user_id, basis="seen")
    with transaction.atomic():
        rows.exclude(key__in=[name.key[:255] for name in names]).delete()
        remember_names(user_id=user_id, names=names, basis="seen")


def forget_unused_names(*, user_id: int, keys: Collection[str]) -> None:
    """Drop those of these names that no memory carries any more (those the person set stay)."""
    with connection.cursor() as cursor:
        cursor.execute(UNUSED, {"user": user_id, "keys": sorted(keys)})
