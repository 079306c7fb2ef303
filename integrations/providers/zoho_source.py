"""Arrive: the bytes of a mail whose source Zoho gives as text, of which nobody says how it was made from the bytes.

Either every character stands for a byte, or the bytes were decoded; then a part's charset speaks of bytes that are no more.
"""

import re
from typing import Final

_CHARSET: Final = re.compile(r"(?i)(\bcharset[ \t]*=[ \t]*\"?)([\w.:+-]+)")
_UNICODE: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_CODED: Final = re.compile(r"(?im)^content-transfer-encoding[ \t]*:[ \t]*(?:base64|quoted-printable)\b")
# The lines of headers at the top, and below the line that begins a part.
_HEAD: Final = re.compile(r"(?:\A|^--[^\r\n]++\r?\n)(?:(?:[!-9;-~]++[ \t]*+:|[ \t])[^\n]*+(?:\n|\Z))++", re.MULTILINE)


def encode_source(text: str) -> bytes:
    """The bytes of a mail's source, to be read by the charsets that its parts declare."""
    if any(letter > "\xff" for letter in text):
        return _HEAD.sub(_declare_unicode, text).encode(errors="replace")
    plain = text.encode("latin-1")
    if _is_unicode(plain) or _declares_other(text):
        return plain
    return text.encode()


def _is_unicode(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declares_other(text: str) -> bool:
    """Whether a part is in an 8-bit charset. Had it been decoded, its letters would be the same numbers or lie above U+00FF."""
    return any(
        found[2].lower() not in _UNICODE for head in _HEAD.finditer(text) for found in _CHARSET.finditer(head[0])
    )


def _declare_unicode(head: re.Match[str]) -> str:
    """A head whose part is UTF-8 from now on; what is base64 or quoted-printable still holds the bytes that were sent."""
    return head[0] if _CODED.search(head[0]) else _CHARSET.sub(r"\1utf-8", head[0])
