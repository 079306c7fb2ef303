"""A stand-in for Nango and the providers: one process for all tests, empty at the beginning of each."""

from collections.abc import Iterator

import pytest

from config.local.providers.client import StandIn


@pytest.fixture(scope="session")
def stand_in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The process; `stand_in` is what a test asks for."""
    with StandIn.start(tmp_path_factory.mktemp("stand-in") / "log") as running:
        yield running


@pytest.fixture
def stand_in(stand_in_process: StandIn) -> StandIn:
    """Nango and four providers without accounts, connections, faults."""
    stand_in_process.reset()
    return stand_in_process
