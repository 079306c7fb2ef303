"""The day after the last of a life with something planted in it."""

from datetime import timedelta
from itertools import count

import pytest

from tests.factories.lives import TODAY, noon


@pytest.fixture(scope="module")
def today():
    """For all tests of the module it is the day after the life's last, and the clock ticks."""
    ticks = count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.services.facts.timezone.now", lambda: noon(TODAY) + timedelta(seconds=next(ticks)))
        yield TODAY
