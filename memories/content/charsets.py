"""Arrive: bytes become text, in the encoding they name if that is true, else in the likeliest one."""

import codecs
from typing import Final

from charset_normalizer import from_bytes

_SAMPLE: Final = 32_768  # bytes to guess from
_ENOUGH: Final = 64  # bytes; fewer tell nothing
# What old programs name and what they write (encoding.spec.whatwg.org).
_MEANT: Final = {
    "ascii": "utf-8", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# No encodings of mails, and some take time quadratic in the text.
_REFUSED: Final = frozenset(["idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"])


def decode_text(data: bytes, *, charset: str = "") -> str:
    """The text that the bytes are meant to be; what cannot be read becomes U+FFFD."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    declared = marked or _known(charset)
    for name in dict.fromkeys((declared or "utf-8", "utf-8")):
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    lenient = data.decode(declared or "utf-8", errors="replace")
    return lenient if _is_mostly_right(lenient) else data.decode(_guess(data), errors="replace")


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset.strip()).name
        bytes(4).decode(name)  # hex and zlib are codecs too
    except (LookupError, ValueError):  # unknown, no encoding of text, or no name at all
        return ""
    return "" if name in _REFUSED else _MEANT.get(name, name)


def _is_mostly_right(text: str) -> bool:
    sample = text[:_SAMPLE]
    broken = sample.count("\ufffd")
    return broken <= sum(1 for letter in sample if letter > "\x7f") - broken


def _guess(data: bytes) -> str:
    best = from_bytes(data[:_SAMPLE]).best() if len(data) >= _ENOUGH else None
    return best.encoding if best else "cp1252"
