"""Related: entities, ties and series are what a hand count of the memories says, after every edit and erasure."""

from datetime import timedelta

import pytest

from graph.models import DirtyRow, Entity, EventDelta, Leaf, Mention, Relationship, Series, Tie
from graph.nearness import NEAR_CHARACTERS, WHOLE_CHARACTERS
from graph.services.relate import is_busy, read_addresses, relate_memories
from memories.models import Lane, Memory
from memories.pipeline import claim_rows, get_step
from memories.services.erase import erase_memories
from tests.factories import MemoryFactory
from tests.factories.graph import (
    FIRST_DAY,
    find_entity,
    find_tie,
    list_entities,
    list_relationships,
    list_ties,
    relate_now,
    rewrite,
    write,
)

LATER = FIRST_DAY + timedelta(days=2)
FAR = "." * (WHOLE_CHARACTERS - 100)  # too far for a long text, not for a short one


@pytest.fixture
def three(user):
    """Ana twice with Porto, once with Rui, and Rui and Porto with her there."""
    return (
        write(user, "Ana Silva", "@Porto"),
        write(user, "Ana Silva", "Rui Costa", "@Porto", day=LATER),
        write(user, "Rui Costa", "#chess", day=LATER),
    )


def snapshot(user):
    tables = (Entity, Tie, Relationship, Leaf, Series)
    return [sorted(table.objects.filter(user=user).values_list("pk", flat=True)) for table in tables]


def test_entities_are_what_a_hand_count_says(user, three):
    relate_now(*three)
    assert list_entities(user) == {
        ("person", "Ana Silva", 2, FIRST_DAY, LATER),
        ("person", "Rui Costa", 2, LATER, LATER),
        ("place", "Porto", 2, FIRST_DAY, LATER),
        ("topic", "chess", 1, LATER, LATER),
    }


def test_ties_are_what_a_hand_count_says_a_crowd_weighing_less(user, three):
    relate_now(*three)
    assert list_ties(user) == {
        ("Ana Silva", "Porto", 2, 1.5, FIRST_DAY, LATER),
        ("Ana Silva", "Rui Costa", 1, 0.5, LATER, LATER),
        ("Porto", "Rui Costa", 1, 0.5, LATER, LATER),
        ("Rui Costa", "chess", 1, 1.0, LATER, LATER),
    }


def test_every_mention_points_at_the_leaf_of_its_name_and_at_its_place(user, three):
    relate_now(*three)
    rows = Mention.objects.filter(memory=three[1]).order_by("start")
    assert list(rows.values_list("entity__key", "text", "start", "end")) == [
        ("ana silva", "Ana Silva", 0, 9),
        ("rui costa", "Rui Costa", 14, 23),
        ("porto", "Porto", 28, 33),
    ]


def test_relating_again_changes_nothing(user, three):
    relate_now(*three)
    before, deltas, dirty = snapshot(user), EventDelta.objects.count(), DirtyRow.objects.count()
    relate_now(*three)
    relate_now(three[1])
    assert snapshot(user) == before
    assert (EventDelta.objects.count(), DirtyRow.objects.count()) == (deltas, dirty)


def test_an_edit_moves_the_mentions_and_removes_what_only_they_supported(user, three):
    relate_now(*three)
    rewrite(three[2], "Ana Silva")
    relate_now(three[2])
    assert ("person", "Rui Costa", 1, LATER, LATER) in list_entities(user)
    assert ("person", "Ana Silva", 3, FIRST_DAY, LATER) in list_entities(user)
    assert not Leaf.objects.filter(user=user, key="chess").exists()
    assert not any("chess" in tie for tie in list_ties(user))


def test_an_edit_that_makes_a_short_text_long_parts_what_is_no_longer_near(user):
    memory, other = write(user, "Ana Silva", "@Porto", between=FAR), write(user, "@Porto", "Ana Silva", day=LATER)
    relate_now(memory, other)
    rewrite(memory, "Ana Silva", "@Porto", between="." * 2 * WHOLE_CHARACTERS)
    relate_now(memory)
    assert list_ties(user) == {("Ana Silva", "Porto", 1, 1.0, LATER, LATER)}


