import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import pytest
from openpyxl import Workbook
from pptx import Presentation
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from memories.content import ContentError, apart, child
from memories.content.documents import draft_document, read_document
from memories.drafts import MAX_CONTENT

TEXT = "Minutes of the boat club\n\n  Ana Ribeiro, Zoë Costa\n\n\n= 12 oars\nend"


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def read(data: bytes, *, name: str = "a", mime_type: str = "application/octet-stream") -> str:
    return read_document(data, name=name, mime_type=mime_type)


def make_pdf(*lines: str, password: str | None = None) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    fonts = DictionaryObject(
        {NameObject("/F1"): DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})}
    )
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawn = DecodedStreamObject()
    drawn.set_data(
        ("BT /F1 10 Tf 14 TL 50 700 Td\n" + "\n".join(f"({line}) Tj T*" for line in lines) + "\nET").encode()
    )
    page[NameObject("/Contents")] = writer._add_object(drawn)
    if password is not None:
        writer.encrypt(password, "owner", algorithm="RC4-128")
    return saved(writer.write)


def make_zip(*entries: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_text_of_a_plain_file_comes_back(encoding: str) -> None:
    assert read(f"{TEXT}\r\n\n".encode(encoding)) == TEXT


def test_a_document_whose_paragraphs_are_the_lines_gives_the_text_back() -> None:
    document = docx.Document()
    for line in TEXT.split("\n"):
        document.add_paragraph(line)
    assert read(saved(document.save)) == TEXT


def test_a_document_shows_headings_items_and_tables_where_they_stand() -> None:
    document = docx.Document()
    document.add_heading("Boats", 2)
    document.add_paragraph("oars", style="List Bullet")
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "who\nelse", "what"
    table.cell(1, 0).merge(table.cell(1, 1)).text = "both"
    document.add_paragraph("end")
    assert read(saved(document.save)) == "## Boats\n- oars\nwho else\twhat\nboth\nend"


def test_a_sheet_with_a_row_a_line_gives_the_text_back() -> None:
    book = Workbook()
    for row, line in enumerate(TEXT.split("\n"), 1):
        if line:
            book.worksheets[0].cell(row=row, column=1, value=line).data_type = "s"
    assert read(saved(book.save)) == TEXT


def test_cells_are_parted_by_tabs_and_sheets_named_where_there_are_several() -> None:
    book = Workbook()
    book.worksheets[0].append([1, 2.0, 2.5, None, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), time(9), True])  # noqa: DTZ001
    book.create_sheet("Oars").append(["a\nb", None])
    assert read(saved(book.save)) == "# Sheet\n1\t2\t2.5\t\t2026-03-01\t2026-03-01 09:30\t09:00:00\tTrue\n\n# Oars\na b"


def test_a_cell_far_below_does_not_bring_a_hundred_thousand_empty_lines() -> None:
    book = Workbook()
    book.worksheets[0]["A1"], book.worksheets[0]["A100000"] = "top", "bottom"
    assert len(read(saved(book.save))) < 200


def test_slides_and_their_notes_are_read() -> None:
    show = Presentation()
    for title in ("Boats", "Oars"):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, "one\ntwo"
        slide.notes_slide.notes_text_frame.text = f"say {title}"
    table = slide.shapes.add_table(1, 2, 0, 0, 9, 9).table
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    assert read(saved(show.save)) == "Boats\none\ntwo\nsay Boats\n\nOars\none\ntwo\na\tb\nsay Oars"


def test_a_pdf_says_its_lines() -> None:
    assert read(make_pdf("Minutes", " ", "All agreed.")) == "Minutes\n\nAll agreed."
    assert read(make_pdf("Only changing it is forbidden", password="")) == "Only changing it is forbidden"


def test_a_text_that_speaks_of_pdf_is_no_pdf() -> None:
    text = "A PDF begins with %PDF-1.7, as its name says."
    assert read(text.encode(), name="notes.txt", mime_type="text/plain") == text


