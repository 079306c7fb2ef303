"""A throwaway home for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.home import Home, find_home, join_home, leave_home

SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home that no other test knows, named in the environment; its servers are gone afterwards."""
    for name in SERVERS:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LIFEGRAPH_HOME", str(tmp_path / "home"))
    yield find_home()
    last = find_home()  # the test may have chosen another place
    if last.run.exists():
        assert leave_home(last)


@pytest.fixture(scope="module")
def running_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with its servers up, for tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SERVERS:
            patch.setenv(name, "")
        patch.setenv("LIFEGRAPH_HOME", str(tmp_path_factory.mktemp("running") / "home"))
        yield join_home()
        assert leave_home(find_home())
