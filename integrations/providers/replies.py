"""Arrive: what a provider answered, read so that a cut or odd answer is never mistaken for an empty one.

A proxy that breaks off may deliver a 200 with no body, half a body or an error in place of the list that was asked for. Taken for
"nothing there" it would delete memories, so whatever a caller needs is asked for here and its absence is `ProviderUnavailable`.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from integrations.errors import ProviderUnavailable
from integrations.providers.base import Reply


def read_json(reply: Reply) -> dict[str, Any]:
    """The JSON object a reply holds.

    Raises:
        ProviderUnavailable: the body is empty, cut, not UTF-8, nested beyond reading, or no object.
    """
    if not reply.body.strip():
        raise ProviderUnavailable("the answer is empty")
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise ProviderUnavailable("the answer is cut or no JSON") from None
    if not isinstance(value, dict):
        raise ProviderUnavailable("the answer is no JSON object")
    return value


def read_list(obj: Mapping[str, Any], key: str, *, required: bool = True) -> list[dict[str, Any]]:
    """The list of objects under a key; with `required=False` an absent key (or null) is an empty list.

    Raises:
        ProviderUnavailable: it is missing and required, or something else than a list of objects.
    """
    value = obj.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ProviderUnavailable(f"the answer has no list of {key!r}")
    return value


def read_object(obj: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under a key.

    Raises:
        ProviderUnavailable: it is missing or something else.
    """
    value = obj.get(key)
    if not isinstance(value, dict):
        raise ProviderUnavailable(f"the answer has no object {key!r}")
    return value


def read_text(obj: Mapping[str, Any], key: str, *, required: bool = True) -> str:
    """The text under a key, not empty; with `required=False` an absent, null or empty one is ''.

    A number is refused: an id that travelled as one may have lost its last digits on the way.

    Raises:
        ProviderUnavailable: it is missing and required, or no text.
    """
    value = obj.get(key)
    if value in (None, "") and not required:
        return ""
    if not isinstance(value, str) or not value:
        raise ProviderUnavailable(f"the answer has no text {key!r}")
    return value


def quote_part(text: str) -> str:
    """Percent-encode a text to stand as one part of a path, "/" and dots included, so that it can name nothing but itself."""
    return quote(text, safe="").replace(".", "%2E") if text.strip(".") == "" else quote(text, safe="")
