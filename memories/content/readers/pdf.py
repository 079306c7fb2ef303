"""Arrive: the text of a PDF, page after page."""

from collections.abc import Iterator
from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from memories.content import ContentError


def read_text(data: bytes) -> Iterator[str]:
    """The text of each page that can be read.

    Raises:
        ContentError: it is no PDF or protected, or not one page can be read.
    """
    pages = 0
    for page in _open(data).pages:
        text = _read_page(page)
        if text is not None:
            pages += 1
            yield text
    if not pages:
        raise ContentError("is a broken PDF")


def _open(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):  # some are only protected from being changed
            raise ContentError("is a PDF protected by a password")
    except (PyPdfError, DependencyError, NotImplementedError) as error:
        encrypted = isinstance(error, DependencyError | NotImplementedError)
        raise ContentError("is a PDF protected by a password" if encrypted else "is a broken PDF") from None
    return reader


def _read_page(page: PageObject) -> str | None:
    try:
        return "\n".join(line.rstrip() for line in page.extract_text().split("\n"))
    except (PyPdfError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return None  # one page that its maker got wrong
