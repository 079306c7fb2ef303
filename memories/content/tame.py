"""Arrive: HTML that is safe to parse and says the same.

HTML's own rules are quadratic in depth (100,000 open <div> take half a minute), in the attributes of a tag and in unclosed
<font>, which multiply in every paragraph. So the depth is bounded, over tags as HTML's tokenizer parts them
(html.spec.whatwg.org, 13.2.5): what stands in a comment, a script or a style opens nothing, and is not given on.
"""

import re
from collections import Counter
from typing import Final

MAX_DEPTH: Final = 256  # open elements; browsers stop at 512
MAX_TAG: Final = 4_000  # characters of a tag whose attributes are read

_NAME: Final = r"[a-z][^ \t\n\f/>]*+"
# A slash that closes the tag is left standing; one that ends a value without quotes is the value's.
_ATTRIBUTES: Final = r"""
    (?: [ \t\n\f]++ | /(?!>)
      | (?: =[^ \t\n\f/>=]*+ | [^ \t\n\f/>=]++ )
        (?: [ \t\n\f]*+ = [ \t\n\f]*+ (?: "[^"]*+" | '[^']*+' | [^ \t\n\f>"'][^ \t\n\f>]*+ | (?=>) ) )?+
    )*+"""
_TOKEN: Final = re.compile(
    rf"""
      <!--(?: -?> | .*?(?: --!?> | \Z ) )
    | (?P<other> <[!?][^>]*+ | </[^a-z][^>]*+ )
    | <(?P<unread> iframe | noframes | script | style | title )(?=[ \t\n\f/>]) {_ATTRIBUTES} > .*?
      (?: (?= </(?P=unread)[ \t\n\f/>] ) | \Z )
    | <(?P<slash> /? )(?P<name> {_NAME} )(?P<attributes> {_ATTRIBUTES} )(?P<closed> /(?=>) )?
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)

# The elements that HTML opens again after a block was closed inside them; as plain ones they cannot multiply.
_FORMATTING: Final = frozenset([
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
])  # fmt: skip
# Elements with rules of their own for what is a tag in them.
_WITH_OWN_RULES: Final = {
    "math": "span", "noembed": "div", "plaintext": "pre", "svg": "x-svg", "textarea": "div", "xmp": "pre",
}  # fmt: skip
RENAMED: Final = dict.fromkeys(_FORMATTING, "span") | _WITH_OWN_RULES | {"a": "x-link"}
# Elements that never stay open, or that the next of their kind closes.
_UNCOUNTED: Final = frozenset([
    "area", "base", "body", "br", "col", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link",
    "meta", "optgroup", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
])  # fmt: skip


def tame_html(html: str) -> str:
    """The same HTML with no more than `MAX_DEPTH` open elements, no endless tags, no stray end tags and no foreign elements.

    A tag that ends in "/>" opens and closes, as its author meant; HTML itself would leave it open. Links are named `RENAMED["a"]`.
    """
    return _TOKEN.sub(_Tamer(), html)


class _Tamer:
    """What stands for each token, which has its own ">" behind it unless it is a comment."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.depth = 0

    def __call__(self, token: re.Match[str]) -> str:
        if token["name"] is None:
            return token["other"] or "<!---->"
        written = token["name"].lower()
        name = RENAMED.get(written, written)
        attributes = token["attributes"] if len(token["attributes"]) <= MAX_TAG else ""
        if name in _UNCOUNTED:
            return f"<{token['slash']}{name}{attributes}"
        if token["slash"]:
            return f"</{name}" if self._close(name) else "<! "  # a comment that the tag's own ">" ends
        if token["closed"]:
            return f"<{name}{attributes}></{name}"
        return f"<{name}{attributes}" if self._open(name) else "<br"

    def _open(self, name: str) -> bool:
        if self.depth >= MAX_DEPTH:
            return False
        self.opened[name] += 1
        self.depth += 1
        return True

    def _close(self, name: str) -> bool:
        if not self.opened[name]:
            return False
        self.opened[name] -= 1
        self.depth -= 1
        return True
