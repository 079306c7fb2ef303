"""The Procfile's processes, started again whenever one ends, as systemd would with `Restart=always`."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.local.home import ROOT
from config.local.processes import die_with_parent, read_procfile, stop_processes

RESTART_SECONDS = 1.0
LOOK_SECONDS = 0.2
STOP_SECONDS = 8


@dataclass(slots=True)
class Crew:
    """Processes by name. One thread starts them all, for the kernel ends them with the thread that did."""

    log: Path
    environment: dict[str, str]
    commands: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Start everything and keep it running."""
        self.commands = dict(read_procfile(ROOT / "Procfile"))
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """End everything, warmly, and what does not end by force."""
        with self.lock:
            self.commands = {}
        stop_processes(list(self.running.values()), seconds=STOP_SECONDS)
        self.closing.set()
        if self.thread:
            self.thread.join()

    def add(self, name: str, command: str) -> None:
        """One more process, until it is dismissed."""
        with self.lock:
            self.commands[name] = command

    def dismiss(self, *names: str) -> None:
        """End processes and do not start them again."""
        with self.lock:
            going = [self.running.pop(name) for name in names if name in self.running]
            for name in names:
                self.commands.pop(name, None)
        stop_processes(going, seconds=STOP_SECONDS)

    def kill(self, name: str) -> None:
        """kill -9 of a process and all it started."""
        with contextlib.suppress(ProcessLookupError, KeyError):
            os.killpg(self.running[name].pid, signal.SIGKILL)

    def list_children(self, name: str) -> list[int]:
        """The processes that a process has started."""
        process = self.running.get(name)
        return list_children(process.pid) if process and process.poll() is None else []

    def is_alive(self, name: str) -> bool:
        process = self.running.get(name)
        return process is not None and process.poll() is None

    def _watch(self) -> None:
        while not self.closing.wait(LOOK_SECONDS):
            with self.lock:
                for name, command in self.commands.items():
                    self._tend(name, command)

    def _tend(self, name: str, command: str) -> None:
        process = self.running.get(name)
        if process is not None and process.poll() is None:
            return
        if process is not None:
            if name not in self.ended:
                self.kill(name)  # what is left of its group
                self.ended[name] = time.monotonic()
            if time.monotonic() - self.ended[name] < RESTART_SECONDS:
                return
            self.restarts[name] = self.restarts.get(name, 0) + 1
        self.ended.pop(name, None)
        self.running[name] = self._launch(name, command)

    def _launch(self, name: str, command: str) -> subprocess.Popen[bytes]:
        with (self.log / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )


def list_children(pid: int) -> list[int]:
    """Children of a process, from /proc."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return sorted(found)


def make_environment(*, port: int) -> dict[str, str]:
    """What the processes see."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    given = {name: value for name, value in os.environ.items() if name != "DB_APPLICATION_NAME"}
    return given | {"PATH": path, "PORT": str(port), "PYTHONUNBUFFERED": "1", "LOG_LEVEL": "INFO"}
