"""Processes of our own: none outlives the one that started it, each stops warmly or is killed in the end. And what they leave to read."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.05
LOG_BYTES = 20_000_000


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For Popen's `preexec_fn`: the kernel sends `number` when the thread that forks has ended, even by kill -9.

    Popen calls it after it has changed the user, which would have cleared the wish. Linux alone has it.
    """
    if sys.platform != "linux":
        return _do_nothing
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it ended between the fork and this line
            os._exit(1)

    return ask_the_kernel


def stop_processes(processes: list[subprocess.Popen[bytes]], *, seconds: float) -> None:
    """Ask the leaders with SIGTERM, wait, then SIGKILL what is left of their process groups.

    The leader alone is asked: Celery's pool children would die of SIGTERM in the middle of a task.
    """
    for process in processes:
        if process.poll() is None:
            process.terminate()
    wait_for(lambda: all(process.poll() is not None for process in processes), seconds=seconds)
    for process in processes:
        _kill_group(process)
        process.wait()


def wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask `condition` until it is true; false when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def read_procfile(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, shell command) of each line `name: command`."""
    for line in path.read_text().splitlines():
        name, colon, command = line.partition(":")
        if colon and not line.startswith("#"):
            yield name.strip(), command.strip()


def write_closed(path: Path, text: str) -> None:
    """Write a file at once, for its owner's eyes alone."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)


def last_lines(path: Path, *, count: int = 8) -> str:
    """Return the end of a log for a person to read, '' where there is none."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])


def put_logs_aside(folder: Path) -> None:
    """Let the next lines begin a new file where there are very many."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _do_nothing() -> None:
    return
