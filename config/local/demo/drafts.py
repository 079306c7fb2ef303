"""Demo person: a memory before it has an id, and the marks that become the truth file."""

from dataclasses import dataclass, field
from datetime import date, datetime

from config.local.demo.people import Person

__all__ = ["Draft", "Mark", "Part"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Says that a memory belongs to a plant: `layer` and `key` name it.

    `role` is the memory's place in the plant (rule, noise, cause, effect, copy, …);
    `instance` numbers the occurrence where several memories make one.
    """

    layer: str
    key: str
    role: str = ""
    instance: int = 0


@dataclass(slots=True)
class Part:
    """Something to be said in the diary on a day; parts of one day share a note.

    `at` is (hour, minute) where the time of day matters; such a part stays alone.
    """

    day: date
    text: str
    marks: tuple[Mark, ...] = ()
    at: tuple[int, int] | None = None
    title: str = ""


@dataclass(slots=True, eq=False)
class Draft:
    """A memory before it has an id. Drafts are compared by identity."""

    when: datetime
    source: str
    content: str
    title: str = ""
    author: Person | None = None
    to: tuple[Person, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    answers: "Draft | None" = None
    metadata: dict[str, object] = field(default_factory=dict)
    external_id: str = ""
    thread_id: str = ""
    message_id: str = ""
    account_name: str = ""
