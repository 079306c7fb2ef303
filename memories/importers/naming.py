"""Arrive: what a text without a telling name is, by its beginning; the answer is the suffix that its importer knows."""

import re
from typing import Final

from memories.importers.csv_table import FIELDS
from memories.importers.ndjson import BYTE_ORDER_MARK, LineError, read_json

UNTOLD: Final = frozenset({"", ".txt", ".text", ".log", ".upload"})  # suffixes that say nothing
_MAIL: Final = re.compile(
    rb"(From|To|Date|Subject|Received|Return-Path|Delivered-To|Message-ID|MIME-Version):", re.IGNORECASE
)


def guess_suffix(beginning: bytes) -> str:
    """Tell by the first lines of a text: '.ndjson', '.json', '.mbox', '.eml', '.csv', or '.md' for what is only text."""
    start = beginning.removeprefix(BYTE_ORDER_MARK).lstrip()
    line = start.partition(b"\n")[0]
    if start.startswith(b"{"):
        return ".ndjson" if _is_json(line) else ".json"
    if start.startswith(b"["):
        return ".json"
    if line.startswith(b"From "):
        return ".mbox"
    if _MAIL.match(line):
        return ".eml"
    return ".csv" if _names_columns(line) else ".md"


def _is_json(line: bytes) -> bool:
    try:
        read_json(line)
    except LineError:
        return False
    return True


def _names_columns(line: bytes) -> bool:
    columns = {cell.strip(' "\r').lower() for cell in re.split("[,;\t]", line.decode(errors="replace"))}
    return "content" in columns and len(columns & FIELDS) > 1
