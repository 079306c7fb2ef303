"""Stand-in: a text as the bytes of a Word, Excel or PDF file, the same bytes each time.

One line of the text is one paragraph, one row or one line of a page, so that whoever reads the file gets the text back.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from docx import Document
from openpyxl import Workbook

OPENXML: Final = "application/vnd.openxmlformats-officedocument"
DOCX: Final = f"{OPENXML}.wordprocessingml.document"
XLSX: Final = f"{OPENXML}.spreadsheetml.sheet"
PDF: Final = "application/pdf"

EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)  # the first moment a zip file can name
SAVED_AT: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
MARGIN: Final = 50  # points; 72 are an inch
FONT_SIZE: Final = 10
LEADING: Final = 14
LETTER: Final = 6  # points, more than the average letter of 10 point Helvetica is wide
PAPER: Final = (595, 842)  # A4, in points
PDF_ESCAPES: Final = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})


def make_paper(text: str, *, mime_type: str, author: str = "") -> bytes:
    """The bytes of a file of this type that says `text`; a type that is not made here is plain text.

    Raises:
        ValueError: for a PDF with letters that Windows-1252 lacks.
    """
    maker = MAKERS.get(mime_type)
    return maker(text, author) if maker else text.encode()


def _make_docx(text: str, author: str) -> bytes:
    document = Document()
    document.core_properties.author = author
    for line in text.split("\n"):
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return _without_time(file.getvalue())


def _make_xlsx(text: str, author: str) -> bytes:
    """One column: a second one would come back with a tab where the text has none."""
    book = Workbook()
    book.properties.creator = author
    sheet = book.worksheets[0]
    for row, line in enumerate(text.split("\n"), 1):
        if line:
            sheet.cell(row=row, column=1, value=line).data_type = "s"  # whatever it begins with, it is no formula
    file = io.BytesIO()
    book.save(file)
    return _without_time(file.getvalue())


def _without_time(data: bytes) -> bytes:
    """The same archive with every time in it set to `EPOCH`."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            content = read.read(name)
            if name == "docProps/core.xml":
                content = SAVED_AT.sub(rb"\g<1>" + EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content)
            written.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _make_pdf(text: str, author: str) -> bytes:
    """One page as wide and as high as its text: where a line is broken, a reader would see two."""
    lines = text.split("\n")
    width = max(PAPER[0], 2 * MARGIN + LETTER * max(len(line) for line in lines))
    height = max(PAPER[1], 2 * MARGIN + LEADING * len(lines))
    # an empty line would leave no trace in the text that a reader gets, a space does
    shown = "\n".join(f"({line.translate(PDF_ESCAPES) or ' '}) Tj T*" for line in lines)
    drawn = f"BT /F1 {FONT_SIZE} Tf {LEADING} TL {MARGIN} {height - MARGIN} Td\n{shown}\nET".encode("cp1252")
    return _bind_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (width, height),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Author (%s) >>" % author.translate(PDF_ESCAPES).encode("cp1252"),
    )


def _bind_pdf(*objects: bytes) -> bytes:
    """Objects 1, 2, … with the table that says where each begins; the first is the catalogue, the last the information."""
    file = io.BytesIO()
    file.write(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table, size = file.tell(), len(objects) + 1
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    file.writelines(b"%010d 00000 n \n" % place for place in places)
    file.write(b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (size, len(objects)))
    file.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return file.getvalue()


MAKERS: Final[Mapping[str, Callable[[str, str], bytes]]] = {DOCX: _make_docx, XLSX: _make_xlsx, PDF: _make_pdf}
