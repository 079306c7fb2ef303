"""Arrive: the process in which one risky file is read, with little memory, little time and nothing to reach.

It takes the file from a socket and answers one JSON object, {"text": …} or {"reason": …}. What holds: 1 GB of address space,
20 s of processor time, nothing is written to a file, nothing of the caller's environment is known, Python code can open no
connection and start no program (an audit hook), and where the kernel gives an unprivileged process one, a network namespace
with nothing in it. What does not: a bug in a C library could still read what this user may read.
"""

import contextlib
import ctypes
import gc
import io
import json
import os
import resource
import signal
import socket
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any, Final, NoReturn

from memories.content import ContentError
from memories.content.sound import cut_text, sound_text
from memories.drafts import MAX_CONTENT

MAX_MEMORY: Final = 1_000_000_000  # bytes
MAX_SECONDS: Final = 20  # of processor time
MAX_WALL: Final = 35  # seconds; the caller gives up before
IDLE: Final = 600  # seconds
KIND_SIZE: Final = 3  # bytes: "pdf", "zip"
MAX_ENTRIES: Final = 1_000
MAX_UNPACKED: Final = 100_000_000  # bytes
MAX_RATIO: Final = 100
HARMLESS: Final = 10_000_000  # bytes unpacked; less may be packed as tight as a text that repeats itself is

_LIMITS: Final = (
    (resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
)  # fmt: skip
_NEW_USER_AND_NETWORK: Final = 0x10000000 | 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET (unshare(2))
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.", "ctypes.", "shutil.", "urllib.")
_ALLOWED: Final = ("os.listdir", "os.scandir")  # by which Python finds the modules that a reader imports late
_KINDS: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}


def serve(descriptor: int) -> None:
    """Wait with every reader imported, and fork for each file that is handed over on this socket."""
    modules: dict[str, Any] = sys.modules
    modules["numpy"] = None  # openpyxl would load it for nothing
    for kind in ("pdf", *_KINDS.values()):
        import_module(f"memories.content.readers.{kind}")
    with contextlib.suppress(AttributeError, OSError):  # not on Linux
        ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a reader
    gc.freeze()  # what is shared stays shared
    line = socket.socket(fileno=descriptor)
    line.settimeout(IDLE)
    line.send(b"!")
    with contextlib.suppress(TimeoutError):
        while _take_file(line):
            pass


def _take_file(line: socket.socket) -> bool:
    kind, descriptors, _, _ = socket.recv_fds(line, KIND_SIZE, 1)
    for descriptor in descriptors:
        if os.fork() == 0:
            line.close()
            _read_file(kind.decode(), socket.socket(fileno=descriptor))
        os.close(descriptor)
    return bool(kind)


def _read_file(kind: str, caller: socket.socket) -> NoReturn:
    """Answer, be it only that the reading began, and end."""
    try:
        caller.send(b" ")
        confine()
        data = b"".join(iter(partial(caller.recv, 1_000_000), b""))
        caller.sendall(json.dumps(answer(kind, data)).encode())
    finally:
        os._exit(0)


def confine() -> None:
    """Give up what a reader does not need; a system that knows no such limit keeps the others."""
    signal.alarm(MAX_WALL)
    for limit, value in _LIMITS:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: object) -> None:
    if event.startswith(_FORBIDDEN) and event not in _ALLOWED:
        raise PermissionError(event)


def answer(kind: str, data: bytes) -> dict[str, str]:
    """The text of a file, or why there is none."""
    try:
        reader = import_module(f"memories.content.readers.{_look_inside(data) if kind == 'zip' else kind}")
        text = _join(reader.read_text(data))
    except ContentError as error:
        return {"reason": str(error)}
    except MemoryError:
        return {"reason": "is too large to be read"}
    return {"text": cut_text(sound_text(text))}


def _look_inside(data: bytes) -> str:
    """What a zip archive is by what lies in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise ContentError("is a broken file") from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > max(MAX_RATIO * packed, HARMLESS):
        raise ContentError("holds more than is unpacked from an untrusted file")
    kind = next((_KINDS[entry.filename] for entry in entries if entry.filename in _KINDS), "")
    if not kind:
        raise ContentError("is a kind of file that is not read: application/zip")
    return kind


def _join(pieces: Iterator[str]) -> str:
    """Lines, up to what a memory may hold."""
    lines: list[str] = []
    size = 0
    for piece in pieces:
        lines.append(piece.replace("\v", "\n").replace("\f", "\n"))
        size += len(piece) + 1
        if size > 2 * MAX_CONTENT:
            break
    return "\n".join(lines)
