"""The phases against what can be switched."""

from collections import Counter

import pytest
from django.conf import settings

from config.rollout.guards import GUARDS
from config.rollout.phases import IN_ORDER, PHASES, find_phase


def test_every_switch_and_flag_belongs_to_exactly_one_phase():
    gates = Counter(name for phase in PHASES for name in phase.gates)
    assert gates == Counter([*settings.SWITCHES, *settings.FLAGS])


def test_the_phases_are_those_of_the_contract():
    assert [(phase.number, phase.name) for phase in PHASES] == [
        (1, "schema"), (2, "backfill"), (3, "work"), (4, "serve"), (None, "syncs"),
    ]  # fmt: skip
    assert find_phase("backfill").gates == ("backfill_entities",)
    assert find_phase("3").gates[:4] == (
        "extract_new_memories", "relate_memories", "enrich_relationships", "enrich_causal",
    )  # fmt: skip
    assert find_phase("4").gates == ("serve_precomputed_graph",)


def test_a_note_in_the_admin_names_the_phase_of_its_switch():
    for phase in IN_ORDER:
        notes = [(settings.SWITCHES | settings.FLAGS)[name] for name in phase.gates]
        assert all(note.startswith(f"Phase {phase.number}:") for note in notes)


@pytest.mark.parametrize("word", ["4", "serve", "Serve"])
def test_a_phase_is_found_by_number_or_name(word):
    assert find_phase(word).number == 4


def test_a_phase_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(KeyError, match="no phase 5; there are 1 schema, 2 backfill, 3 work, 4 serve, syncs"):
        find_phase("5")


def test_every_guard_that_a_phase_names_is_there():
    assert {name for phase in PHASES for name in phase.guards} <= set(GUARDS)
