"""The nine layers together: in the order of their bits, pure, silent where there is nothing."""

import numpy as np
import pytest

from graph.enrichment import LAYER_NAMES, LAYERS, LAYERS_BY_NAME, Finding, World, control_discoveries
from graph.enrichment.base import FALSE_DISCOVERIES, adjust_p_values

NOTHING = World(today=19_900, active_days=np.array([], dtype=np.int64))


def found(p, **values):
    return Finding(subject=p, status="computed", values=values or {"score": 1.0}, p=p)


def test_layers_stand_in_the_order_of_their_bits():
    assert tuple(layer.name for layer in LAYERS) == LAYER_NAMES
    assert len(set(LAYER_NAMES)) == 9


@pytest.mark.parametrize("name", LAYER_NAMES)
def test_a_layer_has_a_version_and_nothing_to_say_of_an_empty_world(name):
    layer = LAYERS_BY_NAME[name]
    assert layer.version >= 1
    assert layer.compute(NOTHING) == []


def test_of_many_tests_only_those_stand_that_hold_among_all_of_them():
    findings = control_discoveries([found(0.001), found(0.04), *[found(0.5 + n / 100) for n in range(8)]])
    assert [finding.status for finding in findings] == ["computed"] + ["not_significant"] * 9
    assert findings[1].values == {"score": None}
    assert findings[1].evidence["p"] == 0.04
    assert findings[1].evidence["p_adj"] > FALSE_DISCOVERIES


def test_tests_of_series_that_were_not_asked_count_among_all():
    alone = control_discoveries([found(0.02)])
    among = control_discoveries([found(0.02)], others=[0.9] * 9)
    assert (alone[0].status, among[0].status) == ("computed", "not_significant")


def test_a_finding_without_a_test_passes_unchanged():
    plain = Finding(subject=1, status="not_enough_data", values={"score": None}, evidence={"n": 2})
    assert control_discoveries([plain, found(0.9)])[0] is plain


def test_adjusted_p_values_rise_with_the_raw_ones():
    adjusted = adjust_p_values([0.01, 0.02, 0.03, 1.0])
    assert adjusted == pytest.approx([0.04, 0.04, 0.04, 1.0])
    assert adjust_p_values([]) == []
