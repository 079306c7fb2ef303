"""Arrive: what a reader sees of a Markdown note; code is left as it is."""

import re
from collections.abc import Iterator
from typing import Final

FENCE: Final = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})")
# Inline code comes first, so that what looks like a link inside it is not one.
CODE_OR_LINK: Final = re.compile(r"(`+[^`\n]*`+)|(!?)\[\[([^\[\]\n]{1,500})\]\]")
ATTACHMENT: Final = re.compile(r"\.(?!md\Z)[a-z0-9]{2,4}\Z", re.IGNORECASE)


def plain_links(text: str) -> str:
    """Turn [[Ana Ribeiro|Ana]] into Ana.

    An embedded attachment (![[boat.png]]) vanishes: a file name is no word of the note.
    """
    return "\n".join(line if is_code else CODE_OR_LINK.sub(_words, line) for line, is_code in _lines(text))


def first_heading(text: str) -> str:
    """Answer the words of the first "# heading", or ''."""
    headings = (
        line[2:].strip().rstrip("#").strip() for line, is_code in _lines(text) if not is_code and line.startswith("# ")
    )
    return next((heading for heading in headings if heading), "")


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to a fenced block of code."""
    fence = ""
    for line in text.split("\n"):
        match = FENCE.match(line)
        mark = match.group(1) if match else ""
        yield line, bool(fence or mark)
        if not fence:
            fence = mark
        elif mark.startswith(fence):
            fence = ""


def _words(match: re.Match[str]) -> str:
    code, embed, link = match.groups()
    if code:
        return str(code)
    target, _, alias = str(link).partition("|")
    page, _, heading = target.partition("#")
    if embed and ATTACHMENT.search(page.strip()):
        return ""
    return alias.strip() or page.strip() or heading.strip()
