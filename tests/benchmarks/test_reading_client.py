"""The bench's own client: what it sends, and when an answer is whole."""

import socket

import pytest

from benchmarks.reading.client import Flight, Request, read_length


@pytest.fixture
def one():
    with socket.socket() as wire:
        yield Flight(wire)


def test_a_request_is_the_lines_of_http():
    request = Request("graph/", {"Cookie": "a=b"})
    assert request.encode() == b"GET /api/v1/graph/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: a=b\r\n\r\n"


def test_the_length_of_a_body_stands_in_the_head_in_any_case():
    assert read_length(b"HTTP/1.1 200 OK\r\nContent-LENGTH: 12\r\nx: y") == 12
    assert read_length(b"HTTP/1.1 304 Not Modified") == 0


def test_an_answer_is_whole_with_its_last_byte(one):
    assert not one.take(b"HTTP/1.1 200 OK\r\ncontent-le")
    assert not one.take(b"ngth: 4\r\n\r\nab")
    assert one.status == 0
    assert one.take(b"cd")
    assert one.status == 200


def test_a_connection_that_ends_early_is_no_answer(one):
    assert not one.take(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
    assert one.take(b"")
    assert one.status == 0
