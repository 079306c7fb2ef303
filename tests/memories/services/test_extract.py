"""Extraction as a stage: an engine's mentions become the memory's entities, the next stage and known names."""

from types import SimpleNamespace

import pytest

from memories.errors import WorkBroke
from memories.extraction.base import Mention
from memories.models import KnownName, Memory
from memories.pipeline import advance, get_step
from memories.services import extract
from memories.services.store import edit_memory
from tests.factories import MemoryFactory

ANA = Mention(key="ana", text="Ana", kind="person", field="content", start=0, end=3)
RUI = Mention(key="rui", text="Rui", kind="person", field="author", start=None, end=None)


class FakeEngine:
    """Says what it is told to say, and remembers what it was asked."""

    version = "fake 1"

    def __init__(self, *mentions):
        self.mentions, self.asked, self.known, self.meanwhile = list(mentions), [], [], lambda: None

    def extract(self, documents, *, known):
        self.asked.append([document.id for document in documents])
        self.known.append([name.key for name in known])
        self.meanwhile()
        return [self.mentions for _ in documents]


@pytest.fixture
def engine(monkeypatch):
    engine = FakeEngine(ANA, RUI)
    monkeypatch.setattr(extract, "load_engine", lambda name: engine)
    return engine


def run():
    return advance(get_step("stored"))


def test_mentions_become_entities_with_their_places_in_the_text(user, engine):
    MemoryFactory(user=user)
    assert run() == 1
    row = Memory.objects.get()
    assert (row.stage, row.engine) == ("extracted", "fake 1")
    assert row.entities[0] == {
        "key": "ana",
        "text": "Ana",
        "kind": "person",
        "field": "content",
        "start": 0,
        "end": 3,
        "entity_id": None,
    }
    assert (row.entities[1]["start"], row.entities[1]["field"]) == (None, "author")


def test_a_memory_that_names_nobody_is_extracted_all_the_same(user, engine):
    engine.mentions = []
    MemoryFactory(user=user)
    run()
    assert Memory.objects.values_list("stage", "entities").get() == ("extracted", [])


def test_each_person_is_read_with_their_own_known_names(user, other_user, engine):
    KnownName.objects.create(user=user, key="mine", name="Mine", kind="person")
    KnownName.objects.create(user=other_user, key="theirs", name="Theirs", kind="person")
    memories = [MemoryFactory(user=owner) for owner in (user, other_user, user)]
    run()
    asked = dict(zip(map(str, engine.known), map(sorted, engine.asked), strict=True))
    assert asked == {"['mine']": [memories[0].pk, memories[2].pk], "['theirs']": [memories[1].pk]}


def test_names_of_headers_are_remembered_and_names_of_texts_are_not(user, engine):
    MemoryFactory(user=user)
    run()
    assert list(KnownName.objects.values_list("key", "kind", "basis")) == [("rui", "person", "header")]


def test_a_name_the_person_set_is_not_overwritten(user, engine):
    KnownName.objects.create(user=user, key="rui", name="Rui's boat", kind="topic", basis="person")
    MemoryFactory(user=user)
    run()
    assert KnownName.objects.values_list("name", "kind", "basis").get() == ("Rui's boat", "topic", "person")


def test_a_header_name_that_an_edit_took_out_is_forgotten(user, engine):
    memory = MemoryFactory(user=user)
    run()
    edit_memory(memory=memory, changes={"author": "Somebody else"})
    engine.mentions = [ANA]
    run()
    assert not KnownName.objects.exists()


def test_what_was_edited_while_the_engine_read_it_is_thrown_away(user, engine):
    memory, other = MemoryFactory.create_batch(2, user=user)
    engine.meanwhile = lambda: edit_memory(memory=memory, changes={"content": "Walked back."})
    run()
    assert Memory.objects.values_list("stage", "entities", "engine").get(pk=memory.pk) == ("stored", None, "")
    assert Memory.objects.get(pk=other.pk).stage == "extracted"


def test_a_memory_that_was_deleted_while_the_engine_read_it_is_no_error(user, engine):
    gone, other = MemoryFactory.create_batch(2, user=user)
    engine.meanwhile = lambda: Memory.objects.filter(pk=gone.pk).delete()
    run()
    assert list(Memory.objects.values_list("pk", "stage")) == [(other.pk, "extracted")]


def test_an_engine_that_breaks_writes_nothing(user, engine):
    MemoryFactory.create_batch(2, user=user)
    engine.mentions = [SimpleNamespace()]
    with pytest.raises(WorkBroke):
        run()
    assert set(Memory.objects.values_list("stage", "entities")) == {("stored", None)}
    assert not KnownName.objects.exists()


def test_a_batch_is_written_by_a_fixed_number_of_queries(user, engine, django_assert_max_num_queries):
    MemoryFactory.create_batch(30, user=user)
    with django_assert_max_num_queries(20):
        assert run() == 30


def test_a_document_carries_the_people_of_the_header(user):
    memory = MemoryFactory.build(
        user=user,
        id=7,
        title="T",
        author="Ana",
        participants=[{"name": "Rui", "address": "r@example.org"}, {"name": "Eva"}],
    )
    document = extract.make_document(memory)
    assert (document.id, document.title, document.author) == (7, "T", "Ana")
    assert document.participants == (("Rui", "r@example.org"), ("Eva", ""))
