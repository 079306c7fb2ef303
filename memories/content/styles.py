"""Arrive: what a style attribute says of whether a reader sees an element.

Styles in a sheet are not read: mails carry theirs in the elements, as mail programs drop sheets.
"""

import re
from collections.abc import Mapping
from typing import Final

_ZERO: Final = re.compile(r"[+-]?(?:0+\.?0*|\.0+)(?:[a-z]+|%)?")
_RELATIVE: Final = re.compile(r"[\d.]+(?:em|ex|ch|%)|smaller|larger|inherit|unset")
_SHORTHAND_SIZE: Final = re.compile(r"(?:^|\s)([\d.]+(?:[a-z]+|%)?)(?=[\s/])")
_SHOWN_LATER: Final = ("animation", "transform", "transition", "will-change")
_MAKES_ROOM: Final = ("min-height", "padding", "padding-bottom", "padding-top")


def read_style(style: str) -> dict[str, str]:
    """The declarations of a style attribute in small letters; the last of a name holds."""
    pairs = (declaration.lower().partition(":") for declaration in style.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def is_hidden(style: Mapping[str, str]) -> bool:
    """Whether nothing in the element is seen.

    `mso-hide:all` is no sign: it hides from Outlook alone, and stands on buttons that all others show.
    """
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if _is_zero(style.get("opacity")):
        return not any(name.endswith(_SHOWN_LATER) for name in style)
    is_low = _is_zero(style.get("max-height")) or _is_zero(style.get("height"))
    is_cut = any(style.get(name, "").startswith("hidden") for name in ("overflow", "overflow-y"))
    return is_low and is_cut and all(map(_is_zero, " ".join(style.get(name, "") for name in _MAKES_ROOM).split()))


def has_no_size(style: Mapping[str, str]) -> bool | None:
    """Whether letters in the element have the size 0; None where the style leaves that to what is around it."""
    size = style.get("font-size") or _size_in_shorthand(style.get("font", ""))
    if _is_zero(size):
        return True
    return None if not size or _RELATIVE.fullmatch(size) else False


def _size_in_shorthand(font: str) -> str:
    match = _SHORTHAND_SIZE.search(font)
    return match[1] if match else ""


def _is_zero(value: str | None) -> bool:
    return value is not None and _ZERO.fullmatch(value) is not None
