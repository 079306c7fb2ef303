import io
import zipfile

import docx
import openpyxl
import pypdf
import pytest

from config.local.providers.papers import DOCX, PDF, XLSX, make_paper

TEXT = "HOUSEHOLD BUDGET\n\nFood: £257 (café)\n  back\\slash, " + "a long line " * 30 + "\n\n\n= not a sum"


@pytest.mark.parametrize("mime_type", [DOCX, XLSX, PDF, "text/plain"])
def test_the_same_text_is_the_same_file(mime_type):
    assert make_paper(TEXT, mime_type=mime_type) == make_paper(TEXT, mime_type=mime_type)


@pytest.mark.parametrize("mime_type", [DOCX, XLSX])
def test_no_clock_is_in_an_archive(mime_type):
    with zipfile.ZipFile(io.BytesIO(make_paper(TEXT, mime_type=mime_type))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_word_reads_a_paragraph_a_line():
    document = docx.Document(io.BytesIO(make_paper(TEXT, mime_type=DOCX, author="Nell")))
    assert "\n".join(paragraph.text for paragraph in document.paragraphs) == TEXT
    assert document.core_properties.author == "Nell"


def test_excel_reads_a_row_a_line():
    sheet = openpyxl.load_workbook(io.BytesIO(make_paper(TEXT, mime_type=XLSX, author="Nell"))).worksheets[0]
    assert "\n".join(str(row[0] or "") for row in sheet.iter_rows(values_only=True)) == TEXT


def test_a_page_of_pdf_has_every_line_whole():
    page = pypdf.PdfReader(io.BytesIO(make_paper(TEXT, mime_type=PDF, author="Nell (me)"))).pages[0]
    assert [line.rstrip() for line in page.extract_text().splitlines()] == [line.rstrip() for line in TEXT.split("\n")]


def test_what_is_no_paper_is_plain_text():
    assert make_paper("é", mime_type="text/markdown") == b"\xc3\xa9"


def test_a_pdf_of_letters_it_cannot_draw_is_refused():
    with pytest.raises(ValueError, match="charmap"):
        make_paper("日本", mime_type=PDF)
