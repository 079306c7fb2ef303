"""The peers' environment, made when it is asked for, and a process of it for each peer: a job's name goes in, its time comes out."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.home import ROOT

PYTHON = ROOT / ".venv-peers" / "bin" / "python"


class PeerError(Exception):
    """A peer cannot be measured; the message says why, in a line."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How long a job took, and a number of what came out of it (bytes, modularity, cost) where there is one."""

    milliseconds: float
    result: float | None


def install_peers() -> None:
    """Bring `.venv-peers` up to `requirements/peers.txt`. Raises PeerError."""
    command = [sys.executable, str(ROOT / "config" / "local" / "bootstrap.py"), "peers"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own script
    if done.returncode != 0:
        raise PeerError(find_reason(done.stderr))


def find_reason(complaints: str) -> str:
    """What a program ended of, without addresses and our folder: the last error it complained of, else its last line."""
    said = re.sub(r"\b[a-z]+://\S+", "(address)", complaints).replace(str(ROOT), ".")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it ended without a word"])[-1]


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a peer could not be had."""

    reason: str

    def do(self, _job: str) -> Taken:
        raise PeerError(self.reason)


class Peer:
    """A process of `benchmarks/peers/inside/with_NAME.py`; what it complains of goes to a file in `folder`."""

    def __init__(self, name: str, *, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as complaints:
            self.process = subprocess.Popen(  # noqa: S603 -- our own script
                [str(PYTHON), "-W", "ignore", "-m", f"benchmarks.peers.inside.with_{name}", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )

    def wait(self) -> "Peer | Absent":
        """Until it is ready, if ever."""
        try:
            self._read()
        except PeerError as reason:
            return Absent(str(reason))
        return self

    def do(self, job: str) -> Taken:
        """Raises PeerError where it ends instead."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{job}\n")
            self.process.stdin.flush()
        answer = self._read()
        return Taken(answer["milliseconds"], answer["result"])

    def _read(self) -> dict[str, float]:
        line = self.process.stdout.readline()
        if not line:
            raise PeerError(find_reason(self.log.read_text(encoding="utf-8")))
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


@contextlib.contextmanager
def open_peers(
    arguments: Mapping[str, Sequence[str]], *, folder: Path, environment: Mapping[str, str]
) -> Iterator[Mapping[str, Peer | Absent]]:
    """A process for each name, with its arguments, that has begun; or the reason why there is none."""
    try:
        install_peers()
    except PeerError as reason:
        yield {name: Absent(str(reason)) for name in arguments}
        return
    begun = {
        name: Peer(name, arguments=given, folder=folder, environment=environment) for name, given in arguments.items()
    }
    try:
        yield {name: peer.wait() for name, peer in begun.items()}
    finally:
        for peer in begun.values():
            peer.close()
