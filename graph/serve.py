"""Served: a graph as the bytes that go out, from this process's memory, the kept body or a new one, whichever is first to hold.

The invariant of the memory: an entry is a body with the version in which it was made, and nobody is sent it unless the database has
just said, in the one statement of this very request, that the version still holds for that person (`graph_find_current`,
graph/sql/version_v1.sql). So an entry is never invalidated and never stale; it may only be useless, and then the answer of the same
statement takes its place. What was erased is unreachable from that moment, and gone after `SECONDS` when the next one reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from cachetools import TTLCache

from graph.selectors import GraphAnswer, GraphQuestion, read_graph
from memories.compression import compress_body, expand_zstd

BYTES, SECONDS = 64 * 2**20, 600.0
Key = tuple[int, str, str]  # person, shape of the answer, content coding


@dataclass(frozen=True, slots=True)
class Entry:
    """A packed body and the version in which it was made."""

    version: str
    content: bytes


_entries: TTLCache[Key, Entry] = TTLCache(BYTES, SECONDS, getsizeof=lambda entry: len(entry.content) + 500)
_lock = Lock()


def find_entry(key: Key) -> Entry | None:
    with _lock:
        _entries.expire()
        return _entries.get(key)


def keep_entry(key: Key, entry: Entry) -> None:
    if len(entry.content) < BYTES // 8:
        with _lock:
            _entries[key] = entry


def clear_entries() -> None:
    with _lock:
        _entries.clear()


@dataclass(frozen=True, slots=True)
class Served:
    """`content` is packed as asked, None when the client has this version; `age` is the view's, in seconds."""

    version: str
    content: bytes | None
    age: float | None


def serve_graph(*, user_id: int, question: GraphQuestion, known: Sequence[str], encoding: str) -> Served:
    """One statement says what of the known versions and of our own still holds, or gives the body."""
    key = (user_id, question.shape, encoding)
    entry = find_entry(key)
    answer = read_graph(user_id=user_id, question=question, known=[*known, entry.version] if entry else known)
    if answer.packed is None and answer.body is None:
        mine = None if entry is None or answer.version in known else entry.content
        return Served(answer.version, mine, answer.age)
    entry = Entry(answer.version, pack(answer, encoding=encoding))
    keep_entry(key, entry)
    return Served(entry.version, entry.content, answer.age)


def pack(answer: GraphAnswer, *, encoding: str) -> bytes:
    """The body as the client takes it; a kept one goes out as it is where it can."""
    if answer.packed is None:
        return compress_body((answer.body or "").encode(), encoding=encoding)
    return answer.packed if encoding == "zstd" else compress_body(expand_zstd(answer.packed), encoding=encoding)
