"""Arrive: the text of a Word document: paragraphs and tables in their order."""

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby

from docx import Document
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph


def read_text(data: bytes) -> Iterator[str]:
    """A line for a paragraph ("# " before a heading, "- " before an item of a list) or for a row, a tab between its cells."""
    for block in Document(BytesIO(data)).iter_inner_content():
        yield from _read_block(block)


def _read_block(block: Paragraph | Table) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"{_mark(block)}{block.text}"
        return
    for row in block.rows:
        cells = [
            next(group) for _, group in groupby(row.cells, key=lambda cell: cell._tc)
        ]  # a merged cell is told once
        yield "\t".join(_read_cell(cell) for cell in cells).rstrip("\t")


def _read_cell(cell: _Cell) -> str:
    lines = (line for block in cell.iter_inner_content() for line in _read_block(block))
    return " ".join(" ".join(lines).split())


def _mark(paragraph: Paragraph) -> str:
    style = (paragraph.style.name or "") if paragraph.style else ""
    if not paragraph.text.strip():
        return ""
    if style.startswith("Heading "):
        level = style.removeprefix("Heading ")
        return "#" * int(level) + " " if level in "123456" else ""
    properties = paragraph._p.pPr
    is_item = style.startswith("List ") and style != "List Paragraph"
    return "- " if is_item or (properties is not None and properties.numPr is not None) else ""
