"""A life with something planted in it, on the day after its last."""

from datetime import timedelta
from itertools import count

import pytest

from graph.services.layers import renew_all_layers
from tests.factories.lives import TODAY, live, noon, plan_life


@pytest.fixture
def today(monkeypatch):
    """It is the day after the life's last, and the clock ticks."""
    ticks = count()
    monkeypatch.setattr("graph.services.facts.timezone.now", lambda: noon(TODAY) + timedelta(seconds=next(ticks)))
    return TODAY


@pytest.fixture
def life(user, today):
    """Related, and all layers have passed over it once."""
    rows = live(user, plan_life())
    renew_all_layers(user_id=user.pk)
    return rows
