"""Related: what can only be read off the texts themselves: near copies, one event told on several platforms, stated causes.

Every decision is about one pair of memories under statistics that are frozen until the next whole pass, so it does not matter
which of the two arrived first. Candidates come from indexes alone (hashes of texts, rare entities within days), never from all pairs.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.models import Q

from graph.detection.base import Line, Telling
from graph.detection.copies import find_copies, sign_all
from graph.detection.same_event import MOST_DAYS, RARE, judge_accounts, read_account
from graph.detection.stated import MOST_DAYS as STATED_DAYS
from graph.detection.stated import Statement, draw_stated, find_stated
from graph.detection.statistics import Statistics
from graph.detection.text import strong_keys, whole
from graph.models import Relationship, Signature
from graph.models import Statistics as StatisticsRow
from graph.services.facts import fetch, read_information, read_tellings
from graph.services.lines import write_lines
from memories.flags import is_switch_on
from memories.models import User

SIGN = """
INSERT INTO graph_signatures (user_id, memory_id, hash)
SELECT %(user)s, s.memory, s.hash
FROM unnest(string_to_array(%(ids)s, ',')::bigint[], string_to_array(%(hashes)s, ',')::bigint[]) AS s(memory, hash)
"""
# The hashes come first, as an array: the index is then asked for just these.
ALIKE = """
WITH own AS MATERIALIZED (SELECT memory_id, hash FROM graph_signatures WHERE user_id = %(user)s AND memory_id = ANY(%(memories)s))
SELECT DISTINCT a.memory_id, b.memory_id FROM graph_signatures b JOIN own a ON a.hash = b.hash AND a.memory_id <> b.memory_id
WHERE b.user_id = %(user)s AND b.hash = ANY(ARRAY(SELECT hash FROM own))
"""
ALIKE_ELSEWHERE = """
WITH own AS MATERIALIZED (SELECT memory_id, hash FROM graph_signatures WHERE user_id = %(user)s AND memory_id = ANY(%(memories)s)),
pairs AS MATERIALIZED (
    SELECT DISTINCT a.memory_id AS a, b.memory_id AS b FROM graph_signatures b JOIN own a ON a.hash = b.hash AND a.memory_id <> b.memory_id
    WHERE b.user_id = %(user)s AND b.hash = ANY(ARRAY(SELECT hash FROM own))
), told AS (
    SELECT id, source, occurred_on FROM memories_memory
    WHERE user_id = %(user)s AND id = ANY(ARRAY(SELECT a FROM pairs UNION SELECT b FROM pairs))
)
SELECT p.a, p.b FROM pairs p JOIN told x ON x.id = p.a JOIN told y ON y.id = p.b
WHERE y.source <> x.source AND abs(y.occurred_on - x.occurred_on) <= %(days)s
"""
# Memories of other platforms within some days that name the same rare entity.
TOLD_ELSEWHERE = """
WITH own AS (
    SELECT DISTINCT e.memory_id, f.canonical_id, e.occurred_on, m.source
    FROM entity_matches e
    JOIN normalized_entities f ON f.user_id = e.user_id AND f.id = e.entity_id
    JOIN memories_memory m ON m.user_id = e.user_id AND m.id = e.memory_id
    WHERE e.user_id = %(user)s AND e.memory_id = ANY(%(memories)s) AND f.canonical_id = ANY(%(rare)s)
)
SELECT DISTINCT o.memory_id, e.memory_id FROM own o
JOIN normalized_entities f ON f.user_id = %(user)s AND f.canonical_id = o.canonical_id
JOIN entity_matches e ON e.user_id = f.user_id AND e.entity_id = f.id AND e.memory_id <> o.memory_id
    AND e.occurred_on BETWEEN o.occurred_on - %(days)s::int AND o.occurred_on + %(days)s::int
JOIN memories_memory m ON m.user_id = e.user_id AND m.id = e.memory_id AND m.source <> o.source
"""
EARLIER = """
SELECT DISTINCT e.memory_id FROM normalized_entities f
JOIN entity_matches e ON e.user_id = f.user_id AND e.entity_id = f.id
    AND e.occurred_on BETWEEN date '1970-01-01' + %(first)s AND date '1970-01-01' + %(last)s
WHERE f.user_id = %(user)s AND f.canonical_id = ANY(%(entities)s)
"""
Pairs = Sequence[tuple[int, int]]


def read_statistics(user_id: int) -> Statistics:
    """The frozen statistics of the person's epoch; empty ones before the first."""
    row = StatisticsRow.objects.filter(user_id=user_id).first()
    return Statistics.from_bytes(bytes(row.sketch)) if row and row.sketch else Statistics()


