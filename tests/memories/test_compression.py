"""Compression: the client's wishes decide, ours only among equals."""

import gzip
import json

import brotli
import pytest
import zstandard

from memories.compression import choose_encoding, compress_body, expand_zstd

BODY = json.dumps({"id": list(range(2000)), "name": ["Zoë"] * 500}).encode()


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("deflate, compress", ""),
        ("", ""),
    ],
)
def test_among_equals_zstd_comes_before_br_and_br_before_gzip(header, chosen):
    assert choose_encoding(header) == chosen


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("zstd;q=0.5, br;q=0.8, gzip;q=0.7", "br"),
        ("zstd;q=0, br;q=0.000, gzip;q=0.001", "gzip"),
        ("zstd ; q = 0.1 , gzip", "gzip"),
        ("gzip;q=0", ""),
    ],
)
def test_a_weight_goes_before_our_preference_and_zero_means_never(header, chosen):
    assert choose_encoding(header) == chosen


@pytest.mark.parametrize(
    ("header", "chosen"),
    [("*", "zstd"), ("*;q=0", ""), ("zstd;q=0, *", "br"), ("gzip, *;q=0", "gzip"), ("gzip;q=0.2, *;q=0.1", "gzip")],
)
def test_a_star_stands_for_what_is_not_named(header, chosen):
    assert choose_encoding(header) == chosen


@pytest.mark.parametrize(
    ("header", "chosen"),
    [("identity", ""), ("identity;q=1, gzip;q=0.5", ""), ("identity;q=0.5, gzip", "gzip"), ("identity, gzip", "gzip"), ("identity;q=0, *", "zstd")],
)  # fmt: skip
def test_the_body_as_it_is_wins_only_where_it_is_wished_more(header, chosen):
    assert choose_encoding(header) == chosen


@pytest.mark.parametrize("broken", ["zstd;q=2", "br;q=0.1234", "zstd;q", "zst d", ";q=1", ",,", "br;level=3"])
def test_what_is_not_well_formed_is_passed_over(broken):
    assert choose_encoding(broken) == ""
    assert choose_encoding(f"{broken}, gzip") == "gzip"


@pytest.mark.parametrize(
    ("encoding", "expand"),
    [("zstd", zstandard.decompress), ("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)],
)
def test_a_packed_body_comes_back_whole_and_the_same_body_gives_the_same_bytes(encoding, expand):
    packed = compress_body(BODY, encoding=encoding)
    assert expand(packed) == BODY
    assert packed == compress_body(BODY, encoding=encoding)
    assert not encoding or len(packed) < len(BODY) / 2


def test_an_encoding_that_was_never_chosen_is_refused():
    with pytest.raises(KeyError):
        compress_body(BODY, encoding="deflate")


@pytest.mark.parametrize("body", [b"", BODY])
def test_zstd_is_undone_here(body):
    assert expand_zstd(compress_body(body, encoding="zstd")) == body


def test_bytes_that_are_no_zstd_are_refused():
    with pytest.raises(ValueError, match="zstd"):
        expand_zstd(b"PK\x03\x04 not zstd")
