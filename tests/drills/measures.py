"""What is measured in every drill: lost, doubled, stuck, visible, recovery; and the digest of the final state by natural keys."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from tests.drills.table import Outcome
from tests.drills.world import NAMES, Key, read_keys

T = TypeVar("T")
NEVER_EMPTY = ("memories", "mentions", "entities", "ties", "series", "relationships")
STRAYS = """SELECT count(*) FROM view_enriched_relationships v FULL JOIN live_enriched_relationships l ON l.id = v.id
    WHERE v.id IS NULL OR l.id IS NULL"""
LOOK_SECONDS = 0.25
PATIENCE = 120.0  # seconds until what waits is stuck


def memory(column: str) -> str:
    return f"(SELECT source || '/' || external_id FROM memories_memory WHERE id = {column})"


def memories(column: str) -> str:
    return f"(SELECT array_agg(source || '/' || external_id ORDER BY source, external_id) FROM memories_memory WHERE id = ANY({column}))"


def leaf(column: str) -> str:
    return f"(SELECT kind || ':' || key FROM normalized_entities WHERE id = {column})"


def leaves(column: str) -> str:
    return (
        f"(SELECT array_agg(kind || ':' || key ORDER BY kind, key) FROM normalized_entities WHERE id = ANY({column}))"
    )


def pair(a: str, b: str) -> str:
    """Two leaves, in the order of their names: that of their ids says only who came first."""
    return f"least({leaf(a)}, {leaf(b)}), greatest({leaf(a)}, {leaf(b)})"


def relationship(column: str) -> str:
    return (
        f"(SELECT {memory('x.source_event_id')} || ' ' || x.relationship_type || ' ' || {memory('x.target_event_id')}"
        f" FROM relationship_instances x WHERE x.id = {column})"
    )


SERIES = f"JOIN graph_series s ON s.id = t.series_id, LATERAL (SELECT {pair('s.entity_a_id', 's.entity_b_id')}) n(a, b)"

# By part of the final state its rows, by natural keys and without the person (`t` is the part's table, which has user_id). Not in them:
# ids, times of writing, evidence (it quotes ids), and where and how large the map draws something, which depends on how it was drawn before.
PARTS = {
    "memories": """SELECT t.source, t.external_id, t.title, t.content_hash, t.stage, t.failed_stage, t.attempts,
        (SELECT jsonb_agg(e - 'entity_id') FROM jsonb_array_elements(t.entities) e) FROM memories_memory t""",
    "mentions": f'SELECT {memory("t.memory_id")}, {leaf("t.entity_id")}, t.field, t.text, t.address, t.start, t."end" FROM entity_matches t',
    "sightings": f"SELECT {memory('t.memory_id')}, {leaf('t.entity_id')} FROM graph_sightings t",
    "leaves": f"SELECT t.kind, t.key, {leaf('t.canonical_id')} FROM normalized_entities t",
    "entities": f"SELECT {leaf('t.id')}, t.kind, t.name, t.aliases, t.memories, t.first_seen, t.last_seen, t.hidden, t.teller FROM graph_entities t",
    "ties": f"SELECT {pair('t.a_id', 't.b_id')}, t.memories, round(t.weight::numeric, 6), t.first, t.last, t.layers FROM entity_ties t",
    "series": f"SELECT {pair('t.entity_a_id', 't.entity_b_id')}, t.days, t.occurrences FROM graph_series t",
    "relationships": f"""SELECT {relationship("t.id")}, t.confidence_score, t.detection_method, t.reasoning,
        {leaves("t.source_entity_ids")}, {leaves("t.target_entity_ids")} FROM relationship_instances t""",
    "causal": f"SELECT {relationship('t.relationship_id')}, t.status, t.causal_score, t.causal_strength, t.causal_direction, t.causal_basis FROM causal_relationships t",
    "temporal": f"SELECT n.a, n.b, t.status, t.recurrence_score, t.recurrence_frequency, t.label, t.last_occurrence, t.next_predicted_occurrence, t.confidence, t.p_adjusted FROM temporal_patterns t {SERIES}",
    "seasonal": f"SELECT n.a, n.b, t.status, t.seasonal_strength, t.seasonal_months, t.p_adjusted FROM seasonal_patterns t {SERIES}",
    "pattern": "SELECT t.kind, t.pattern_name, t.pattern_confidence, t.status FROM relationship_patterns t",
    "cross_platform": f"SELECT {memories('t.memory_ids')}, t.platform_sources, t.confidence, t.status FROM cross_platform_relationships t",
    "prediction": f"SELECT n.a, n.b, t.kind, t.horizon, t.status, t.prediction_confidence, t.prediction_reason, t.expected_on FROM predicted_relationships t {SERIES}",
    "root_cause": f"SELECT {relationship('t.relationship_id')}, t.status, t.root_cause_analysis, t.confidence FROM root_cause_analyses t",
    "duplicate": f"SELECT {relationship('t.relationship_id')}, t.status, t.is_duplicate, t.duplicate_confidence FROM duplicate_transactions t",
    "suspicions": f"SELECT t.kind, {memories('t.memory_ids')} FROM graph_suspicions t",
}
# Natural keys that must be there once; by name and not by the constraints, which are the product's.
NATURAL_KEYS = {
    "memories_memory": "user_id, source, account, external_id",
    "normalized_entities": "user_id, kind, key",
    "entity_matches": 'user_id, memory_id, entity_id, field, text, address, start, "end"',
    "graph_sightings": "user_id, memory_id, entity_id",
    "entity_ties": "user_id, least(a_id, b_id), greatest(a_id, b_id)",
    "graph_series": "user_id, least(entity_a_id, entity_b_id), greatest(entity_a_id, entity_b_id)",
    "relationship_instances": "user_id, source_event_id, target_event_id, relationship_type",
    "temporal_patterns": "user_id, series_id",
    "seasonal_patterns": "user_id, series_id",
    "relationship_patterns": "user_id, kind, definition_hash",
    "cross_platform_relationships": "user_id, memory_ids",
    "predicted_relationships": "user_id, series_id, kind, horizon",
    "causal_relationships": "user_id, relationship_id",
    "root_cause_analyses": "user_id, relationship_id",
    "duplicate_transactions": "user_id, relationship_id",
    "graph_work": "user_id, kind, slot",
    "integrations_connection": "user_id, provider, nango_id",
    "integrations_jobfailure": "unit, first_due",
    "view_enriched_relationships": "id",
}
WAITING = {  # old memories (lane 2) that the backfill has not let in do not wait
    "memories": "SELECT count(*) FROM memories_memory WHERE stage NOT IN ('enriched', 'failed') AND (due_at IS NOT NULL OR lane <> 2)",
    "graph jobs": "SELECT count(*) FROM graph_work WHERE failed_at IS NULL",
    "syncs": "SELECT count(*) FROM integrations_syncrun WHERE state NOT IN ('done', 'failed', 'stopped', 'undone')",
}


def read(statement: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
    """Rows of a statement, on a connection that is tried once more after a server that died."""
    for last in (False, True):
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, list(values))
                return list(cursor.fetchall())
        except DatabaseError:
            connection.close()
            if last:
                raise
    return []


def count(statement: str, values: Iterable[object] = ()) -> int:
    return int(read(statement, values)[0][0])


def count_waiting() -> dict[str, int]:
    """What is not in a final state yet, by table."""
    return {name: rows for name, statement in WAITING.items() if (rows := count(statement))}


def wait_until(condition: Callable[[], bool], *, seconds: float) -> float | None:
    """Seconds until something is so, None where it never was; a database that is away counts as not yet."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        try:
            if condition():
                return time.monotonic() - begun
        except DatabaseError:
            connection.close()
        time.sleep(LOOK_SECONDS)
    return None