def test_erasing_a_memory_after_an_edit_that_was_never_related_leaves_no_tie_behind(user):
    memory = write(user, "Ana Silva", "@Porto", between=FAR)
    others = write(user, "Ana Silva", day=LATER), write(user, "@Porto", day=LATER)
    relate_now(memory, *others)
    Memory.objects.filter(pk=memory.pk).update(size=2 * WHOLE_CHARACTERS)
    erase_memories(user=user, memory_ids=[memory.pk])
    assert list_ties(user) == set()


def test_erasing_a_memory_removes_what_only_it_supported_and_lowers_the_rest(user, three):
    relate_now(*three)
    erase_memories(user=user, memory_ids=[three[1].pk])
    assert list_entities(user) == {
        ("person", "Ana Silva", 1, FIRST_DAY, FIRST_DAY),
        ("place", "Porto", 1, FIRST_DAY, FIRST_DAY),
        ("person", "Rui Costa", 1, LATER, LATER),
        ("topic", "chess", 1, LATER, LATER),
    }
    assert {tie[:3] for tie in list_ties(user)} == {("Ana Silva", "Porto", 1), ("Rui Costa", "chess", 1)}


def test_erasing_everything_leaves_no_name_behind(user, three):
    relate_now(*three)
    erase_memories(user=user, memory_ids=[memory.pk for memory in three])
    assert not any(
        table.objects.filter(user=user).exists() for table in (Leaf, Entity, Tie, Mention, Series, Relationship)
    )
    assert not EventDelta.objects.filter(user=user).exclude(change_type="deleted").exists()


def test_one_persons_memories_never_touch_anothers(user, other_user, three):
    relate_now(*three)
    before = list_entities(user), list_ties(user)
    relate_now(write(other_user, "Ana Silva", "Rui Costa"))
    assert (list_entities(user), list_ties(user)) == before


@pytest.mark.parametrize(("gap", "tied"), [(NEAR_CHARACTERS - 20, True), (NEAR_CHARACTERS + 20, False)])
def test_in_a_long_text_only_what_stands_near_is_tied(user, gap, tied):
    rest = "." * 2 * WHOLE_CHARACTERS
    relate_now(write(user, "Ana Silva", "@Porto", between="." * gap, content=f"Ana Silva{'.' * gap}Porto{rest}"))
    assert bool(list_ties(user)) is tied


def test_in_a_short_text_all_is_tied_however_far_apart(user):
    relate_now(write(user, "Ana Silva", "@Porto", between=FAR))
    assert len(list_ties(user)) == 1


def test_a_name_in_the_title_is_near_to_all_of_a_long_text(user):
    memory = write(user, "Ana Silva", "@Porto", between="." * 2 * WHOLE_CHARACTERS)
    memory.entities[0] |= {"field": "title"}
    memory.save()
    relate_now(memory)
    assert len(list_ties(user)) == 1


def test_an_entity_is_never_tied_to_itself(user):
    relate_now(write(user, "Ana Silva", "Ana Silva", "Ana"))
    assert list_ties(user) == set()


def test_canonical_ids_are_handed_down_into_the_memories(user):
    memories = write(user, "Ana Silva", "@Porto"), write(user, "Ana", day=LATER)
    relate_now(*memories)
    ana, porto = find_entity(user, "Ana Silva").pk, find_entity(user, "Porto").pk
    ids = [[mention["entity_id"] for mention in Memory.objects.get(pk=memory.pk).entities] for memory in memories]
    assert ids == [[ana, porto], [ana]]
    assert set(Memory.objects.naming(str(ana))) == set(memories)


