"""Arrive: risky files are read apart, each in a process of its own that dies with it.

To start Python and import a reader takes 200 ms of processor time, so one process waits with all of them imported
(`memories.content.child`) and forks for each file. It belongs to the process that first needed it, and ends with it or when idle.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from memories.content import ContentError

PATIENCE: Final = 30  # seconds for a file
_ROOT: Final = str(Path(__file__).resolve().parents[2])
# -I: nothing in the caller's directory or environment decides what is imported.
_COMMAND: Final = (
    sys.executable, "-I", "-X", "utf8", "-c",
    "import sys; sys.path.insert(0, sys.argv[1]); from memories.content.child import serve; serve(int(sys.argv[2]))", _ROOT,
)  # fmt: skip


def read_apart(kind: str, data: bytes) -> str:
    """The text of a file ("pdf", or "zip" for what Word, Excel and PowerPoint write).

    Raises:
        ContentError: it holds none, or its reader died of it.
    """
    # No answer at all: nobody took the file, as the waiting process was just ended, by idleness or from outside.
    answer = _ask(kind, data) or _ask(kind, data)
    if len(answer) < 2:
        raise ContentError("is broken, or too large or too intricate to be read")
    said: dict[str, str] = json.loads(answer)
    if "reason" in said:
        raise ContentError(said["reason"])
    return said["text"]


def _ask(kind: str, data: bytes) -> bytes:
    """What the reader answers; a space alone where it began and died."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _hand_over(kind, theirs.fileno())
        ours.settimeout(PATIENCE)
        received = bytearray()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died with part of the file unread
                ours.sendall(data)
                ours.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                while piece := ours.recv(65_536):
                    received += piece
        except TimeoutError:
            raise ContentError(f"could not be read within {PATIENCE} seconds") from None
    return bytes(received)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The process that waits, and the line on which files are handed over."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    owner: int

    def close(self) -> None:
        self.line.close()
        if self.owner == os.getpid():
            self.process.terminate()
            self.process.wait()


_waiting: Final[dict[int, _Waiting]] = {}  # by process id: a fork must not share its parent's
_lock: Final = Lock()


def _hand_over(kind: str, descriptor: int) -> None:
    with _lock:
        try:
            socket.send_fds(_find_waiting().line, [kind.encode()], [descriptor])
        except (BrokenPipeError, ConnectionResetError):  # it has ended
            _waiting.pop(os.getpid()).close()
            socket.send_fds(_find_waiting().line, [kind.encode()], [descriptor])


def _find_waiting() -> _Waiting:
    if os.getpid() not in _waiting:
        _waiting[os.getpid()] = _start()
    return _waiting[os.getpid()]


def _start() -> _Waiting:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter, our own words
            [*_COMMAND, str(theirs.fileno())], pass_fds=[theirs.fileno()], env={}, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    waiting = _Waiting(process, ours, os.getpid())
    atexit.register(waiting.close)
    ours.settimeout(PATIENCE)
    if not ours.recv(1):
        raise RuntimeError("The process that reads files could not be started")
    return waiting
