import os
from pathlib import Path

import pytest

from config.local.home import Home, HomeError, find_home, is_joined, join_home, leave_home, read_urls


def test_servers_that_the_environment_names_are_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/lifegraph")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")
    join_home()
    assert os.environ["DATABASE_URL"] == "postgresql://db.example/lifegraph"
    assert not is_joined(home)
    assert not home.is_supervised()


def test_a_missing_redis_alone_is_started_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/lifegraph")
    join_home()
    assert list(read_urls(home.env)) == ["REDIS_URL"]
    assert os.environ["DATABASE_OWNER_URL"] == ""


def test_a_server_that_was_left_out_at_the_start_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/lifegraph")
    join_home()
    monkeypatch.setenv("DATABASE_URL", "")
    with pytest.raises(HomeError, match="started without DATABASE_URL"):
        join_home()


def test_a_home_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="cannot be used"):
        Home(tmp_path / "file" / "home").make()


def test_stale_urls_of_a_killed_supervisor_are_not_believed(home: Home) -> None:
    home.make()
    home.env.write_text("DATABASE_URL=postgresql://127.0.0.1:1/old\n")
    assert home.running_urls() is None


def test_a_home_that_nobody_started_is_left_at_once(home: Home) -> None:
    home.make()
    assert leave_home(home)


def test_the_home_is_beside_the_code_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFEGRAPH_HOME")
    assert find_home().path.name == ".lifegraph"