def detect_lines(user: User, *, memory_ids: Collection[int], statistics: Statistics, exact: bool = False) -> None:
    """Draw anew the lines that end at these memories; their signatures are there already."""
    if is_switch_on("enrich_duplicate"):
        detect_copies(user, memory_ids=memory_ids, statistics=statistics, exact=exact)
    if is_switch_on("enrich_cross_platform"):
        detect_same_events(user, memory_ids=memory_ids, statistics=statistics, exact=exact)
    if is_switch_on("enrich_causal"):
        detect_stated(user, memory_ids=memory_ids, exact=exact)


def write_signatures(user: User, *, tellings: Mapping[int, Telling]) -> None:
    """Replace what these memories are looked up by: the bands of their texts and their strong keys."""
    Signature.objects.filter(user_id=user.pk, memory_id__in=list(tellings)).delete()
    bands = zip(tellings.values(), sign_all(tellings.values()), strict=True)
    rows = [
        (str(telling.id), str(value))
        for telling, signed in bands
        for value in sorted({*signed, *(hash_key(key) for key in strong_keys(whole(telling)))})
    ]
    ids, hashes = (",".join(column) for column in zip(*rows, strict=True)) if rows else ("", "")
    with connection.cursor() as cursor:  # as two texts: an array of so many numbers is slow to make
        cursor.execute(SIGN, {"user": user.pk, "ids": ids, "hashes": hashes})


def hash_key(key: str) -> int:
    """A strong key as a signed 64-bit number."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, person=b"strong key").digest(), "big", signed=True)


def detect_copies(user: User, *, memory_ids: Collection[int], statistics: Statistics, exact: bool) -> None:
    """A memory's line leads to its best earlier copy, so later copies of these memories choose again too."""
    pairs = fetch(ALIKE, user=user.pk, memories=list(memory_ids))
    asked = {*memory_ids, *(other for _, other in pairs)}
    drawn = Relationship.objects.filter(user_id=user.pk, detection_method="near_text")
    asked |= set(drawn.filter(source_event_id__in=memory_ids).values_list("target_event_id", flat=True))
    candidates = fetch(ALIKE, user=user.pk, memories=sorted(asked)) if asked - set(memory_ids) else pairs
    tellings = read_tellings(user, memory_ids={one for pair in candidates for one in pair})
    lines = find_copies(tellings.values(), asked=asked, candidates=candidates, statistics=statistics)
    kept = drawn.filter(target_event_id__in=asked).values_list("pk", flat=True)
    write_lines(lines, user_id=user.pk, kept=list(kept), exact=exact)


def detect_same_events(user: User, *, memory_ids: Collection[int], statistics: Statistics, exact: bool) -> None:
    information = read_information(user.pk)
    rare = [entity for entity, nats in information.items() if nats >= RARE]
    ids = list(memory_ids)
    pairs = fetch(ALIKE_ELSEWHERE, user=user.pk, memories=ids, days=MOST_DAYS)
    pairs += fetch(TOLD_ELSEWHERE, user=user.pk, memories=ids, rare=rare, days=MOST_DAYS)
    wanted = {(min(pair), max(pair)) for pair in pairs}
    accounts = {
        pk: read_account(telling)
        for pk, telling in read_tellings(user, memory_ids={one for pair in wanted for one in pair}).items()
    }
    lines = [
        judge_accounts(accounts[a], accounts[b], statistics=statistics, information=information)
        for a, b in sorted(wanted)
    ]
    drawn = Relationship.objects.filter(user_id=user.pk, detection_method="fellegi_sunter")
    ends = Q(source_event_id__in=ids) | Q(target_event_id__in=ids)
    kept = drawn.filter(ends).values_list("pk", flat=True)
    write_lines([line for line in lines if line], user_id=user.pk, kept=list(kept), exact=exact)


def detect_stated(user: User, *, memory_ids: Collection[int], exact: bool) -> None:
    """A memory that states a cause is joined to the earlier one that tells of it."""
    information = read_information(user.pk)
    lines: dict[tuple[int, int], Line] = {}
    for telling in read_tellings(user, memory_ids=memory_ids).values():
        for statement in find_stated(telling):
            line = draw_stated(telling, statement, _read_earlier(user, telling, statement), information=information)
            if line and line.confidence > getattr(lines.get((line.source, line.target)), "confidence", 0.0):
                lines[line.source, line.target] = line
    drawn = Relationship.objects.filter(user_id=user.pk, detection_method="lexical", target_event_id__in=memory_ids)
    write_lines(list(lines.values()), user_id=user.pk, kept=list(drawn.values_list("pk", flat=True)), exact=exact)


def _read_earlier(user: User, telling: Telling, statement: Statement) -> list[Telling]:
    start, end = statement.cause
    entities = sorted({entity for first, last, entity in telling.spans if start <= first and last <= end})
    if not entities:
        return []
    window: dict[str, Any] = {"first": telling.day - STATED_DAYS, "last": telling.day}
    ids = {pk for (pk,) in fetch(EARLIER, user=user.pk, entities=entities, **window)} - {telling.id}
    return list(read_tellings(user, memory_ids=ids).values())
