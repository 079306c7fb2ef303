"""Counted: several processes as one, and whoever follows a process that is gone counts on in its place."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNT = """
    import os
    from config.counts import TASK_RETRIES, count_request, open_counts
    count_request(route="a", method="GET", status=200, seconds=0.02)
    child = os.fork()
    if not child:
        count_request(route="a", method="GET", status=200, seconds=3)
        TASK_RETRIES.labels("t").inc()
        os._exit(0)
    os.waitpid(child, 0)
"""
TELL = """
    from config.counts import open_counts
    from prometheus_client import generate_latest
    print(generate_latest(open_counts()).decode())
"""


def run(program, *, folder, application="lifegraph-worker"):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "DB_APPLICATION_NAME": application}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "metrics"


def test_what_processes_and_their_children_count_is_told_as_one(folder):
    run(COUNT, folder=folder)
    run(COUNT, folder=folder, application="lifegraph-web")
    told = run(TELL, folder=folder, application="lifegraph-web")
    assert 'lifegraph_http_requests_total{method="GET",route="a",status="200"} 4.0' in told
    assert 'lifegraph_http_duration_seconds_bucket{le="0.025",route="a"} 2.0' in told
    assert 'lifegraph_http_duration_seconds_count{route="a"} 4.0' in told
    assert 'lifegraph_task_retries_total{task="t"} 2.0' in told
    assert "pid" not in told


def test_who_follows_takes_the_place_and_counts_on(folder):
    for _ in range(3):
        run(COUNT, folder=folder)
    assert sorted(path.name for path in folder.glob("counter_*")) == [
        "counter_lifegraph-worker-1.db",
        "counter_lifegraph-worker-2.db",
    ]
    told = run(TELL, folder=folder, application="lifegraph-web")
    assert 'lifegraph_http_requests_total{method="GET",route="a",status="200"} 6.0' in told


def test_the_room_of_a_file_is_claimed_before_it_is_needed(folder):
    run(COUNT, folder=folder)
    claimed = [path.stat() for path in folder.glob("*.db")]
    assert claimed
    assert all(file.st_blocks * 512 >= file.st_size for file in claimed)


def test_without_a_folder_a_process_tells_its_own_and_leaves_no_file(tmp_path):
    program = COUNT + textwrap.dedent(TELL).replace("\n", "\n    ")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PROMETHEUS_MULTIPROC_DIR": ""}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert 'lifegraph_http_requests_total{method="GET",route="a",status="200"} 1.0' in done.stdout
    assert list(tmp_path.iterdir()) == []
