"""Arrive: the YAML block at the head of a note, read as plain text."""

from dataclasses import dataclass
from typing import Final

import yaml

from memories.importers.prose import plain_links

NULL: Final = "tag:yaml.org,2002:null"
MAX_BLOCK: Final = 65_536  # characters; PyYAML reads some 100,000 a second


class FrontMatterError(Exception):
    """The block between the two --- lines is not YAML."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The texts under each key, in the order they stand, keys in lower case,
    links between notes as plain words."""

    values: dict[str, tuple[str, ...]]

    def first(self, *keys: str) -> str:
        """Answer the first text under the first of these keys that has one, or ''."""
        texts = (text for key in keys for text in self.values.get(key, ()))
        return next(texts, "")

    def all(self, key: str) -> tuple[str, ...]:
        """Answer every text under a key: the items of a list, or the one value."""
        return self.values.get(key, ())


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Part a note into its front matter (empty where there is none) and its body.

    Raises:
        FrontMatterError: there is a block and it is broken.
    """
    nothing = FrontMatter({})
    opening, _, rest = text.partition("\n")
    if opening.rstrip() != "---":
        return nothing, text
    lines = rest.split("\n")
    closing = next(
        (place for place, line in enumerate(lines) if line.rstrip() in ("---", "...")),
        None,
    )
    if closing is None:
        return nothing, text
    node = _compose("\n".join(lines[:closing]))
    if node is not None and not isinstance(node, yaml.MappingNode):
        return nothing, text  # a note that begins with a ruled line
    values = _texts_by_key(node) if node else {}
    return FrontMatter(values), "\n".join(lines[closing + 1 :])


def _compose(block: str) -> yaml.Node | None:
    """Parse without building values: a date or a number stays as it was written.

    It also keeps away from what SafeLoader makes of hostile input (an alias bomb, or
    ValueError, KeyError and IndexError on tagged scalars).
    """
    if len(block) > MAX_BLOCK:
        raise FrontMatterError(f"it is longer than {MAX_BLOCK} characters")
    try:
        return yaml.compose(block, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 2}" if error.problem_mark else ""
        raise FrontMatterError(f"{error.problem}{line}") from None
    except yaml.YAMLError:
        raise FrontMatterError("it holds a character that YAML forbids") from None
    except RecursionError:
        raise FrontMatterError("it is nested too deep") from None


def _texts_by_key(node: yaml.MappingNode) -> dict[str, tuple[str, ...]]:
    return {
        key.value.strip().lower(): tuple(_texts(value)) for key, value in node.value if isinstance(key, yaml.ScalarNode)
    }


def _texts(node: yaml.Node) -> list[str]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    scalars = [item for item in items if isinstance(item, yaml.ScalarNode)]
    texts = [plain_links(item.value).strip() for item in scalars if item.tag != NULL]
    return [text for text in texts if text]
