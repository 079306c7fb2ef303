"""Arrive: the process in which one risky file is read, with little memory, little time and nothing to reach.

It takes the file from standard input and answers one JSON object, {"text": …} or {"reason": …}. What holds: 1 GB of address
space, 20 s of processor time, nothing is written to a file, nothing of the parent's environment is known, Python code
can open no connection and start no program (an audit hook), and where the kernel gives an unprivileged process one, a network
namespace with nothing in it. What does not: a bug in a C library could still read what this user may read.
"""

import contextlib
import ctypes
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from memories.content import ContentError
from memories.content.sound import cut_text, sound_text
from memories.drafts import MAX_CONTENT

MAX_MEMORY: Final = 1_000_000_000  # bytes
MAX_SECONDS: Final = 20
MAX_ENTRIES: Final = 1_000
MAX_UNPACKED: Final = 100_000_000  # bytes
MAX_RATIO: Final = 100
HARMLESS: Final = 10_000_000  # bytes unpacked; less may be packed as tight as a text that repeats itself is

_LIMITS: Final = ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS), (resource.RLIMIT_CORE, 0))
_NEW_USER_AND_NETWORK: Final = 0x10000000 | 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET (unshare(2))
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.", "ctypes.", "shutil.", "urllib.")
_ALLOWED: Final = ("os.listdir", "os.scandir")  # by which Python finds modules
_KINDS: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}


def main(kind: str) -> None:
    """Read standard input as a file of this kind ("pdf" or "zip") and answer on standard output."""
    confine()
    json.dump(answer(kind, sys.stdin.buffer.read()), sys.stdout)


def confine() -> None:
    """Give up what a reader does not need; a system that knows no such limit keeps the others."""
    modules: dict[str, Any] = sys.modules
    modules["numpy"] = None  # openpyxl would load it for nothing
    with contextlib.suppress(AttributeError, OSError):  # not on Linux
        ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)
    for limit, value in _LIMITS:
        _limit(limit, value)
    sys.addaudithook(_forbid)


def _limit(limit: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (value, value))


def _forbid(event: str, _arguments: object) -> None:
    if event.startswith(_FORBIDDEN) and event not in _ALLOWED:
        raise PermissionError(event)


def answer(kind: str, data: bytes) -> dict[str, str]:
    """The text of a file, or why there is none."""
    try:
        reader = import_module(f"memories.content.readers.{_look_inside(data) if kind == 'zip' else kind}")
        _limit(
            resource.RLIMIT_FSIZE, 0
        )  # only now: until here Python may have kept what it compiled for the next child
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