@pytest.mark.parametrize(
    ("before", "name", "mime_type"),
    [
        (b"\n \r\n", "a", ""),
        (b"\xef\xbb\xbf", "a", ""),
        (b"HTTP/1.1 200 OK\n\n", "A.PDF", ""),
        (b"x", "a", "application/pdf"),
    ],
)
def test_a_pdf_may_begin_with_something_else(before: bytes, name: str, mime_type: str) -> None:
    assert read(before + make_pdf("Minutes"), name=name, mime_type=mime_type) == "Minutes"


def test_an_html_page_is_read_like_an_html_mail() -> None:
    assert read(b"<!DOCTYPE html><title>x</title><p>one<p>two") == "one\n\ntwo"
    assert read(b"<p>one<p>two", name="a.html") == read(b"<p>one<p>two", mime_type="text/html") == "one\n\ntwo"
    assert read(b"<p>is no page</p>") == "<p>is no page</p>"


def test_a_mail_among_the_files_is_read_as_one() -> None:
    assert read(b"Subject: Boat\nContent-Type: text/html\n\n<p>Six?", name="a.eml") == "Boat\n\nSix?"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds no text"),
        (b" \n\t\n", "holds no text"),
        (make_pdf(), r"holds no text \(a scan\?\)"),
        (make_pdf("x", password="secret"), "is a PDF protected by a password"),
        (b"%PDF-1.7\nbroken", "is a broken PDF"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200), "is a kind of file that holds no text: image/jpeg"),
        (bytes(range(256)) * 10, "is a kind of file that is not read: unknown"),
        (b"{\\rtf1 x}", "is a kind of file that is not read: application/rtf"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "is a kind of file that is not read: application/msword"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password",
        ),
        (make_zip(("boat.png", b"x")), "is a kind of file that is not read: application/zip"),
        (b"PK\x03\x04broken", "is a broken file"),
        (make_zip(("word/document.xml", b"<w:document")), "is broken, or too large or too intricate"),
        (make_zip(("word/document.xml", bytes(99_000_000))), "holds more than is unpacked"),
        (make_zip(*((f"{number}", b"") for number in range(1_001))), "holds more than is unpacked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ContentError, match=reason):
        read(data)


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    text = read(b"word\n" * 300_000)
    assert len(text) <= MAX_CONTENT
    assert text.endswith("[Cut here: the text goes on]")


def test_a_draft_is_kept_under_the_account() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = draft_document(
        b"All agreed.", source="gdrive", account="ana@example.org", external_id="1A", title="Minutes", author="Zoë\x00",
        modified_at=at, mime_type="text/plain", path="Club/Minutes.txt", metadata={"path": "Club/Minutes.txt"},
        time_zone=ZoneInfo("UTC"), now=datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    assert (made.content, made.title, made.author) == ("All agreed.", "Minutes", "Zoë")
    assert (made.account, made.external_id, made.occurred_at) == ("ana@example.org", "1A", at)


def in_child(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has confined itself."""
    root = Path(child.__file__).parents[2]
    setup = f"import sys; sys.path.insert(0, {str(root)!r}); from memories.content.child import confine; confine()\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", setup + code], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.remove('x')",
        "import os; os.fork()",
    ],
)
def test_a_reader_reaches_neither_network_nor_programs(code: str) -> None:
    assert "PermissionError" in in_child(code).stderr


def test_a_reader_has_a_gigabyte_and_no_more() -> None:
    assert "MemoryError" in in_child("x = bytes(1_100_000_000)").stderr


def test_the_child_is_started_from_any_directory_and_knows_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "PYTHONPATH", str(tmp_path))
    assert read(make_pdf("Hello")) == "Hello"


def test_a_waiting_process_that_was_ended_is_started_anew() -> None:
    read(make_pdf("Hello"))
    apart._find_waiting().process.kill()
    assert read(make_pdf("Hello")) == "Hello"


def test_files_are_read_by_several_threads_at_once() -> None:
    files = [make_pdf(f"File {number}") for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, files)) == [f"File {number}" for number in range(20)]


def test_a_process_that_was_forked_has_a_waiting_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = apart._find_waiting()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert apart._find_waiting().process.pid != mine.process.pid
    apart._waiting.pop(-1).close()


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memories.content.apart.PATIENCE", 0.001)
    with pytest.raises(ContentError, match="could not be read within"):
        read(make_pdf("Hello"))
