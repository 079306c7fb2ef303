"""What lists, the search and the dashboard read."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from waffle.models import Switch

from memories.models import Lane, Memory
from memories.selectors import (
    BACKLOG,
    list_memories,
    list_recent_with_entities,
    read_backlog,
    read_dashboard,
    read_day,
    search_memories,
)
from tests.config.switching import switched_off
from tests.factories import MemoryFactory

NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


def name(key, pk=None):
    return {
        "key": key,
        "text": key.title(),
        "kind": "person",
        "field": "content",
        "start": 0,
        "end": 3,
        "entity_id": pk,
    }


def find(user, **params):
    return [row.external_id for row in list_memories(user=user, params=params)]


def search(user, words):
    return [found["memory"]["external_id"] for found in search_memories(user=user, words=words, limit=20)]


def test_the_newest_come_first_and_of_one_moment_the_last_stored(user):
    for key, hours in (("a", 0), ("c", 1), ("b", 0)):
        MemoryFactory(user=user, external_id=key, occurred_at=NOON + timedelta(hours=hours))
    assert find(user) == ["c", "b", "a"]


def test_an_entity_is_asked_for_by_its_key_or_by_its_id(user):
    MemoryFactory(user=user, external_id="a", entities=[name("ana", 17), name("rui", 18)])
    MemoryFactory(user=user, external_id="b", entities=[name("rui", 18)])
    MemoryFactory(user=user, external_id="c")
    assert find(user, entity="rui") == find(user, entity="18") == ["b", "a"]
    assert find(user, entity="17") == ["a"]
    assert find(user, entity="an") == find(user, entity="1") == find(user, entity="9" * 19) == []


def test_days_are_both_included(user):
    for day in range(1, 5):
        MemoryFactory(user=user, external_id=str(day), occurred_at=NOON.replace(day=day))
    assert find(user, since="2024-05-02", until="2024-05-03") == ["3", "2"]


def test_filters_work_together(user):
    MemoryFactory(user=user, external_id="a", source="gmail", content="The boat is ready.")
    MemoryFactory(user=user, external_id="b", source="note", content="The boat is ready.")
    MemoryFactory(user=user, external_id="c", source="gmail", content="The boat sank.")
    assert find(user, source="gmail", q="boat ready") == ["a"]


def test_words_are_found_in_any_inflection_accent_or_case(user):
    MemoryFactory(user=user, external_id="a", content="We walked to the CAFÉ.")
    MemoryFactory(user=user, external_id="b", title="Walking", content="Rain.")
    assert find(user, q="walk") == ["b", "a"] or find(user, q="walk") == ["a", "b"]
    assert find(user, q="cafe -rain") == ["a"]


def test_the_search_puts_the_title_and_the_fuller_match_first(user):
    MemoryFactory(
        user=user, external_id="word", content="A boat passed by, and then it was gone again behind the long island."
    )
    MemoryFactory(user=user, external_id="title", title="Boat", content="It was painted.")
    MemoryFactory(user=user, external_id="both", title="Boat trip", content="A boat trip.")
    MemoryFactory(user=user, external_id="none", content="Soup.")
    assert search(user, "boat trip") == ["both", "title", "word"]


def test_a_result_says_what_it_is_and_quotes_the_place(user):
    memory = MemoryFactory(user=user, content="x " * 3000 + "They bought the lighthouse that year. " + "y " * 3000)
    [found] = search_memories(user=user, words="lighthouse", limit=5)
    assert "bought the lighthouse" in found["memory"].pop("snippet")
    assert len(found["memory"].pop("title")) == 0
    assert found["memory"] == {
        "id": memory.pk,
        "external_id": memory.external_id,
        "occurred_at": memory.occurred_at,
        "source": "note",
    }
    assert 0 < found["score"] <= 1


@pytest.mark.parametrize(
    "words",
    [
        "'",
        "\\",
        "a & | ! (",
        ":*",
        "<->",
        "%s",
        "%",
        "\x00",
        "the",
        "-",
        '"',
        "'' & ''",
        "ø" * 3000,
        "a'b:c&d|e!f",
        "http://a.b/c?d=e&f",
    ],
)
def test_no_words_break_the_search_or_the_list(user, words):
    MemoryFactory(user=user, content="Rain.")
    assert search(user, words) == []
    assert list(list_memories(user=user, params={"q": words})) in ([], list(Memory.objects.all()))


def test_nobody_finds_anothers_memories(user, other_user):
    MemoryFactory(user=other_user, content="secret boat", entities=[name("ana", 17)])
    assert search(user, "boat") == find(user, q="boat") == find(user, entity="ana") == find(user) == []
    assert list_recent_with_entities(user_id=user.pk) == []


@pytest.mark.parametrize("text", ["", "yesterday", "2024-02-30", "2024", "03/05/2024"])
def test_a_day_nobody_can_read_is_refused_by_name(text):
    with pytest.raises(ValidationError) as refusal:
        read_day(text, field="since")
    assert list(refusal.value.detail) == ["since"]


def test_the_dashboard_counts_by_stage_and_source_and_remembers_this_day(user):
    today = date(2026, 5, 3)
    MemoryFactory(user=user, external_id="then", occurred_at=NOON, source="gmail", stage="enriched")
    MemoryFactory(user=user, external_id="now", occurred_at=NOON.replace(year=2026))
    MemoryFactory(user=user, external_id="other", occurred_at=NOON.replace(day=4))
    read = read_dashboard(user=user, today=today)
    assert read["memories"]["total"] == 3
    assert read["memories"]["stages"] == {"stored": 2, "extracted": 0, "related": 0, "enriched": 1, "failed": 0}
    assert read["memories"]["sources"] == {"gmail": 1, "note": 2}
    assert (read["memories"]["first"], read["memories"]["last"]) == (date(2024, 5, 3), today)
    assert [row.external_id for row in read["on_this_day"]] == ["then"]
    assert [row.external_id for row in read["latest"]] == ["now", "other", "then"]


def test_the_small_graph_reads_the_latest_memories_that_name_somebody(user):
    for n in range(4):
        MemoryFactory(user=user, external_id=str(n), occurred_at=NOON + timedelta(days=n), entities=[name("ana")])
    MemoryFactory(user=user, occurred_at=NOON + timedelta(days=9), entities=[])
    MemoryFactory(user=user, occurred_at=NOON + timedelta(days=9))
    recent = list_recent_with_entities(user_id=user.pk, limit=3)
    assert [day.day for _, day, _ in recent] == [6, 5, 4]
    assert recent[0][2] == [name("ana")]


def make_old(user, count, **columns):
    return MemoryFactory.create_batch(
        count, user=user, **{"intake": "backfill", "lane": Lane.BACKFILL, "due_at": None, **columns}
    )


def test_a_person_with_old_memories_sees_how_many_are_in_the_graph_and_when_the_rest_is(user, other_user, settings):
    settings.BACKFILL_GUARDS, settings.BACKFILL_PER_DAY = [], 4
    make_old(user, 9), make_old(other_user, 3)
    make_old(user, 2, stage="enriched", admitted_at=NOON, due_at=NOON)
    make_old(user, 1, stage="failed", admitted_at=NOON, due_at=NOON)
    assert read_dashboard(user=user, today=NOON.date())["backfill"] == {
        "total": 12, "done": 2, "failed": 1, "waiting": 9, "days_left": 3, "paused": False,
    }  # fmt: skip
    with switched_off("backfill_entities"):
        assert read_dashboard(user=user, today=NOON.date())["backfill"]["paused"]


def test_a_person_who_looks_asks_no_guard_of_the_backfill(user, settings):
    settings.BACKFILL_GUARDS = ["nowhere.to_be_found"]
    make_old(user, 1)
    assert not read_dashboard(user=user, today=NOON.date())["backfill"]["paused"]


def test_nobody_else_hears_of_it_and_it_costs_them_no_query(user, django_assert_max_num_queries):
    MemoryFactory(user=user)
    with django_assert_max_num_queries(5):
        assert read_dashboard(user=user, today=NOON.date())["backfill"] is None


def test_the_backlog_tells_who_waits_at_which_stage_in_which_lane_and_since_when(user):
    now = timezone.now()
    MemoryFactory(user=user, due_at=now - timedelta(seconds=90))
    MemoryFactory(user=user, due_at=now - timedelta(seconds=30))
    MemoryFactory(user=user, stage="related", lane=Lane.BULK, due_at=now - timedelta(hours=1), lease_until=now)
    MemoryFactory(user=user, lease_until=now + timedelta(minutes=1))
    MemoryFactory(user=user, due_at=now + timedelta(minutes=1))
    MemoryFactory(user=user, stage="enriched"), make_old(user, 1)
    backlog = [(one.stage, one.lane, one.rows, round(one.oldest_seconds, -1)) for one in read_backlog()]
    assert backlog == [("related", Lane.BULK, 1, 3600), ("stored", Lane.LIVE, 2, 90)]


def test_what_waited_behind_a_switch_counts_from_when_it_was_switched_on(user):
    now = timezone.now()
    for lane, stage in ((Lane.LIVE, "stored"), (Lane.BACKFILL, "stored"), (Lane.BACKFILL, "related")):
        MemoryFactory(user=user, stage=stage, lane=lane, due_at=now - timedelta(hours=1))
    flipped = {"extract_new_memories": now - timedelta(seconds=90), "backfill_entities": now + timedelta(hours=1)}
    for switch, modified in flipped.items():
        Switch.objects.get_or_create(name=switch, active=True)
        Switch.objects.filter(name=switch).update(modified=modified)
    backlog = {(one.stage, one.lane): round(one.oldest_seconds, -1) for one in read_backlog()}
    assert backlog == {("stored", Lane.LIVE): 90, ("stored", Lane.BACKFILL): 0, ("related", Lane.BACKFILL): 3600}


@pytest.mark.parametrize("change", [{"active": False}, {"name": "nobody_made_a_row"}])
def test_a_switch_that_is_off_or_has_no_row_shortens_nobodys_wait(user, change):
    MemoryFactory(user=user, due_at=timezone.now() - timedelta(seconds=90))
    Switch.objects.filter(name="extract_new_memories").update(modified=timezone.now(), **change)
    assert round(read_backlog()[0].oldest_seconds, -1) == 90


def test_the_backlog_is_read_from_an_index_of_the_line(user):
    nothing: dict[str, list[str]] = {"stages": [], "lanes": [], "switches": []}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = str(cursor.execute(f"EXPLAIN {BACKLOG}", nothing).fetchall())
    assert "memory_in_line" in plan or "memory_due" in plan
