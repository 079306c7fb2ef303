"""manage.py process_memories: every stage in this process, whatever one memory does."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from waffle.testutils import override_switch

from graph.models import Entity, Work
from memories.errors import TransientError
from memories.models import Memory
from memories.services import extract
from tests.factories import MemoryFactory, make_due


@pytest.fixture(autouse=True)
def time_flies(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: Work.objects.update(due_at="2020-01-01T00:00Z"))


def process(**options):
    out, err = StringIO(), StringIO()
    call_command("process_memories", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def break_on(monkeypatch, text, error):
    """Let the engine break on whatever holds this text."""
    engine = extract.load_engine("rules")

    class Engine:
        version = "broken"

        def extract(self, documents, *, known):
            if any(text in document.content for document in documents):
                raise error
            return engine.extract(documents, known=known)

    monkeypatch.setattr(extract, "load_engine", lambda name: Engine())


def list_stages():
    return sorted(Memory.objects.values_list("stage", flat=True))


def test_memories_go_through_all_stages(user):
    MemoryFactory.create_batch(40, user=user, content="Lunch with Tomas Kowal in Lisbon.")
    out, err = process(until_done=True)
    assert list_stages() == ["enriched"] * 40
    assert (out, err) == ("120 stage changes; waiting: nothing\n", "")
    assert Entity.objects.filter(name="Tomas Kowal", x__isnull=False).exists()
    assert not Work.objects.exists()


def test_without_until_done_each_stage_gets_one_batch(user):
    MemoryFactory.create_batch(40, user=user)
    out, _ = process()
    assert out == "96 stage changes; waiting: stored 8\n"


def test_one_persons_memories_alone(user, other_user):
    for owner in (user, other_user):
        MemoryFactory(user=owner)
    process(user="ana")
    assert list(Memory.objects.order_by("user_id").values_list("stage", flat=True)) == ["enriched", "stored"]


def test_a_name_that_nobody_has_is_refused(db):
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        process(user="nobody")


def test_a_switch_that_is_off_is_named(user):
    MemoryFactory(user=user)
    with override_switch("relate_memories", active=False):
        out, _ = process()
    assert "The switch relate_memories is off: nothing becomes related." in out
    assert list_stages() == ["extracted"]


def test_a_poison_memory_stops_nobody_else_and_ends_as_failed(user, monkeypatch):
    break_on(monkeypatch, "poison", ValueError("poison"))
    MemoryFactory(user=user, content="A poison.")
    MemoryFactory.create_batch(9, user=user)
    errors = ""
    for _ in range(5):
        errors += process(until_done=True)[1]
        make_due()
    assert list_stages() == ["enriched"] * 9 + ["failed"]
    assert errors.count("will be tried again: ValueError") == 5
    assert f"failed for good: memory:{Memory.objects.get(stage='failed').pk}: ValueError" in errors


def test_a_passing_error_of_one_batch_does_not_end_the_work_on_the_others(user, monkeypatch):
    break_on(monkeypatch, "busy", TransientError("the engine is busy"))
    MemoryFactory.create_batch(32, user=user, content="busy")
    MemoryFactory.create_batch(10, user=user, content="Rain.")
    out, err = process(until_done=True)
    assert list_stages() == ["enriched"] * 10 + ["stored"] * 32
    assert err == "will be tried again: the engine is busy\n"
    assert out.endswith("waiting: stored 32\n")
