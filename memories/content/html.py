"""Arrive: what a reader sees of an HTML mail or page, as lines of text. Quoted mail becomes lines that begin with "> ".

The tree is walked without recursion, and the HTML is tamed before it is parsed.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from memories.content.sound import sound_text, strip_end
from memories.content.styles import has_no_size, is_hidden, read_style
from memories.content.tame import RENAMED, tame_html

MAX_HTML: Final = 5_000_000  # characters; what follows is not read
MAX_QUOTES: Final = 5  # marks in front of a line
MAX_BLANK_LINES: Final = 2
MAX_LINK: Final = 200  # characters of an address that stands for a link without words

_SPACE: Final = re.compile(r"[ \t\n\r\f\v\u00a0\u2007\u202f]+")
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u200b\u2060\ufeff]")
_KEEPS_SPACE: Final = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_OUTLOOK_RULE: Final = re.compile(r"border-top\s*:\s*solid #(?:E1E1E1|B5C4DF) 1\.0pt", re.IGNORECASE)

_LINK: Final = RENAMED["a"]
_DROPPED: Final = frozenset([
    "head", "iframe", "noframes", "object", "script", "style", "template", "title", RENAMED["svg"],
])  # fmt: skip
_WITH_MARGIN: Final = frozenset(["dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "ul"])
_BLOCKS: Final = _WITH_MARGIN | frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dt",
    "fieldset", "figcaption", "footer", "form", "header", "hr", "li", "main", "nav", "section", "summary", "table",
    "tr",
])  # fmt: skip
_QUOTE_CLASSES: Final = frozenset(["gmail_quote", "zmail_extra", "yahoo_quoted", "protonmail_quote"])
_OUTLOOK_IDS: Final = frozenset(["appendonsend", "divRplyFwdMsg", "x_appendonsend", "x_divRplyFwdMsg"])


def html_to_text(html: str) -> str:
    """What a reader sees: a line for a block, "- " before an item of a list, a tab between the cells of a row.

    Scripts, styles, what is hidden, pictures and trackers are left out, and of a link only its words are kept.
    """
    page = _Page()
    root = LexborHTMLParser(tame_html(sound_text(html[:MAX_HTML]))).root
    if root is not None:
        _walk(root, page=page)
    page.end_line()
    return strip_end("\n".join(page.lines)).lstrip("\n")


@dataclass(frozen=True, slots=True)
class _Frame:
    """An element that is open, and what holds again once it is closed."""

    node: LexborNode
    tag: str
    quotes: int
    keeps_space: bool
    has_no_size: bool
    met: int


@dataclass(slots=True)
class _Page:
    """The lines so far and the one that is being written."""

    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    quotes: int = 0
    keeps_space: bool = False
    lists: int = 0
    marker: str = ""
    wants_margin: bool = False
    blank_lines: int = 0
    has_no_size: bool = False  # nor have letters where no other size is named
    met: int = 0  # pieces of text so far
    written: int = 0  # of them those that are seen
    picture: str = ""  # what the last picture is said to show
    quotes_rest: bool = False
    has_inner_quotes: bool = False

    def meet(self, text: str) -> None:
        """Write a text that stands in the page, if it is seen."""
        self.met += bool(text.strip())
        if not self.has_no_size:
            self.write(text)

    def write(self, text: str) -> None:
        text = _INVISIBLE.sub("", text)
        if self.keeps_space:
            *whole, text = text.split("\n")
            for line in whole:
                self.words.append(line)
                self.break_line()
        else:
            text = _SPACE.sub(" ", text)
        if text.strip():
            self.written += 1
        if text:
            self.words.append(text)

    def break_line(self) -> None:
        """End the line, be it empty."""
        line = self._take_line()
        self._add(line)

    def end_line(self) -> None:
        """End the line if there is something on it."""
        line = self._take_line()
        if line.strip():
            self._add(line)

    def _take_line(self) -> str:
        line = "".join(self.words)
        self.words.clear()
        return line.rstrip() if self.keeps_space else _tidy(line)

    def _add(self, line: str) -> None:
        mark = "> " * min(self.quotes + self.quotes_rest, MAX_QUOTES)
        if not line:
            if self.blank_lines < MAX_BLANK_LINES:
                self.lines.append(mark.rstrip())
            self.blank_lines += 1
            return
        if self.wants_margin and self.lines and not self.blank_lines:
            self.lines.append(mark.rstrip() if self.lines[-1].startswith(">") else "")
        self.lines.append(f"{mark}{self.marker}{line}")
        self.marker, self.wants_margin, self.blank_lines = "", False, 0


def _tidy(line: str) -> str:
    """Single spaces, none beside a tab and none at the ends."""
    cells = [_SPACE.sub(" ", cell).strip() for cell in line.split("\t")]
    return "\t".join(cells).strip()


def _walk(root: LexborNode, *, page: _Page) -> None:
    opened: list[_Frame] = []
    node: LexborNode | None = root
    while node is not None:
        frame = _enter(node, page=page)
        if frame is not None:
            opened.append(frame)
            if node.first_child is not None:
                node = node.first_child
                continue
            _leave(opened.pop(), page=page)
        while node is not None and node.next is None:
            if not opened:
                return
            frame = opened.pop()
            node = frame.node
            _leave(frame, page=page)
        node = node.next if node is not None else None


def _enter(node: LexborNode, *, page: _Page) -> _Frame | None:
    """Write what stands at the beginning of a node; None where nothing in it is shown."""
    if node.is_text_node:
        page.meet(node.text_content or "")
        return None
    tag = node.tag or ""
    if tag in _DROPPED:
        return None
    attributes = node.attributes if node.is_element_node else {}
    style = read_style(attributes.get("style") or "")
    if "hidden" in attributes or is_hidden(style):
        return None
    if tag == "br":
        page.break_line()
        return None
    if tag == "img":
        page.picture = attributes.get("alt") or ""
        return None
    frame = _Frame(node, tag, page.quotes, page.keeps_space, page.has_no_size, page.met)
    if tag in _BLOCKS:
        page.end_line()
    _open(tag, page=page)
    if attributes:
        _open_styled(node, attributes, page=page)
    page.has_no_size = _has_no_size(tag, attributes, style=style, page=page)
    return frame


def _has_no_size(tag: str, attributes: dict[str, str | None], *, style: dict[str, str], page: _Page) -> bool:
    """A container of no size shows what has one: by a style, perhaps by a class, or as a table in HTML without a doctype."""
    said = has_no_size(style)
    if said is None:
        return page.has_no_size and tag != "table" and attributes.keys().isdisjoint(("class", "id", "size"))
    return said


def _open(tag: str, *, page: _Page) -> None:
    if tag in _WITH_MARGIN and not page.lists:
        page.wants_margin = True
    if tag in ("td", "th") and any(word.strip() for word in page.words):
        page.words.append("\t")
    elif tag in ("ul", "ol"):
        page.lists += 1
    elif tag == "li":
        page.marker = "- "
    elif tag == _LINK:
        page.picture = ""
    elif tag == "blockquote":
        page.quotes += 1
    elif tag == "pre":
        page.keeps_space = True


def _open_styled(node: LexborNode, attributes: dict[str, str | None], *, page: _Page) -> None:
    style = attributes.get("style") or ""
    if style and _KEEPS_SPACE.search(style):
        page.keeps_space = True
    if _is_quote(node, (attributes.get("class") or "").split(), page=page):
        page.quotes += 1
    if page.written and (attributes.get("id") in _OUTLOOK_IDS or _OUTLOOK_RULE.search(style)):
        page.quotes_rest = True  # with nothing above it, it is a mail that was sent on


def _is_quote(node: LexborNode, classes: list[str], *, page: _Page) -> bool:
    """Whether a mail program's box is the quote itself; most hold a <blockquote>, after who wrote when."""
    if page.quotes or page.has_inner_quotes or _QUOTE_CLASSES.isdisjoint(classes):
        return False
    page.has_inner_quotes = node.css_first("blockquote, .gmail_attr") is not None
    return not page.has_inner_quotes


def _leave(frame: _Frame, *, page: _Page) -> None:
    if frame.tag == _LINK and page.met == frame.met:
        page.write(page.picture or f" {_address(frame.node)} ")
    if frame.tag in _BLOCKS:
        page.end_line()
    if frame.tag in ("ul", "ol"):
        page.lists -= 1
    if frame.tag == "li":
        page.marker = ""
    if frame.tag in _WITH_MARGIN and not page.lists:
        page.wants_margin = True
    page.quotes, page.keeps_space, page.has_no_size = frame.quotes, frame.keeps_space, frame.has_no_size


def _address(link: LexborNode) -> str:
    address = link.attributes.get("href") or ""
    return address if address.startswith(("http://", "https://")) and len(address) <= MAX_LINK else ""
