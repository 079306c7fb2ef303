"""manage.py backfill_entities: a day's allowance of old memories, from stored to the graph, however often it dies on the way."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.local.processes import die_with_parent, last_lines, wait_for
from graph.models import Mention
from integrations.failures import record_missed
from integrations.models import JobFailure
from memories.management.commands import backfill_entities as module
from memories.models import Lane, Memory
from memories.services import extract
from tests.config.switching import switched_off
from tests.factories import MemoryFactory, make_due

LUNCH = "Lunch with Tomas Kowal in Lisbon."


@pytest.fixture(autouse=True)
def room(settings):
    settings.BACKFILL_GUARDS = []


def make_old(user, count, **columns):
    return [
        MemoryFactory(user=user, content=LUNCH, intake="backfill", lane=Lane.BACKFILL, due_at=None, **columns)
        for _ in range(count)
    ]


def backfill(**options):
    out = StringIO()
    call_command("backfill_entities", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refuse(**options):
    with pytest.raises(CommandError) as refusal:
        backfill(**options)
    return str(refusal.value), refusal.value.returncode


def count_stage(stage):
    return Memory.objects.filter(stage=stage).count()


def test_old_memories_go_all_the_way_in_this_process(user):
    make_old(user, 30)
    said = backfill()
    assert said == "30 let in; 30 arrived in the graph, 0 failed.\nNothing waits to be let in.\n"
    assert (count_stage("enriched"), Mention.objects.filter(text="Tomas Kowal").count()) == (30, 30)


def test_no_more_than_the_allowance_and_running_it_again_changes_nothing(user):
    make_old(user, 8)
    assert "5 let in; 5 arrived" in backfill(per_day=5)
    again = backfill(per_day=5)
    assert again.splitlines() == [
        "0 let in; 0 arrived in the graph, 0 failed.",
        "Today's allowance of 5 is used up.",
        "3 wait; the last of them is let in within 2 days.",
    ]
    assert (count_stage("enriched"), count_stage("stored")) == (5, 3)


def test_a_limit_narrows_it_further(user):
    make_old(user, 8)
    assert "2 let in" in backfill(limit=2)
    assert count_stage("enriched") == 2


def test_one_persons_memories_alone(user, other_user):
    make_old(user, 2), make_old(other_user, 2)
    assert "2 let in" in backfill(user="ana")
    assert set(Memory.objects.filter(stage="enriched").values_list("user", flat=True)) == {user.pk}


def test_new_memories_are_left_to_the_worker(user):
    MemoryFactory(user=user)
    make_old(user, 1)
    backfill()
    assert sorted(Memory.objects.values_list("stage", "intake")) == [("enriched", "backfill"), ("stored", "live")]


def test_a_dry_run_says_who_would_get_how_many_and_writes_nothing(user, other_user):
    make_old(user, 9), make_old(other_user, 2)
    assert backfill(dry_run=True, per_day=6).splitlines() == [
        "ana: 4",
        f"{other_user.username}: 2",
        "6 would be let in; nothing was written.",
    ]
    assert not Memory.objects.filter(admitted_at__isnull=False).exists()


def test_the_status_tells_totals_days_people_and_pauses(user):
    make_old(user, 8)
    backfill(per_day=3)
    with switched_off("backfill_entities"):
        assert backfill(status=True, per_day=3).splitlines() == [
            "8 old memories: 3 in the graph, 0 failed, 0 in line, 5 waiting.",
            "Let in today: 3, 0 more may follow (the allowance is 3 a day, of all people together).",
            "5 wait; the last of them is let in within 3 days.",
            "  ana: 3 of 8, 5 waiting",
            "Paused: The switch backfill_entities is off.",
        ]


def test_marking_makes_what_is_there_old_first(user):
    MemoryFactory.create_batch(3, user=user)
    assert "0 memories are old now." in backfill(mark_before="2020-01-01")
    said = backfill(mark_before="2999-01-01")
    assert "3 memories are old now." in said
    assert set(Memory.objects.values_list("stage", "intake")) == {("enriched", "backfill")}


def test_a_switch_that_is_off_is_named_and_has_an_exit_code_of_its_own(user):
    make_old(user, 1)
    with switched_off("backfill_entities"):
        assert refuse() == ("The backfill is paused. The switch backfill_entities is off.", 3)
    assert count_stage("stored") == 1


def test_a_later_switch_that_is_off_is_named_and_its_memories_go_on_when_it_is_on(user):
    make_old(user, 2)
    with switched_off("relate_memories"):
        said = backfill()
    assert "The switch relate_memories is off: nothing becomes related." in said
    assert "2 are in line (extracted 2)" in said
    assert "2 arrived in the graph" in backfill()


def test_a_switch_that_goes_off_midway_leaves_nothing_half_done_or_stuck(user, monkeypatch):
    make_old(user, 60)
    pauses = iter([[], ["The switch backfill_entities is off."]])
    monkeypatch.setattr(module, "list_pauses", lambda: next(pauses))
    assert refuse()[1] == 3
    assert Memory.objects.filter(admitted_at__isnull=False).count() == 20
    assert not Memory.objects.filter(lease_until__isnull=False).exists()
    monkeypatch.undo()
    backfill()
    assert count_stage("enriched") == 60


def test_a_guard_is_told_with_its_reason(user, settings):
    make_old(user, 1)
    settings.BACKFILL_GUARDS = ["memories.services.backfill.check_latency"]
    MemoryFactory(user=user)
    make_due(lease_until=None)
    Memory.objects.filter(intake="backfill").update(due_at=None)
    sentence, code = refuse()
    assert sentence.startswith("The backfill is paused. A new memory has waited for ")
    assert code == 3


def test_ctrl_c_leaves_rows_that_the_next_run_takes_up_at_once(user, monkeypatch):
    make_old(user, 30)

    class Engine:
        version = "interrupted"

        def extract(self, documents, *, known):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(extract, "load_engine", lambda name: Engine())
        with pytest.raises(KeyboardInterrupt):
            backfill()
    assert "30 arrived in the graph" in backfill()


def test_a_poison_memory_harms_no_neighbour_and_ends_as_one_failure(user, monkeypatch):
    engine = extract.load_engine("rules")
    poison = make_old(user, 6)[0]
    Memory.objects.filter(pk=poison.pk).update(content="poison")

    class Engine:
        version = "broken"

        def extract(self, documents, *, known):
            if any(document.content == "poison" for document in documents):
                raise ValueError
            return engine.extract(documents, known=known)

    monkeypatch.setattr(extract, "load_engine", lambda name: Engine())
    for _ in range(6):
        backfill()
        make_due()
    record_missed(), record_missed()
    assert (count_stage("enriched"), count_stage("failed")) == (5, 1)
    assert JobFailure.objects.get().unit == f"memory:{poison.pk}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"per_day": 0}, "--per-day is 0, and has to be 1 or more."),
        ({"per_day": -5}, "--per-day is -5, and has to be 1 or more."),
        ({"limit": 0}, "--limit is 0, and has to be 1 or more."),
        ({"user": "nobody"}, "There is no user 'nobody' (--user)."),
        ({"mark_before": "soon"}, "--mark-before is 'soon', and has to be a date like 2026-03-31."),
        ({"mark_before": "2026-01-01", "status": True}, "--mark-before writes, so it does not go with --status or --dry-run."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_option(db, options, sentence):
    assert refuse(**options) == (sentence, 1)


@contextmanager
def launched(log):
    """The command as a process of its own on the tests' database."""
    name = connection.settings_dict["NAME"]
    urls = {
        key: urlsplit(getattr(django_settings, key))._replace(path=f"/{name}").geturl()
        for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
        if getattr(django_settings, key)
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "backfill_entities"],
            cwd=django_settings.BASE_DIR,
            env=os.environ | urls,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_point_it_goes_on_where_it_was(user, tmp_path):
    make_old(user, 120)
    with launched(tmp_path / "log"):
        assert wait_for(lambda: count_stage("enriched") > 0, seconds=150), last_lines(tmp_path / "log")
    assert count_stage("enriched") < 100
    Memory.objects.filter(lease_until__isnull=False).update(lease_until="2020-01-01T00:00Z")
    backfill()
    let_in = Memory.objects.filter(admitted_at__isnull=False)
    assert let_in.count() == count_stage("enriched") == 100
    assert Mention.objects.filter(text="Tomas Kowal").count() == 100
