"""Demo person: reads the text material that sentences are made of.

Material is a `.txt` file of sections. `== name` opens a section, each line in it is one
way to say it. In a line `[a|b]` is a choice, `{name}` a value, a person or another
section, `{=name}` the same each time, `{gbp:20-90}` and `{n:3-9}` numbers, `{*4 name}`
four different lines of a list, and `\\n` a line break. `[1#a|b]` and a later `[1#c|d]`
go together. Guards keep a line or an option to the days it fits: `@dog @!summer Otto …`.
"""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Choice", "Grammar", "Line", "Pieces", "Slot", "load_grammar", "sentences"]

TEXTS: Final = Path(__file__).with_name("texts")
LONG_SENTENCE: Final = 6  # words; shorter ones may come back

TOKEN: Final = re.compile(r"[\[\]|]|\{[^{}]+\}|[^\[\]|{}]+")
SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')]*\s+|\n+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to be filled from a value, a person, a section or a range of numbers."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several texts; choices of one `link` take the option of the same place."""

    options: list["Line"]
    link: str = ""


Pieces = list[str | Slot | Choice]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One way to say something, on days that have every `needs` and no `bars`."""

    needs: frozenset[str]
    bars: frozenset[str]
    pieces: Pieces

    def fits(self, facts: Set[str]) -> bool:
        """Tell whether the line can be said on a day with these facts."""
        return self.needs <= facts and self.bars.isdisjoint(facts)


Grammar = Mapping[str, list[Line]]


def load_grammar() -> Grammar:
    """Read every section of the text material."""
    sections: dict[str, list[Line]] = {}
    for path in sorted(TEXTS.glob("say_*.txt")):
        section = ""
        for raw in path.read_text(encoding="utf-8").splitlines():
            if raw.startswith("== "):
                section = raw[3:].strip()
                sections.setdefault(section, [])
            elif raw.strip() and not raw.startswith("#"):
                sections[section].append(read_line(raw))
    return sections


def read_line(raw: str) -> Line:
    """Read one line of material: its guards, then its text."""
    tokens = iter(TOKEN.findall(raw.strip().replace("\\n", "\n")))
    return _guarded(_read_pieces(tokens)[0])


def _guarded(pieces: Pieces) -> Line:
    """Take the guards off the front of a line or an option."""
    guards: list[str] = []
    first = pieces[0] if pieces else ""
    while isinstance(first, str) and first.startswith("@"):
        guard, _, first = first.partition(" ")
        guards.append(guard[1:])
        pieces = [first, *pieces[1:]] if first else pieces[1:]
    return Line(
        needs=frozenset(guard for guard in guards if not guard.startswith("!")),
        bars=frozenset(guard[1:] for guard in guards if guard.startswith("!")),
        pieces=pieces,
    )


def _read_pieces(tokens: Iterator[str]) -> tuple[Pieces, str]:
    """Read up to the token that ends these pieces ('' at the end of the line)."""
    pieces: Pieces = []
    for read in tokens:
        if read == "[":
            pieces.append(_read_choice(tokens))
        elif read in ("|", "]"):
            return pieces, read
        elif read.startswith("{"):
            pieces.append(Slot(read[1:-1]))
        else:
            pieces.append(read)
    return pieces, ""


def _read_choice(tokens: Iterator[str]) -> Choice:
    options: list[Pieces] = []
    link, ended_by = "", "|"
    while ended_by == "|":
        pieces, ended_by = _read_pieces(tokens)
        options.append(pieces)
    first = options[0][0] if options[0] else ""
    if isinstance(first, str) and first[1:2] == "#":
        link, options[0] = first[0], [first[2:], *options[0][1:]]
    return Choice([_guarded(option) for option in options], link)


def sentences(text: str) -> list[str]:
    """Split a text into its sentences of more than six words, quoted lines left out."""
    own = "\n".join(line for line in text.splitlines() if not line.startswith(">"))
    parts = SENTENCE_END.split(own)
    return [part.strip().lower() for part in parts if len(part.split()) > LONG_SENTENCE]