def settle(*, seconds: float = PATIENCE) -> float | None:
    """Seconds until nothing waits, twice in a row; None when something still does."""
    calm = [0]

    def is_calm() -> bool:
        calm[0] = 0 if count_waiting() else calm[0] + 1
        return calm[0] > 1

    return wait_until(is_calm, seconds=seconds)


def pass_over_all() -> None:
    """Ask for everybody's whole pass, as every night: what it leaves is a function of the memories alone and not of the order of work."""
    from graph.models import Statistics
    from graph.services.work import ask_for
    from memories.models import User

    for user_id in User.objects.values_list("pk", flat=True):
        with transaction.atomic():
            Statistics.objects.filter(user_id=user_id).update(outdated=True)
            ask_for("layers", user_id=user_id, gather=0.0)


@dataclass(frozen=True, slots=True)
class Digest:
    """The rows of each part of the final state, as text in order."""

    parts: dict[str, tuple[str, ...]]

    @property
    def short(self) -> str:
        return hashlib.sha256(repr(sorted(self.parts.items())).encode()).hexdigest()[:12]

    @property
    def empty(self) -> list[str]:
        """Parts without a row."""
        return [name for name, rows in self.parts.items() if not rows]

    def differences(self, other: "Digest") -> list[tuple[str, list[str], list[str]]]:
        """By part that differs the rows that only we and only the other have."""
        found = []
        for name, rows in self.parts.items():
            ours, theirs = Counter(rows), Counter(other.parts[name])
            if ours != theirs:
                found.append((name, sorted((ours - theirs).elements()), sorted((theirs - ours).elements())))
        return found


