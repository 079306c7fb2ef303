import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.zoho_source import encode_source
from memories.content.mime import read_mail


def source(text: str, charset: str, *, encoding: str = "8bit") -> str:
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return f"From: g@example.org\r\nSubject: Tea\r\nMIME-Version: 1.0\r\n{kind}\r\n{text}\r\n"


def read(text: str) -> str:
    return read_mail(encode_source(text)).text.strip()


@pytest.mark.parametrize(("words", "charset"), [
    ("Chérie, à quatre heures?", "iso-8859-1"), ("Chérie – “à” 5 €", '"windows-1252"'), ("Привет, Анна", "koi8-r"),
    ("Chérie, à quatre heures?", "UTF-8"), ("四点钟喝茶", "gb2312"), ("四時にお茶", "utf-8"), ("Příliš žluťoučký", "iso-8859-2"),
])  # fmt: skip
@pytest.mark.parametrize("decoded", [True, False])
def test_a_source_is_read_whether_it_was_decoded_or_every_character_is_a_byte(words, charset, decoded):
    sent = source(words, charset)
    came = sent if decoded else sent.encode(charset.strip('"')).decode("latin-1")
    assert read(came) == words


def test_a_source_without_a_charset_that_was_decoded_is_unicode():
    assert read("Subject: Tea\r\n\r\nChérie, à quatre heures?\r\n") == "Chérie, à quatre heures?"


def test_what_was_encoded_for_the_way_keeps_its_charset():
    coded = "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nCh=E9rie\n"
    plain = "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: 8bit\n\n“à quatre heures”\n"
    mail = f"Subject: Tea\nContent-Type: multipart/mixed; boundary=x\n\n--x\n{coded}--x\n{plain}--x--\n"
    assert read(mail).split() == ["Chérie", "“à", "quatre", "heures”"]


def test_a_charset_in_the_text_itself_stays_as_it_is():
    words = "They wrote:\r\nContent-Type: text/plain; charset=koi8-r\r\n“Привет”"
    assert read(source(words, "koi8-r")) == words.replace("\r\n", "\n")


def test_a_long_source_takes_no_time():
    began = time.perf_counter()
    encode_source("a: " + "--x\n\tcharset=\n" * 200_000 + "\u20ac")
    assert time.perf_counter() - began < 3


@given(st.text())
def test_whatever_comes_there_are_bytes(text):
    assert isinstance(encode_source(text), bytes)
