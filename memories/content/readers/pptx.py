"""Arrive: the text of a PowerPoint presentation: slides and their notes."""

from collections.abc import Iterable, Iterator
from io import BytesIO

from pptx import Presentation
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide


def read_text(data: bytes) -> Iterator[str]:
    """A line for a paragraph or a row of a table, a blank line between slides; notes follow their slide."""
    for number, slide in enumerate(Presentation(BytesIO(data)).slides):
        if number:
            yield ""
        yield from _read_slide(slide)


def _read_slide(slide: Slide) -> Iterator[str]:
    yield from _read_shapes(slide.shapes)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        yield notes.text


def _read_shapes(shapes: Iterable[BaseShape]) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _read_shapes(shape.shapes)
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            for row in shape.table.rows:
                yield "\t".join(" ".join(cell.text.split()) for cell in row.cells)
        elif isinstance(shape, Shape) and shape.text_frame.text.strip():
            yield shape.text_frame.text
