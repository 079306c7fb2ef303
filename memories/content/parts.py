"""Arrive: the text among the parts of a mail (MIME), and the names of what is attached.

The parts are found here and not by `email.parser`, whose time grows with depth times lines and which gives up with
RecursionError on parts within parts.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from memories.content.charsets import decode_text
from memories.content.event import event_to_text
from memories.content.headers import Head, decode_base64, decode_words, parse_head, read_header, read_parameter
from memories.content.html import MAX_HTML, html_to_text
from memories.content.sound import strip_end
from memories.drafts import MAX_AUTHOR

MAX_ENCODED_TEXT: Final = 16_000_000  # bytes of a part; a million letters in any encoding
MAX_DEPTH: Final = 30
MAX_PARTS: Final = 1_000
MAX_NAMES: Final = 100
MAX_STUB: Final = 5_000  # characters of a plain text that may stand for one that is not there
MAX_STUB_LETTERS: Final = 500  # of them without spaces and addresses
_HTML: Final = frozenset(["application/xhtml+xml", "text/html"])
_ENRICHED: Final = frozenset(["text/enriched", "text/richtext"])
_TEXTS: Final = _HTML | _ENRICHED | {"text/markdown", "text/plain"}
_MAILS: Final = frozenset(["message/global", "message/rfc822"])
_CALENDARS: Final = frozenset(["application/ics", "text/calendar"])
_TOLD: Final = ("From", "Date", "Subject", "To")
_FORWARDED: Final = "---------- Forwarded message ---------"
_HEADERS: Final = re.compile(rb"(?:From [^\n]*+\n?+)?+(?:(?:[!-9;-~]++[ \t]*+:|[ \t])[^\n]*+\n?+)*+")
_BLANK_LINES: Final = re.compile(rb"\n*+")
_COMMENT: Final = re.compile(r"\([^()]*+\)")
_ADDRESS: Final = re.compile(r"https?://\S++")
_SPEAKS_OF_HTML: Final = re.compile(r"\b(?:html|browser|navigateur|navegador)", re.IGNORECASE)
_MARK: Final = re.compile(r"<param>[^<]*+(?:</param>)?|</?[a-z0-9-]{1,60}>|(<)<", re.IGNORECASE)
_LINE_ENDS: Final = re.compile(r"\n++")
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
    event: str = ""  # what the first invitation says

    def read(self) -> tuple[Head, str]:
        """The headers of the mail, and its text; that of an invitation where there is no other."""
        head, start = self._parse_head(0, len(self.raw))
        text = self._read_body(head, start, len(self.raw), depth=0)
        return head, text if text.strip() else self.event

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
        if kind in _CALENDARS and not self.event:
            self.event = event_to_text(self._decode(head, start, end))
        name = decode_words(read_parameter(head.get_filename))
        if kind in _MAILS:
            self._add_name(name)
            return self._read_forwarded(head, start, end, depth=depth + 1)
        if self._is_attached(head, kind=kind, name=name):
            self._add_name(name)
            return ""
        text = self._read_text(head, start, end, kind=kind)
        self.has_text = self.has_text or bool(text.strip()) or (self.is_found and kind in _TEXTS)
        return text

    def _add_name(self, name: str) -> None:
        if name and len(self.names) < MAX_NAMES:
            self.names.append(name[:MAX_AUTHOR])

    def _read_forwarded(self, head: Head, start: int, end: int, *, depth: int) -> str:
        """A mail within the mail, below who wrote it, when and of what."""
        if depth > MAX_DEPTH or self.is_found:
            return ""
        if _transfer_encoding(head) not in ("base64", "quoted-printable"):
            return self._read_mail(start, end, depth=depth)
        raw = _decode_transfer(head, self.raw[start:end]).replace(b"\r\n", b"\n")
        inner = replace(self, raw=raw)
        text = inner._read_mail(0, len(raw), depth=depth)
        self.parts, self.html_left, self.event = inner.parts, inner.html_left, inner.event
        self.has_text = inner.has_text
        return text

    def _read_mail(self, start: int, end: int, *, depth: int) -> str:
        match = _BLANK_LINES.match(self.raw, start, end)
        head, begin = self._parse_head(match.end() if match else start, end)
        had_text, self.has_text = self.has_text, False
        text = self._read_body(head, begin, end, depth=depth)
        said = [f"{name}: {read_header(head, name)}" for name in _TOLD if read_header(head, name)]
        self.has_text = had_text or bool(said or text.strip())
        return "\n".join([_FORWARDED, *said, "", text]) if said or text.strip() else ""

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
        """The text of the best alternative.

        The last is the richest (RFC 2046, 5.1.4), but plain text says the same without guessing, if it is no stub.
        """
        had_text, was_found, best = self.has_text, self.is_found, ""
        for child in sorted(children, key=_rank, reverse=True):
            self.has_text = had_text
            text = strip_end(self._read_body(*child, depth=depth))
            if text.strip() and (not best or _is_stub(best, beside=text)):
                best = text
                self.is_found = was_found or not _is_short(best)
        self.has_text, self.is_found = had_text or bool(best), was_found
        return best

    def _read_text(self, head: Head, start: int, end: int, *, kind: str) -> str:
        if self.is_found or kind not in _TEXTS:
            return ""
        text = self._decode(head, start, end)
        if kind in _HTML:
            html = text[: self.html_left]
            self.html_left -= len(html)
            return html_to_text(html)
        if kind in _ENRICHED:
            return _strip_marks(text)
        if read_parameter(partial(head.get_param, "format")).lower() != "flowed":
            return text
        return _unflow(text, delsp=read_parameter(partial(head.get_param, "delsp")).lower() == "yes")

    def _decode(self, head: Head, start: int, end: int) -> str:
        data = _decode_transfer(head, self.raw[start : min(end, start + MAX_ENCODED_TEXT)])
        return decode_text(data, charset=read_parameter(head.get_content_charset))


def _rank(child: tuple[Head, int, int]) -> tuple[bool, int]:
    head, start, _ = child
    return head.get_content_type() == "text/plain", start


def _is_stub(plain: str, *, beside: str) -> bool:
    """Whether a plain text only says that the mail is to be read in HTML.

    It speaks of that, or of its words the HTML holds five times as many: no program leaves so many out.
    """
    if not _is_short(plain):
        return False
    return _count_letters(beside) > (1 if _SPEAKS_OF_HTML.search(plain) else 5) * _count_letters(plain)


def _is_short(text: str) -> bool:
    return len(text) <= MAX_STUB and _count_letters(text) <= MAX_STUB_LETTERS


def _count_letters(text: str) -> int:
    return sum(map(len, _ADDRESS.sub("", text).split()))


def _strip_marks(text: str) -> str:
    """The words of text/enriched (RFC 1896), where a single end of line is a space."""
    words = _MARK.sub(lambda match: match[1] or "", text.replace("\r\n", "\n"))
    return _LINE_ENDS.sub(lambda match: "\n" * (len(match[0]) - 1) or " ", words)


def _transfer_encoding(head: Head) -> str:
    """As it is named, in small letters, without a comment (RFC 2045, 6.1)."""
    written = _COMMENT.sub(" ", read_header(head, "content-transfer-encoding")).lower().split()
    return written[0].strip('";') if written else ""


def _decode_transfer(head: Head, data: bytes) -> bytes:
    encoding = _transfer_encoding(head)
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
