"""Extraction's first step: a text becomes short pieces of prose without what is no prose.

Everything here keeps the length: a character that must not be read (of an address, a mark-up
sign, a quoted header) becomes a space, so offsets into a piece are offsets into the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PIECE_CHARACTERS = 2_000
# What the language model reads of one field; beyond it only the gazetteer looks.
MODEL_CHARACTERS = 100_000
# Mail programs wrap between these columns (RFC 5322 asks for 78).
SHORTEST_WRAPPED = 68
LONGEST_WRAPPED = 80

_TYPOGRAPHY = str.maketrans("’‘ʼ“”„«»\u00a0\u2009\u202f\t\r", '\'\'\'"""""     ')
_UNREADABLE = re.compile(
    r"https?://\S+|www\.\S+"
    r"|<[^<>\s]*@[^<>\s]*>|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|`[^`\n]*`"
    r"|(?<![\w.])[\w./\\-]*[\w-]\.(?:pdf|docx?|xlsx?|pptx?|txt|md|csv|json|xml|html?|jpe?g|png"
    r"|gif|heic|mp[34]|mov|zip|gz|tar|py|js|ts|css|eml|ics|odt|rtf|log|exe)\b"
    r"|(?<!\w)(?:~|\.{0,2})/[\w./-]+|\b[A-Z]:\\\S+"
    r"|\b(?=\w*\d)[0-9a-fA-F]{7,}\b|\b[0-9a-f]{8}-[0-9a-f-]{18,}\b"
    r"|<[^<>\n]{1,200}>|\{\{?[^{}\n]*\}?\}|!?\[\[|\]\]|\]\([^()\s]*\)"
    r"|[*_~^|\\=<>\[\]]+|(?<!\w)#+(?!\w)"
)
_GLUED_DASH = re.compile(r"[—–]|--+|…|\.{3,}")
_HEADER_LINE = re.compile(
    r"\s*(?:>\s*)*(?:"
    r"(?:from|to|cc|bcc|sent|date|reply-to|message-id|in-reply-to|content-type|subject|attachments?)"
    r"\s*:.*"
    r"|on\b[^\n]{6,200}\bwrote\s*:"
    r"|-{2,}\s*(?:original|forwarded|begin forwarded)\b.*|begin forwarded message:"
    r"|sent from my \w+.*|get outlook for .*"
    r")\s*$",
    re.IGNORECASE,
)
_WRAPPED_ATTRIBUTION = re.compile(r"(?m)^[ >]*On [^\n]{6,120}\n[^\n]{0,80}\bwrote:[ ]*$")
_CODE_BLOCK = re.compile(r"(?ms)^```.*?^```")
_QUOTE = re.compile(r"\s*>")
_MARKER = re.compile(r"\s*(?:[-*+•·–]|\d{1,3}[.)]|#{1,6})\s+(?:\[[ xX]\]\s+)?")
_HEADING = re.compile(r"\s*#{1,6}\s")
_LINE_ENDS = (".", "!", "?", ":", ";")
_LONGER_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE_END = re.compile(r"[.!?]['\")]*\s+(?=[\"'(]*[A-Z])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of prose; `start` is its offset in the field, `headline` its style."""

    start: int
    text: str
    headline: bool = False


def pieces(text: str, *, limit: int = PIECE_CHARACTERS) -> list[Piece]:
    """The readable pieces of a field, none longer than `limit` characters."""
    found = []
    joined = _joined(text)
    for start, end in _paragraphs(joined):
        paragraph = joined[start:end]
        shown = _veil(_blank_marker(paragraph))
        headline = bool(_HEADING.match(paragraph)) or is_headline(shown)
        if _is_shouted(shown):
            continue
        found += [Piece(start + at, part, headline) for at, part in _cut(shown, limit=limit)]
    return found


def is_headline(line: str) -> bool:
    """Whether a line is set like a title, most of its longer words capitalised."""
    words = [word[0] for word in _LONGER_WORD.finditer(line)]
    if not words or len(line) > 90 or line.rstrip().endswith((".", "!", "?", ",", ";")):
        return False
    capitals = [word for word in words if word[0].isupper()]
    return len(capitals) > 0.6 * len(words)


def _joined(text: str) -> str:
    """The text with its typography made plain and an attribution's two lines made one."""
    plain = _CODE_BLOCK.sub(_blank, text.translate(_TYPOGRAPHY))
    return _WRAPPED_ATTRIBUTION.sub(lambda match: match[0].replace("\n", " "), plain)


def _veil(paragraph: str) -> str:
    """A paragraph on one line, with everything unreadable blanked."""
    readable = _UNREADABLE.sub(_blank, paragraph)
    return _GLUED_DASH.sub(_blank, readable).replace("\n", " ")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _blank_marker(line: str) -> str:
    match = _MARKER.match(line)
    return line if match is None else " " * match.end() + line[match.end() :]


def _is_shouted(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    return len(letters) > 5 and all(character.isupper() for character in letters)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans of lines that belong together: hard-wrapped lines yes, list items no."""
    begin = end = 0
    wrapped = quoting = False
    for start, stop in _lines(text):
        line = text[start:stop]
        header = bool(_HEADER_LINE.match(line))
        quoting = header or (quoting and (not line.strip() or bool(_QUOTE.match(line))))
        if header or quoting or not line.strip():
            if end > begin:
                yield begin, end
            begin = end = stop
            wrapped = False
            continue
        if end > begin and not (wrapped and _is_rest(line, of=end - _last_line(text, end))):
            yield begin, end
            begin = end = start
        if end <= begin:
            begin = start
        end = stop
        wrapped = not line.rstrip().endswith(_LINE_ENDS)
    if end > begin:
        yield begin, end


def _last_line(text: str, end: int) -> int:
    return text.rfind("\n", 0, end) + 1


def _is_rest(line: str, *, of: int) -> bool:
    """Whether the line goes on with one of `of` characters, full for its first word."""
    word = line.split(maxsplit=1)[0]
    return line[:1].isalnum() and of <= LONGEST_WRAPPED and of + len(word) > SHORTEST_WRAPPED


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _cut(text: str, *, limit: int) -> Iterator[tuple[int, str]]:
    """Parts of at most `limit` characters, cut at a sentence's end, else at a space."""
    start = 0
    while len(text) - start > limit:
        window = text[start : start + limit]
        ends = [match.end() for match in _SENTENCE_END.finditer(window)]
        cut = ends[-1] if ends else window.rfind(" ") + 1
        cut = cut or limit
        yield start, window[:cut]
        start += cut
    if text[start:].strip():
        yield start, text[start:]
