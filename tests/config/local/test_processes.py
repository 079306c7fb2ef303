import signal
import subprocess
import sys
from pathlib import Path

from config.local.home import ROOT
from config.local.processes import last_lines, read_procfile, stop_processes
from tests.config.local.pids import all_end, is_alive

PARENT = """
import signal, subprocess, sys, time
from config.local.processes import die_with_parent
child = subprocess.Popen(["sleep", "60"], preexec_fn=die_with_parent(signal.SIGTERM), start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    assert all_end(child)


def test_what_does_not_stop_in_time_is_killed_with_its_group() -> None:
    script = "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, process_group=0) as stubborn:
        assert stubborn.stdout is not None
        child = int(stubborn.stdout.readline())
        stop_processes([stubborn], seconds=0.2)
        assert stubborn.returncode == -signal.SIGKILL
    assert all_end(child)


def test_the_leader_of_a_group_is_asked_before_its_children() -> None:
    script = "trap 'kill -0 $child && exit 7' TERM; sleep 60 & child=$!; echo ready; wait"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, process_group=0) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"ready\n"
        stop_processes([leader], seconds=5)
        assert leader.returncode == 7


def test_a_procfile_is_read_line_by_line(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("# a comment: ignored\nweb: serve --bind 127.0.0.1:$PORT\n\nworker: work\n")
    assert list(read_procfile(procfile)) == [("web", "serve --bind 127.0.0.1:$PORT"), ("worker", "work")]


def test_the_end_of_a_log_is_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\ntwo\n\xff three\n")
    assert last_lines(tmp_path / "log", count=2) == "two\n\N{REPLACEMENT CHARACTER} three"
    assert last_lines(tmp_path / "absent") == ""
