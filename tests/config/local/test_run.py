import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.local import run
from config.local.home import Home, HomeError
from config.local.processes import wait_for
from config.local.run import Run, read_port, take_web
from config.local.servers import find_free_port
from tests.config.local.pids import all_end


@pytest.fixture
def current(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A run of a made-up Procfile whose web answers."""
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "health").mkdir()
    (tmp_path / "health" / "live").write_text("ok")
    (tmp_path / "Procfile").write_text(
        f'web: "{sys.executable}" -m http.server --bind 127.0.0.1 $PORT\nworker: sleep 60\n'
    )
    home.make()
    current = Run(home, port=find_free_port())
    yield current
    current.stop()


def test_a_run_starts_the_procfile_waits_for_the_web_and_leaves_nothing(current: Run) -> None:
    current.start()
    current.check()
    pids = [process.pid for process in current.started.values()]
    assert len(pids) == 2
    assert current.stop()
    assert all_end(*pids)


def test_a_process_that_ends_by_itself_ends_the_run_with_its_last_words(current: Run, tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: echo out of paper\n")
    with pytest.raises(HomeError, match="web ended by itself; the end of its log:\nout of paper"):
        current.start()


def test_the_demo_waits_for_its_providers_and_tells_everybody_where_they_are(
    current: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = tmp_path / "late"
    planned = SimpleNamespace(
        command=["/bin/sh", "-c", f"sleep 0.3; touch {late}; sleep 60"],
        environment=lambda home, web: {"NANGO_BASE_URL": f"seen from {web}"},
        listens=late.exists,
    )
    monkeypatch.setattr(run.DemoStandIn, "plan", lambda home: planned)
    with (tmp_path / "Procfile").open("a") as procfile:
        procfile.write("sync: sh -c 'test -e late && echo $NANGO_BASE_URL > told && sleep 60'\n")
    current.start_stand_in()
    current.start()
    told = tmp_path / "told"
    assert wait_for(lambda: told.is_file() and told.read_text() == f"seen from {current.url}\n", seconds=10)
    assert set(current.started) == {"providers", "web", "worker", "sync"}


def test_without_the_demo_nothing_stands_in_for_nango(current: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANGO_BASE_URL", "https://nango.example")
    current.start()
    assert set(current.started) == {"web", "worker"}
    assert current.environment()["NANGO_BASE_URL"] == "https://nango.example"


def test_a_second_web_on_the_same_home_is_refused(current: Run) -> None:
    first = take_web(current)
    with pytest.raises(HomeError, match=f"already runs on .* at {current.url}"):
        take_web(Run(current.home, port=find_free_port()))
    first.close()


def test_a_taken_port_is_named_with_a_way_out(current: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", current.port))
        taken.listen()
        with pytest.raises(HomeError, match=f"Port {current.port} is taken: .* PORT={current.port + 1} make up"):
            take_web(current)


@pytest.mark.parametrize("given", ["none", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", given)
    with pytest.raises(HomeError, match="not the number of a port"):
        read_port()


def test_all_processes_count_in_one_folder_that_every_run_begins_empty(home):
    current = run.Run(home, port=8000)
    (home.run / "metrics").mkdir(parents=True)
    (home.run / "metrics" / "counter_lifegraph-web-1.db").touch()
    run.forget_metrics(home)
    folder = Path(current.environment()["PROMETHEUS_MULTIPROC_DIR"])
    assert list(folder.iterdir()) == []
