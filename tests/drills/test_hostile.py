"""Drill 21: hostile mails and files come in by a sync; each is read or put aside with a reason, and their page is done."""

import base64
import io
import resource
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from benchmarks.syncs import play
from benchmarks.syncs.accounts import make_items
from integrations.models import JobFailure, RemoteItem, SyncRun
from memories.models import Memory

DEEP = 2_000
HEAD = "From: Zoe <z@x.org>\nSubject: s\n"
MAILS = {
    "NUL": f"{HEAD}\na\x00b\x00",
    "half of a surrogate pair": f"{HEAD}Content-Type: text/plain; charset=utf-7\n\na+2AA-b",
    "surrogate in the subject": "Subject: a\xed\xa0\x80b\n\nx",
    "parts within parts": HEAD
    + "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(DEEP))
    + "\ndeep",
    "mails within mails": HEAD + "Content-Type: message/rfc822\n\n" * DEEP + "\ndeep",
    "nothing but boundaries": "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n" * 100_000,
    "a line to choke on": HEAD + "\n" + "On " * 100_000 + "wrote:" + ">" * 100_000 + "!",
    "tags to choke on": HEAD + "Content-Type: text/html\n\n" + "<div style='a:b;" * 50_000,
    "brackets in an address": "To: " + "(" * 100_000 + "\nSubject: s\n\nx",
    "recipients": "To: " + ", ".join(f"p{n}@x.org" for n in range(20_000)) + "\nSubject: s\n\nx",
    "no text": "X: y\n\n",
    "broken codings": HEAD
    + "Content-Type: text/plain; charset=no-such\nContent-Transfer-Encoding: base64\n\nnot base64 \xff\xfe",
}
REFUSED = {"nothing but boundaries", "no text"}
LARGE = "word " * 5_200_000  # 26 MB
SOUND = 2


def zip_up(*entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def lock_up():
    file, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(600, 800)
    writer.encrypt("secret", "owner", algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def laugh():
    """A billion laughs: each entity is ten of the one before."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE w [<!ENTITY l0 "ha">{lines}]><w:document xmlns:w="w">&l9;</w:document>'.encode()


BROKEN = "broken|intricate|unpacked|not read"
FILES = {
    "zip bomb": (zip_up(("word/document.xml", bytes(99_000_000))), "more than is unpacked"),
    "many entries": (zip_up(*((str(n), b"") for n in range(1_001))), "more than is unpacked"),
    "zip in a zip": (zip_up(("a.zip", zip_up(("b.zip", bytes(9_000_000))))), BROKEN),
    "billion laughs": (zip_up(("[Content_Types].xml", b"<x/>"), ("word/document.xml", laugh())), BROKEN),
    "deep tags": (zip_up(("word/document.xml", b"<a>" * 500_000)), BROKEN),
    "encrypted": (lock_up(), "password"),
    "broken pdf": (b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] >> endobj " * 20_000, "broken|no text"),
    "picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200), "holds no text"),
    "NUL": (bytes(5_000), "not read|no text"),
}
LEAST = 60  # seconds on a busy machine; alone it takes two


@pytest.fixture(autouse=True)
def point_at(stand_in, settings):
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key


def make_hostile_mails(provider, *, raws):
    return [{**make_items(provider, count=1, start=100 + n)[0], "raw": raw} for n, raw in enumerate(raws)]


def sync(stand_in, provider, *, user, items):
    """Sync them among sound ones; returns by id why each was put aside ('' where it was read)."""
    connection, ids = play.connect(stand_in, provider, user=user, items=items + make_items(provider, count=SOUND))
    began = time.monotonic()
    played = play.play_sync(connection)
    assert time.monotonic() - began < LEAST
    assert (played.turns, played.failures, JobFailure.objects.count()) == (1, [], 0)
    assert SyncRun.objects.get().state == "done"
    reasons = dict(RemoteItem.objects.values_list("remote_id", "reason"))
    assert set(reasons) == set(ids)
    assert [reasons[each] for each in ids[-SOUND:]] == [""] * SOUND
    return [reasons[each] for each in ids[:-SOUND]]


@pytest.mark.parametrize("provider", ["gmail", "zoho_mail"])
def test_hostile_mails_are_read_or_put_aside_and_stop_nobody(stand_in, user, provider):
    reasons = sync(stand_in, provider, user=user, items=make_hostile_mails(provider, raws=MAILS.values()))
    put_aside = {name for name, reason in zip(MAILS, reasons, strict=True) if reason}
    assert put_aside == (REFUSED if provider == "gmail" else put_aside & REFUSED)
    for title, content in Memory.objects.values_list("title", "content"):
        assert "\x00" not in title + content
        assert len((title + content).encode()) < 5_000_000


@pytest.mark.parametrize("provider", ["gdrive", "dropbox"])
def test_hostile_files_are_put_aside_with_a_reason_and_their_reader_alone_pays(stand_in, user, provider):
    items = [
        {"path": f"/{name}.bin", "mime_type": "application/octet-stream", "data_b64": base64.b64encode(data).decode()}
        for name, (data, _) in FILES.items()
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reasons = sync(stand_in, provider, user=user, items=items)
    for (name, (_, expected)), reason in zip(FILES.items(), reasons, strict=True):
        assert any(part in reason for part in expected.split("|")), (name, reason)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
    assert Memory.objects.count() == SOUND


@settings(
    max_examples=4, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    raws=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Content-Disposition", "X-\x00"]),
                st.binary(max_size=80),
            ),
            max_size=6,
        ),
        min_size=12,
        max_size=20,
    )
)  # fmt: skip
def test_whatever_headers_a_mail_has_its_page_is_done(stand_in, user, raws):
    stand_in.reset()
    for table in (Memory, RemoteItem, SyncRun):
        table.objects.all().delete()
    user.connection_set.all().delete()
    heads = ["".join(f"{name}: {value.decode('latin-1')}\n" for name, value in headers) for headers in raws]
    reasons = sync(
        stand_in, "gmail", user=user, items=make_hostile_mails("gmail", raws=[f"{head}\nhi" for head in heads])
    )
    assert Memory.objects.count() == SOUND + reasons.count("")
