"""Arrive: the text among the parts of a mail (MIME), and the names of what is attached.

The parts are found here and not by `email.parser`, whose time grows with depth times lines and which gives up with
RecursionError on parts within parts.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from memories.content.charsets import decode_text
from memories.content.headers import Head, decode_base64, decode_words, parse_head, read_header, read_parameter
from memories.content.html import MAX_HTML, html_to_text
from memories.content.sound import strip_end
from memories.drafts import MAX_AUTHOR

MAX_ENCODED_TEXT: Final = 16_000_000  # bytes of a part; a million letters in any encoding
MAX_DEPTH: Final = 30
MAX_PARTS: Final = 1_000
MAX_NAMES: Final = 100
_TEXTS: Final = frozenset(["text/html", "text/markdown", "text/plain"])
_HEADERS: Final = re.compile(rb"(?:From [^\n]*+\n?+)?+(?:(?:[!-9;-~]++[ \t]*+:|[ \t])[^\n]*+\n?+)*+")
_PROSE_LINE: Final = re.compile(rb"^[^ \n]*+ +[^ \n]", re.MULTILINE)


def end_of_head(raw: bytes, start: int, end: int) -> int:
    """Where the headers that begin at `start` end."""
    match = _HEADERS.match(raw, start, end)
    return match.end() if match else start


@dataclass(slots=True)
class PartReader:
    """Finds the text among the parts of `raw`, and the names of the attachments."""

    raw: bytes
    names: list[str] = field(default_factory=list)
    parts: int = 0
    is_found: bool = False  # the text is; only names are still looked for
    has_text: bool = False
    html_left: int = MAX_HTML

    def read(self) -> tuple[Head, str]:
        head, start = self._parse_head(0, len(self.raw))
        return head, self._read_body(head, start, len(self.raw), depth=0)

    def _parse_head(self, start: int, end: int) -> tuple[Head, int]:
        """The headers, and where what follows them begins: after a blank line, or with a line that is no header."""
        stop = end_of_head(self.raw, start, end)
        return parse_head(self.raw[start:stop]), stop + self.raw.startswith(b"\n", stop, end)

    def _read_body(self, head: Head, start: int, end: int, *, depth: int) -> str:
        kind = head.get_content_type()
        if kind.startswith("multipart/"):
            spans = list(self._split(read_parameter(head.get_boundary), start, end))
            if spans:
                return self._read_parts(spans, alternative=kind == "multipart/alternative", depth=depth + 1)
            return self._read_text(head, start, end, kind="text/plain")
        name = decode_words(read_parameter(head.get_filename))
        if self._is_attached(head, kind=kind, name=name):
            if name and len(self.names) < MAX_NAMES:
                self.names.append(name[:MAX_AUTHOR])
            return ""
        text = self._read_text(head, start, end, kind=kind)
        self.has_text = self.has_text or bool(text.strip()) or (self.is_found and kind in _TEXTS)
        return text

    def _is_attached(self, head: Head, *, kind: str, name: str) -> bool:
        """Whether it is no text of the mail's own; some programs name the body too."""
        if read_parameter(head.get_content_disposition) == "attachment":
            return True
        return bool(name) and (kind not in _TEXTS or self.has_text)

    def _split(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part begins and ends."""
        if not boundary:
            return
        written = boundary.encode(errors="surrogateescape")
        line = re.compile(rb"^--" + re.escape(written) + rb"(--)?[ \t]*$", re.MULTILINE)
        begin = -1
        for match in line.finditer(self.raw, start, end):
            if begin >= 0:
                yield begin, max(begin, match.start() - 1)
            begin = min(match.end() + 1, end)
            if match[1] or self.parts >= MAX_PARTS:
                return
            self.parts += 1
        if begin >= 0:
            yield begin, end

    def _read_parts(self, spans: list[tuple[int, int]], *, alternative: bool, depth: int) -> str:
        if depth > MAX_DEPTH:
            return ""
        children = [(*self._parse_head(*span), span[1]) for span in spans]
        if alternative:
            return self._choose(children, depth=depth)
        texts = [strip_end(self._read_body(*child, depth=depth)) for child in children]
        return "\n".join(text for text in texts if text.strip())

    def _choose(self, children: list[tuple[Head, int, int]], *, depth: int) -> str:
        """The text of the best alternative: the last is the richest (RFC 2046, 5.1.4), but plain text says the same without guessing."""
        had_text, was_found, best = self.has_text, self.is_found, ""
        for child in sorted(children, key=_rank, reverse=True):
            self.has_text = had_text
            text = strip_end(self._read_body(*child, depth=depth))
            best = best or (text if text.strip() else "")
            self.is_found = was_found or bool(best)
        self.has_text, self.is_found = had_text or bool(best), was_found
        return best

    def _read_text(self, head: Head, start: int, end: int, *, kind: str) -> str:
        if self.is_found or kind not in _TEXTS:
            return ""
        data = _decode_transfer(head, self.raw[start : min(end, start + MAX_ENCODED_TEXT)])
        text = decode_text(data, charset=read_parameter(head.get_content_charset))
        if kind == "text/html":
            html = text[: self.html_left]
            self.html_left -= len(html)
            return html_to_text(html)
        if read_parameter(partial(head.get_param, "format")).lower() != "flowed":
            return text
        return _unflow(text, delsp=read_parameter(partial(head.get_param, "delsp")).lower() == "yes")


def _rank(child: tuple[Head, int, int]) -> tuple[bool, int]:
    head, start, _ = child
    return head.get_content_type() == "text/plain", start


def _decode_transfer(head: Head, data: bytes) -> bytes:
    encoding = read_header(head, "content-transfer-encoding").lower()
    if encoding == "base64":
        # The footer of a mailing list, or all of it: no base64 holds a space between words.
        prose = _PROSE_LINE.search(data)
        end = prose.start() if prose else len(data)
        return decode_base64(data[:end]) + b"\n" * bool(end) + data[end:]
    return quopri.decodestring(data) if encoding == "quoted-printable" else data


def _unflow(text: str, *, delsp: bool) -> str:
    """Lines that were parted only for the way are joined again (RFC 3676)."""
    lines: list[list[str]] = []
    last = -1  # marks before the line that goes on in the next; -1 where it does not
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        kept = words[:-1] if flows and delsp else words
        if depth == last and words != "-- ":
            lines[-1].append(kept)
        else:
            lines.append([">" * depth, " " if depth and kept else "", kept])
        last = depth if flows else -1
    return "\n".join("".join(parts) for parts in lines)
