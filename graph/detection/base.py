"""Related: what detection sees and what it draws. Pure: texts and plain facts in, drawn lines with their evidence out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Telling:
    """A memory with its text: `day` since 1970-01-01, `minute` from local midnight (None: only the day is known).

    `content` is the text as it was stored, so that spans point into it; `entities` are canonical ids, rarest information first
    is not promised; `spans` are the places (start, end, entity id) of the mentions in `content`.
    """

    id: int
    day: int
    minute: int | None
    source: str
    title: str
    content: str
    author: str = ""
    entities: tuple[int, ...] = ()
    spans: tuple[tuple[int, int, int], ...] = ()
    participants: tuple[tuple[str, str], ...] = ()  # (name, address)

    @property
    def when(self) -> tuple[int, int, int]:
        """The order of memories: day, minute, id."""
        return (self.day, self.minute or 0, self.id)


@dataclass(frozen=True, slots=True)
class Line:
    """A relationship that detection draws: the earlier memory is `source`. `confidence` in 0..1; `reasoning` names no content."""

    source: int
    target: int
    type: str
    confidence: float
    method: str
    reasoning: str
    evidence: Mapping[str, object] = field(default_factory=dict)
