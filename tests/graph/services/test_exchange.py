"""What a person said of entities goes out with an export and holds again where it is read back."""

import json

import pytest

from graph.models import Entity, EntityEvent, Leaf
from graph.services.exchange import list_events, read_events
from memories.importers import Record, Skip
from tests.factories.graph import find_entity, relate_now, write

ANA, BIA, RUI = "Ana Silva", "Bia Alves", "Rui Costa"
AT = "2026-02-03T10:00:00.000001+00:00"


def live(user):
    memories = [write(user, ANA, RUI), write(user, BIA, RUI), write(user, BIA, "@Porto")]
    relate_now(*memories)
    return memories


def say(user, action, key, *, other=None, value=""):
    leaf = {name: Leaf.objects.get(user=user, key=name) for name in (key, other) if name}
    EntityEvent.objects.create(user=user, action=action, entity=leaf[key], other=leaf.get(other), value=value)


def as_records(events):
    """Events as an importer hands them over, having been JSON in between."""
    fields = [json.loads(json.dumps(event)) for event in events]
    return [Record(f"line {number}", "entity_event", event) for number, event in enumerate(fields, 1)]


def make(**fields):
    entity = {"kind": "person", "key": "ana silva"}
    told = {"record": "entity_event", "action": "rename", "entity": entity, "value": "Aninhas", "created_at": AT}
    return as_records([told | fields])


def shown(user):
    return sorted(Entity.objects.filter(user=user).values_list("name", "kind", "hidden", "memories"))


@pytest.fixture
def told(user):
    """Somebody who said a word of every kind."""
    live(user)
    say(user, "merge", "ana silva", other="bia alves")
    say(user, "split", "ana silva", other="bia alves")
    say(user, "merge", "ana silva", other="bia alves")
    say(user, "never_merge", "rui costa", other="ana silva")
    say(user, "rename", "ana silva", value="Aninhas")
    say(user, "kind", "porto", value="organisation")
    say(user, "hide", "rui costa")
    relate_now(*user.memory_set.all())
    return user


def test_the_same_words_give_the_same_entities(told, other_user):
    live(other_user)
    records = as_records(list_events(user=told))
    assert set(read_events(user=other_user, records=records)) == {"created"}
    assert shown(other_user) == shown(told)
    assert find_entity(other_user, "Aninhas").memories == 3
    assert list(list_events(user=other_user)) == list(list_events(user=told))


def test_words_that_come_before_the_memories_wait_for_them(told, other_user):
    read_events(user=other_user, records=as_records(list_events(user=told)))
    assert shown(other_user) == []
    live(other_user)
    assert shown(other_user) == shown(told)


def test_words_read_twice_are_said_once(told):
    before = list(list_events(user=told))
    assert set(read_events(user=told, records=as_records(before))) == {"unchanged"}
    assert list(list_events(user=told)) == before


def test_a_dry_run_notes_nothing(user):
    assert read_events(user=user, records=make() * 2, dry_run=True) == ["created", "unchanged"]
    assert not EntityEvent.objects.exists()
    assert not Leaf.objects.exists()


def test_nothing_of_anybody_elses_is_told(told, other_user):
    assert list(list_events(user=other_user)) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action": "erase"}, "action: 'erase' is none of merge, split"),
        ({"action": 7}, "action: must be text"),
        ({"entity": "ana"}, "entity: must be {kind, key}"),
        ({"entity": {"kind": "animal", "key": "x"}}, "entity: kind 'animal' is none of"),
        ({"entity": {"kind": "person", "key": "x" * 256}}, "key: is longer than 255"),
        ({"entity": {"kind": "person", "key": "a\x00"}}, "key: holds what is no character"),
        ({"entity": {"kind": "person", "key": "\ud800"}}, "key: holds what is no character"),
        ({"action": "merge"}, "other: must be {kind, key}"),
        ({"action": "merge", "other": {"kind": "person", "key": "ana silva"}}, "other: is the entity itself"),
        ({"action": "kind", "value": "animal"}, "value: 'animal' is none of"),
        ({"value": ["x"]}, "value: must be text"),
        ({"created_at": "soon"}, "created_at: 'soon' is no date"),
        ({"created_at": None}, "created_at: is missing"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_with_its_reason_and_the_rest_is_read(user, fields, reason):
    bad, good = make(**fields), make()
    skip, outcome = read_events(user=user, records=bad + good)
    assert isinstance(skip, Skip)
    assert (skip.where, outcome) == ("line 1", "created")
    assert skip.reason.startswith(reason)