def test_canonical_ids_follow_into_older_memories_and_their_relationships(user):
    first = write(user, "Ana", thread_id="t"), write(user, "Ana", thread_id="t", day=LATER)
    relate_now(*first)
    relate_now(*[write(user, "Ana Silva", day=LATER) for _ in range(3)])
    ana = find_entity(user, "Ana Silva").pk
    assert [mention["entity_id"] for mention in Memory.objects.get(pk=first[0].pk).entities] == [ana]
    row = Relationship.objects.get(user=user, relationship_type="same_thread")
    assert (row.source_entity_ids, row.target_entity_ids) == ([ana], [ana])


def test_a_memory_without_names_is_related_all_the_same(user):
    relate_now(MemoryFactory(user=user, entities=[]), MemoryFactory(user=user, entities=None, content="Rain."))
    assert list_entities(user) == set() == list_relationships(user)


def test_a_claimed_batch_goes_on_to_the_next_stage_person_by_person(user, other_user):
    write(user, "Ana Silva")
    write(other_user, "Rui Costa")
    relate_memories(claim_rows(get_step("extracted")))
    assert set(Memory.objects.values_list("stage", flat=True)) == {"related"}
    assert find_entity(user, "Ana Silva").memories == find_entity(other_user, "Rui Costa").memories == 1


def test_a_memory_edited_while_it_was_being_related_is_left_to_its_next_turn(user):
    memory = write(user, "Ana Silva")
    claim = claim_rows(get_step("extracted"))
    Memory.objects.filter(pk=memory.pk).update(revision=2, stage="stored", lease_token=None, lease_until=None)
    relate_memories(claim)
    assert Memory.objects.get(pk=memory.pk).stage == "stored"
    assert list_entities(user) == set()


def test_a_series_counts_days_not_memories(user):
    days = [FIRST_DAY, FIRST_DAY, LATER, LATER + timedelta(days=7)]
    relate_now(*[write(user, "Ana Silva", "@Porto", day=day) for day in days])
    rows = Series.objects.filter(user=user).values_list("days", "first", "last")
    assert list(rows) == [(3, FIRST_DAY, days[-1])] * 3


def test_a_series_goes_when_its_days_have_become_too_few(user):
    days = [FIRST_DAY, FIRST_DAY, LATER, LATER + timedelta(days=7)]
    memories = [write(user, "Ana Silva", "@Porto", day=day) for day in days]
    relate_now(*memories)
    erase_memories(user=user, memory_ids=[memories[3].pk])
    assert not Series.objects.filter(user=user).exists()


def test_a_series_is_dirty_when_a_day_of_it_moved(user):
    days = [FIRST_DAY, LATER, LATER + timedelta(days=7)]
    memories = [write(user, "Ana Silva", "@Porto", day=day) for day in days]
    relate_now(*memories)
    Series.objects.update(dirty_at=None)
    Memory.objects.filter(pk=memories[1].pk).update(occurred_on=LATER + timedelta(days=1))
    relate_now(memories[1])
    assert Series.objects.filter(user=user, dirty_at__isnull=False).count() == 3


def test_the_address_beside_a_name_in_the_headers_is_kept_with_its_mention():
    memory = Memory(participants=[{"name": "Ana", "address": "Ana@Example.org"}, {"name": "Rui"}])
    assert read_addresses(memory) == {"ana": "ana@example.org"}


def test_a_tie_of_two_entities_has_the_lower_id_first(user):
    relate_now(write(user, "Zita Alves", "@Braga", "Ana Silva"))
    assert all(a < b for a, b in Tie.objects.values_list("a_id", "b_id"))
    assert find_tie(user, "Zita Alves", "Ana Silva").memories == 1


def test_who_has_old_memories_alone_in_line_is_not_busy(user):
    MemoryFactory(user=user, intake="backfill", lane=Lane.BACKFILL)
    assert not is_busy(user_id=user.pk)
    MemoryFactory(user=user, lane=Lane.BULK)
    assert is_busy(user_id=user.pk)
