"""Arrive: text as PostgreSQL and UTF-8 can hold it, and cut to what a memory may hold."""

import json
import re
from collections.abc import Mapping
from typing import Final

from memories.drafts import MAX_CONTENT, MAX_METADATA_BYTES, MAX_METADATA_DEPTH

_UNSOUND: Final = re.compile("[\x00\ud800-\udfff]")
_TRAILING_BLANK_LINES: Final = re.compile(r"(?:\n[ \t]*+)++\Z")
_CUT_MARK: Final = "\n[Cut here: the text goes on]"


def sound_text(text: str) -> str:
    """The text without NUL and halves of surrogate pairs, its lines ended by LF."""
    return _UNSOUND.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def strip_end(text: str) -> str:
    """The text without the blank lines at its end."""
    return _TRAILING_BLANK_LINES.sub("", text)


def cut_text(text: str, *, limit: int = MAX_CONTENT) -> str:
    """The text in at most `limit` characters; what was cut is said in its last line."""
    if len(text) <= limit:
        return text
    return text[: limit - len(_CUT_MARK)].rstrip() + _CUT_MARK


def cut_bytes(text: str, *, limit: int) -> str:
    """As much of the text as `limit` bytes of UTF-8 hold."""
    return text.encode()[:limit].decode(errors="ignore")


def fit_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """The metadata sound and small enough to be stored; what is largest goes first."""
    fitting = {sound_text(key): _sound_value(value, depth=2) for key, value in metadata.items()}
    sizes = {key: len(json.dumps({key: value}, ensure_ascii=False).encode()) for key, value in fitting.items()}
    while sum(sizes.values()) > MAX_METADATA_BYTES:
        largest = max(sizes, key=lambda key: sizes[key])
        del sizes[largest], fitting[largest]
    return fitting


def _sound_value(value: object, *, depth: int) -> object:
    if isinstance(value, str):
        return sound_text(value)
    if not isinstance(value, dict | list | tuple):
        return value
    if depth > MAX_METADATA_DEPTH:
        return None
    if isinstance(value, dict):
        return {sound_text(str(key)): _sound_value(inner, depth=depth + 1) for key, inner in value.items()}
    return [_sound_value(inner, depth=depth + 1) for inner in value]
