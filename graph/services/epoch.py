"""Related: the person's epoch. All base lines drawn anew under statistics that are counted now and frozen until the next whole pass."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from graph.detection.base import Telling
from graph.detection.statistics import Statistics, count_statistics
from graph.detection.suspicions import accounts, find_suspicions
from graph.detection.text import amounts, whole
from graph.enrichment.base import day_date
from graph.models import Statistics as StatisticsRow
from graph.models import Suspicion as SuspicionRow
from graph.services.detect import detect_lines, write_signatures
from graph.services.facts import in_portions, read_tellings, read_today
from graph.services.locks import lock_user
from graph.services.relate import write_relationships
from graph.services.sightings import renew_sightings
from graph.services.ties import recount_series
from memories.flags import is_switch_on
from memories.models import Memory, User

PORTION = 500  # memories whose texts are in memory together


def begin_epoch(user: User, *, memory_ids: Sequence[int]) -> None:
    """Draw every base line anew, a portion of the memories at a time."""
    with transaction.atomic():
        lock_user(user.pk, cause="layers")
        recount_series(user_id=user.pk)
        renew_sightings(user_id=user.pk)
        related = Memory.objects.filter(user_id=user.pk, stage__in=("related", "enriched")).values_list("pk", flat=True)
        write_relationships(user_id=user.pk, memory_ids=sorted(related), exact=True)
    suspects: list[Telling] = []
    statistics = count_epoch(user, memory_ids=memory_ids, suspects=suspects)
    write_suspicions(user, tellings=suspects)
    for portion in in_portions(memory_ids, size=PORTION):
        with transaction.atomic():
            lock_user(user.pk, cause="layers")
            detect_lines(user, memory_ids=portion, statistics=statistics, exact=True)


def count_epoch(user: User, *, memory_ids: Sequence[int], suspects: list[Telling]) -> Statistics:
    """Sign every memory and freeze the statistics of all texts; the epoch counts from now on.

    Memories that may be part of a suspicion are added to `suspects`.
    """
    tellings = (telling for portion in in_portions(memory_ids, size=PORTION) for telling in _sign(user, portion))
    statistics = count_statistics(whole(telling) for telling in _watch(tellings, suspects=suspects))
    StatisticsRow.objects.update_or_create(
        user_id=user.pk,
        defaults={
            "as_of": day_date(read_today(user)),
            "memories": len(memory_ids),
            "sketch": statistics.to_bytes(),
            "outdated": True,  # until its pass is written, so that one that breaks off is begun again
            "passed_at": timezone.now(),
        },
    )
    return statistics


def _sign(user: User, memory_ids: Sequence[int]) -> list[Telling]:
    with transaction.atomic():
        lock_user(user.pk, cause="layers")
        tellings = read_tellings(user, memory_ids=memory_ids)
        write_signatures(user, tellings=tellings)
    return list(tellings.values())


def _watch(tellings: Iterable[Telling], *, suspects: list[Telling]) -> Iterator[Telling]:
    """Pass memories on and keep those that name money or a sender; of these the text only where it names money."""
    for telling in tellings:
        text = whole(telling)
        if amounts(text) or accounts(text):
            suspects.append(telling)
        elif telling.participants:
            suspects.append(replace(telling, title="", content=""))
        yield telling


def write_suspicions(user: User, *, tellings: Sequence[Telling]) -> None:
    """Part of layer 9: what a person should look at. What they have been shown already keeps its place."""
    if not is_switch_on("enrich_duplicate"):
        return
    found = {(one.kind, one.memories): dict(one.numbers) for one in find_suspicions(tellings)}
    with transaction.atomic():
        lock_user(user.pk, cause="layers")
        there = set(Memory.objects.filter(user_id=user.pk).values_list("pk", flat=True))
        rows = SuspicionRow.objects.filter(user_id=user.pk)
        before = {(row.kind, tuple(row.memory_ids)): row.pk for row in rows}
        rows.filter(pk__in=[pk for key, pk in before.items() if key not in found]).delete()
        SuspicionRow.objects.bulk_create(
            SuspicionRow(user_id=user.pk, kind=kind, memory_ids=list(memories), evidence=numbers)
            for (kind, memories), numbers in found.items()
            if (kind, memories) not in before and there.issuperset(memories)
        )
