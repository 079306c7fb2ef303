"""Served: which packing of a body a client takes (RFC 9110, 12.5.3), and the packing itself. Knows nothing of requests."""

import gzip
import re
from collections.abc import Callable

import brotli
import zstandard

PREFERRED = ("zstd", "br", "gzip")  # at equal wishes of the client: the quickest first
ALIASES = {"x-gzip": "gzip"}
ZSTD_LEVEL, BROTLI_QUALITY, GZIP_LEVEL = 3, 5, 6
WISH = re.compile(
    r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE
)


def choose_encoding(accept_encoding: str) -> str:
    """Return 'zstd', 'br' or 'gzip', or '' for the body as it is, by the value of an Accept-Encoding header.

    The highest weight wins, our own preference among equals. No header at all, like one that names none of ours, means ''. So does
    identity with a weight above ours; not mentioned, it is only what is left.
    """
    wishes = _read_wishes(accept_encoding)
    others = wishes.get("*", 0.0)
    weight, best = max(((wishes.get(name, others), name) for name in PREFERRED), key=lambda wish: wish[0])
    return best if weight > 0 and weight >= wishes.get("identity", 0.0) else ""


def compress_body(body: bytes, *, encoding: str) -> bytes:
    """Pack a body as `encoding` says ('' leaves it alone); the same body gives the same bytes. Raises KeyError on any other."""
    return PACKERS[encoding](body)


def expand_zstd(packed: bytes) -> bytes:
    """Undo `compress_body(..., encoding="zstd")`. Raises ValueError when these bytes are no such thing."""
    try:
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise ValueError(f"not a zstd frame of ours: {error}") from error


def _read_wishes(accept_encoding: str) -> dict[str, float]:
    """Return the weight (0 to 1) of each coding that the header names; what is not well formed is passed over."""
    wishes: dict[str, float] = {}
    for part in accept_encoding.split(","):
        if found := WISH.fullmatch(part):
            name = found[1].lower()
            wishes[ALIASES.get(name, name)] = float(found[2] or 1)
    return wishes


def _as_zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)  # one per call: they must not be shared by threads


def _as_brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
    return packed


def _as_gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)


PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "zstd": _as_zstd, "br": _as_brotli, "gzip": _as_gzip}
