"""Related: what the person says of entities wins over every automatic link, and can be undone exactly."""

from datetime import date, timedelta

import pytest

from graph.models import Entity, EntityEvent, Leaf, Tie
from graph.services.resolve import Name, choose_name
from memories.models import Memory
from tests.factories.graph import FIRST_DAY, find_entity, list_entities, list_ties, relate_now, write

LATER = FIRST_DAY + timedelta(days=1)


def leaf(user, key):
    return Leaf.objects.get(user=user, key=key)


def say(user, action, key, *, other=None, value=""):
    """Note an event and settle what it changes, as the next batch of memories would."""
    EntityEvent.objects.create(
        user=user, action=action, entity=leaf(user, key), other=other and leaf(user, other), value=value
    )
    relate_now(*Memory.objects.filter(user=user))


def state(user):
    rows = Memory.objects.filter(user=user).order_by("pk").values_list("entities", flat=True)
    return (
        list_entities(user),
        list_ties(user),
        list(Entity.objects.order_by("pk").values_list("pk", "aliases")),
        list(rows),
    )


@pytest.fixture
def memories(user):
    rows = (
        write(user, "Ana Silva", "@Porto"),
        write(user, "Ana Silva", "Rui Costa", day=LATER),
        write(user, "Nini", "Rui Costa", day=LATER),
    )
    relate_now(*rows)
    return rows


def test_a_short_form_and_its_full_name_are_one_entity_by_its_full_name(user, memories):
    relate_now(write(user, "Ana", day=LATER))
    ana = find_entity(user, "Ana Silva")
    assert (ana.memories, ana.aliases) == (3, ["Ana"])
    assert leaf(user, "ana").canonical_id == ana.pk


def test_a_name_that_the_person_gave_is_shown_and_the_old_one_becomes_an_alias(user, memories):
    say(user, "rename", "ana silva", value="Aninhas")
    assert find_entity(user, "Aninhas").aliases == ["Ana Silva"]
    relate_now(write(user, "Ana Silva", day=LATER))
    assert find_entity(user, "Aninhas").memories == 3


def test_of_two_names_the_person_gave_the_last_holds_whichever_leaf_it_was_about(user, memories):
    say(user, "rename", "nini", value="First")
    say(user, "merge", "nini", other="ana silva")
    say(user, "rename", "ana silva", value="Last")
    assert find_entity(user, "Last").memories == 3


def test_a_kind_that_the_person_gave_is_kept(user, memories):
    say(user, "kind", "nini", value="topic")
    assert find_entity(user, "Nini").kind == "topic"


def test_hide_hides_and_show_undoes_it(user, memories):
    before = state(user)
    say(user, "hide", "nini")
    assert find_entity(user, "Nini") not in Entity.objects.shown()
    say(user, "show", "nini")
    assert find_entity(user, "Nini") in Entity.objects.shown()
    assert state(user) == before


def test_a_merge_makes_one_entity_with_the_ties_of_both(user, memories):
    say(user, "merge", "nini", other="ana silva")
    ana = find_entity(user, "Ana Silva")
    assert (ana.memories, ana.aliases) == (3, ["Nini"])
    assert {tie[:3] for tie in list_ties(user)} == {("Ana Silva", "Porto", 1), ("Ana Silva", "Rui Costa", 2)}
    assert Memory.objects.get(pk=memories[2].pk).entities[0]["entity_id"] == ana.pk


def test_undoing_a_merge_gives_back_exactly_what_was(user, memories):
    before = state(user)
    say(user, "merge", "nini", other="ana silva")
    assert state(user) != before
    say(user, "split", "nini", other="ana silva")
    assert state(user) == before


def test_never_merge_keeps_apart_what_names_alone_would_join(user, memories):
    relate_now(write(user, "Ana", day=LATER))
    say(user, "never_merge", "ana", other="ana silva")
    assert (find_entity(user, "Ana").memories, find_entity(user, "Ana Silva").memories) == (1, 2)


def test_what_one_person_says_changes_nothing_for_another(user, other_user, memories):
    relate_now(write(other_user, "Nini", "Ana Silva"))
    before = list_entities(other_user)
    say(user, "rename", "nini", value="Antonia")
    say(user, "merge", "nini", other="ana silva")
    assert list_entities(other_user) == before


def test_a_name_that_nothing_supports_any_more_gives_way_to_one_that_is_said(user):
    memories = write(user, "Ana Maria Silva"), write(user, "Ana Silva", day=LATER)
    relate_now(*memories)
    assert find_entity(user, "Ana Maria Silva").aliases == ["Ana Silva"]
    Memory.objects.filter(pk=memories[0].pk).update(entities=[])
    relate_now(memories[0])
    assert find_entity(user, "Ana Silva").aliases == []
    assert not Leaf.objects.filter(user=user, key="ana maria silva").exists()


def test_a_leaf_that_the_person_spoke_of_stays_when_no_memory_names_it(user, memories):
    say(user, "rename", "nini", value="Antonia")
    Memory.objects.filter(pk=memories[2].pk).update(entities=[])
    relate_now(memories[2])
    assert leaf(user, "nini")
    assert not Entity.objects.filter(user=user, name="Antonia").exists()
    relate_now(write(user, "Nini", day=LATER))
    assert find_entity(user, "Antonia").memories == 1


def test_a_new_canonical_leaf_takes_the_ties_with_it(user):
    relate_now(write(user, "Ana", "@Porto"))
    relate_now(*[write(user, "Ana Silva", day=FIRST_DAY + timedelta(days=n)) for n in range(3)])
    ana = find_entity(user, "Ana Silva")
    assert ana.pk == leaf(user, "ana silva").pk
    assert list(Tie.objects.filter(user=user).values_list("memories", flat=True)) == [1]
    assert {tie[:2] for tie in list_ties(user)} == {("Ana Silva", "Porto")}


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ((("Ana", 9), ("Ana Silva", 3)), "Ana Silva"),
        ((("Ana", 99), ("Ana de Souza Silva", 1)), "Ana"),
        ((("Ana Silva", 2), ("Ana Sylva", 1)), "Ana Silva"),
    ],
)
def test_the_fullest_spelling_that_is_no_rarity_is_shown(names, chosen):
    rows = [Name(leaf_id=n, kind="person", text=text, memories=count) for n, (text, count) in enumerate(names)]
    assert choose_name(rows, entity_id=0).text == chosen


def test_first_and_last_seen_are_the_days_of_its_memories(user):
    relate_now(write(user, "Ana Silva", day=date(2020, 2, 29)), write(user, "Ana Silva", day=date(2019, 12, 31)))
    ana = find_entity(user, "Ana Silva")
    assert (ana.first_seen, ana.last_seen) == (date(2019, 12, 31), date(2020, 2, 29))