def take_digest() -> Digest:
    """The final state of the five people by natural keys; guests are left out."""
    person = "(SELECT username FROM memories_user WHERE id = t.user_id)"
    parts = {}
    for name, statement in PARTS.items():
        rows = read(statement.replace("SELECT", f"SELECT {person},", 1) + f" WHERE {person} = ANY(%s)", [list(NAMES)])
        parts[name] = tuple(sorted(map(repr, rows)))
    return Digest(parts)


def count_doubled() -> dict[str, int]:
    """Rows too many, by table."""
    found = {}
    for table, key in NATURAL_KEYS.items():
        statement = f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {table} GROUP BY {key} HAVING count(*) > 1) x"
        if extra := count(statement):
            found[table] = extra
    return found


def count_failures() -> int:
    return count("SELECT count(*) FROM integrations_jobfailure")


def read_connections() -> Counter[str]:
    """Connections of the product's role by application, without our own."""
    rows = read(
        "SELECT application_name, count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() GROUP BY 1"
    )
    return Counter(dict(rows))


def read_resting(*, seconds: float = 4.0) -> Counter[str]:
    """Connections by application that are open all the time: what a leak adds to."""
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        samples.append(read_connections())
        time.sleep(LOOK_SECONDS / 2)
    return Counter({name: least for name in samples[0] if (least := min(sample[name] for sample in samples))})


def list_leaks(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    """Resting connections that there were not before, by application; the web's pool, which opens at the first request, may be open."""
    pool = Counter({"lifegraph-web": settings.WEB_PROCESSES * settings.DB_POOL_SIZE})
    return dict(after - (before | pool))


def judge(outcome: Outcome, *, truth: set[Key], reference: Digest | None, log: Callable[[str], None]) -> None:
    """Fill in what every drill measures; call it when nothing waits any more. The digest is taken after everybody's whole pass."""
    keys = read_keys()
    outcome.lost = len(truth - set(keys))
    doubled = count_doubled()
    outcome.require(not set(keys) - truth, f"{len(set(keys) - truth)} memories that nobody wrote")
    if reference is not None:
        pass_over_all()
        outcome.require(settle() is not None, "the whole passes did not end")
        _compare(outcome, reference=reference, log=log)
    doubled = {name: max(extra, doubled.get(name, 0)) for name, extra in (count_doubled() | doubled).items()}
    outcome.doubled = sum(doubled.values())
    outcome.require(not doubled, "doubled in " + ", ".join(doubled))
    outcome.stuck = sum(count_waiting().values())
    outcome.found = count_failures()


def judge_view(outcome: Outcome) -> None:
    """Whoever reads the view after a refresh sees every relationship there is, and no other."""
    from graph.services.refresh import refresh_view

    done = wait_until(lambda: refresh_view() is not None, seconds=60)
    outcome.require(done is not None, "the view could not be refreshed")
    strays = count(STRAYS)
    outcome.require(strays == 0, f"the refreshed view differs from the live relationships in {strays} rows")


def _compare(outcome: Outcome, *, reference: Digest, log: Callable[[str], None]) -> None:
    differences = reference.differences(take_digest())
    for name, missing, extra in differences:
        log(f"{name}: {len(missing)} rows of the run without faults are missing, {len(extra)} are in excess")
        for sign, rows in (("-", missing), ("+", extra)):
            for row in rows[:5]:
                log(f"  {sign} {row}")
    names = ", ".join(f"{name} -{len(missing)} +{len(extra)}" for name, missing, extra in differences)
    outcome.require(not differences, f"the digest differs in {names}")
