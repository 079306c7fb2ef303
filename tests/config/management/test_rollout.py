"""`rollout`: what an operator reads and does at the command line."""

import getpass
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, ProgrammingError
from waffle.models import Switch

from config.management.commands import rollout
from config.models import Flip, Heartbeat
from config.rollout.states import read_states
from memories.models import Flag


def run(*arguments, **options):
    out = StringIO()
    call_command("rollout", *arguments, stdout=out, no_color=True, **options)
    return out.getvalue()


def state(name):
    return str(read_states()[name])


def test_status_tells_each_phase_its_state_and_its_guards(all_off, sound):
    lines = run("status").splitlines()
    heads = [line.split() for line in lines if line and not line.startswith(" ")]
    assert heads == [
        ["1", "schema", "on"], ["2", "backfill", "off"], ["3", "work", "off"], ["4", "serve", "off"], ["syncs", "off"],
        ["Nothing", "was", "ever", "flipped."],
    ]  # fmt: skip
    assert "            does not hold order: 2 backfill is off, 3 work is off." in lines
    assert any(
        re.search(r"holds         connections: \d+ of 17 are open \(bound: under 80 %\)", line) for line in lines
    )


def test_status_names_what_differs_in_a_phase_that_is_partly_on(all_off, sound):
    Switch.objects.filter(name__in=("sync_providers", "sync_gmail", "sync_gdrive")).update(active=True)
    assert "syncs       partly (without sync_dropbox, sync_zoho_mail)" in run("status")


def test_status_ends_with_the_last_flips(all_off, sound):
    run("advance", reason="monday")
    told = run("status").splitlines()[-2:]
    assert told[0] == "Last flips"
    assert told[1].endswith(f"backfill_entities: off -> on, by {getpass.getuser()}@command (monday)")


def test_advance_takes_the_next_phase_and_says_when_others_follow(all_off, sound):
    told = run("advance")
    assert told.startswith(
        "Phase 2 backfill is on. Flipped: backfill_entities. Other processes follow within 5 seconds"
    )
    assert run("advance").startswith("Phase 3 work is on.")
    assert run("advance").startswith("Phase 4 serve is on.")
    assert run("advance") == "Every phase is on already; nothing was flipped.\n"


def test_advance_is_refused_with_every_guard_that_does_not_hold(all_off):
    with pytest.raises(CommandError) as refusal:
        run("advance", "4")
    assert refusal.value.returncode == 1
    assert "Phase 4 serve stays as it is:\ndoes not hold order: 2 backfill is off, 3 work is off." in str(refusal.value)
    assert "does not hold beat: beat, broker and worker were never seen alive together." in str(refusal.value)
    assert state("serve") == "off"


def test_force_advances_all_the_same(all_off):
    assert run("advance", "serve", "--force", "--percent", "25").startswith("Phase 4 serve is on for 25 % of people.")
    assert state("serve") == "partly (25 % of people)"
    assert run("advance", "serve", "--percent", "25%") == (
        "Phase 4 serve was on for 25 % of people already; nothing was flipped.\n"
    )


@pytest.mark.parametrize("percent", ["0", "100", "-3", "nan", "many"])
def test_what_is_no_percentage_is_refused(all_off, percent):
    with pytest.raises(CommandError, match="percentage"):
        run("advance", "4", "--force", f"--percent={percent}")
    assert not Flip.objects.exists()


def test_rollback_takes_the_highest_phase_that_is_on(all_off, sound):
    for _ in range(3):
        run("advance")
    assert run("rollback").startswith("Phase 4 serve is off. Flipped: serve_precomputed_graph.")
    assert run("rollback").startswith("Phase 3 work is off.")
    assert run("rollback").startswith("Phase 2 backfill is off.")
    assert run("rollback") == "No phase is on; nothing was flipped.\n"


def test_rollback_of_everything_takes_the_syncs_as_well(all_off, sound):
    Switch.objects.update(active=True)
    Flag.objects.update(everyone=True)
    assert run("rollback", "--all", reason="outage").startswith("Every phase is off. Flipped: backfill_entities, ")
    assert not Switch.objects.filter(active=True).exists()
    assert {flip.reason for flip in Flip.objects.filter(after__in=("off", "nobody"))} == {"outage"}


def test_what_is_off_already_is_left_alone(all_off):
    assert run("rollback", "syncs") == "Phase syncs was off already; nothing was flipped.\n"


def test_all_phases_come_on_one_after_the_other_and_go_off_together_forced_or_not(all_off, sound):
    assert run("advance", "--all").count(" is on. Flipped:") == 4
    assert not [name for name in ("backfill", "work", "serve", "syncs") if state(name) != "on"]
    assert run("rollback", "--all", "--force").startswith("Every phase is off.")


def test_advancing_all_stops_at_the_first_that_is_refused(all_off, sound):
    Heartbeat.objects.all().delete()
    with pytest.raises(CommandError, match="Phase 2 backfill stays as it is"):
        run("advance", "--all")
    assert not Flip.objects.exists()


def test_status_of_one_phase_is_told_alone(all_off, sound):
    assert run("status", "serve").splitlines()[0].split() == ["4", "serve", "off"]
    assert "3 work" not in run("status", "serve").splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["rollback", "1"], "stays: the code of before runs on it"),
        (["rollback", "4", "--all"], "Either one phase or --all"),
        (["rollback", "--percent", "5"], "rollback does not take percent"),
        (["status", "--force"], "status does not take force"),
        (["advance", "--all", "--percent", "5"], "Either one phase or --all"),
        (["advance", "7"], "no phase 7; there are 1 schema"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(all_off, arguments, reason):
    with pytest.raises(CommandError, match=reason):
        run(*arguments)
    assert not Flip.objects.exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("connection refused\nis it running?"), "The database did not do it: connection refused"),
        (InterfaceError("the connection is closed"), "The database did not do it: the connection is closed"),
        (ProgrammingError("no such table"), "older than this code; run `manage.py migrate` first"),
    ],
)
def test_a_database_that_is_away_or_too_old_is_told_in_one_sentence(monkeypatch, error, words):
    def break_down():
        raise error

    monkeypatch.setattr(rollout, "read_status", break_down)
    with pytest.raises(CommandError, match=words) as refusal:
        run("status")
    assert "\n" not in str(refusal.value)


def test_a_caller_without_a_name_is_told_by_number(monkeypatch):
    monkeypatch.setattr(rollout.getpass, "getuser", lambda: {}["nobody"])
    assert re.fullmatch(r"uid \d+@command", rollout.name_caller())
