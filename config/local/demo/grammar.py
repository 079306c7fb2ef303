"""Demo person: turns text material into sentences that are not said twice.

Material is a `.txt` file of sections. `== name` opens a section, each line in it is one
way to say it. In a line `[a|b]` is a choice, `{name}` a value, a person or another
section, `{gbp:20-90}` and `{n:3-9}` numbers, `{*4 name}` four different list lines, and
`\\n` a line break. Guards keep a line to the days it fits: `@dog @!summer Otto …`.
"""

import random
import re
from bisect import bisect
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, TypeVar

from config.local.demo.people import CAST, name_in_passing

__all__ = ["Grammar", "Pen", "load_grammar", "sentences"]

TEXTS: Final = Path(__file__).with_name("texts")
LONG_SENTENCE: Final = 6  # words; shorter ones may come back
MOST_REPEATS: Final = 2
MAX_TRIES: Final = 10

TOKEN: Final = re.compile(r"[\[\]|]|\{[^{}]+\}|[^\[\]|{}]+")
SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')]*\s+|\n+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to be filled from a value, a person, a section or a range of numbers."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several texts."""

    options: list["Pieces"]


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
T = TypeVar("T")


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
    words = raw.strip().split(" ")
    guards = []
    while words and words[0].startswith("@"):
        guards.append(words.pop(0)[1:])
    text = " ".join(words).replace("\\n", "\n")
    return Line(
        needs=frozenset(guard for guard in guards if not guard.startswith("!")),
        bars=frozenset(guard[1:] for guard in guards if guard.startswith("!")),
        pieces=_read_pieces(iter(TOKEN.findall(text)))[0],
    )


def _read_pieces(tokens: Iterator[str]) -> tuple[Pieces, str]:
    """Read up to the token that ends these pieces ('' at the end of the line)."""
    pieces: Pieces = []
    for token in tokens:
        if token == "[":
            pieces.append(_read_choice(tokens))
        elif token in ("|", "]"):
            return pieces, token
        elif token.startswith("{"):
            pieces.append(Slot(token[1:-1]))
        else:
            pieces.append(token)
    return pieces, ""


def _read_choice(tokens: Iterator[str]) -> Choice:
    options: list[Pieces] = []
    ended_by = "|"
    while ended_by == "|":
        pieces, ended_by = _read_pieces(tokens)
        options.append(pieces)
    return Choice(options)


def sentences(text: str) -> list[str]:
    """Split a text into its sentences of more than six words, lower case."""
    parts = SENTENCE_END.split(text.replace("> ", ""))
    return [
        part.strip().lower() for part in parts if len(part.split()) > LONG_SENTENCE
    ]


class Pen:
    """Writes from the material, the least used lines first, no long sentence thrice."""

    def __init__(self, *, grammar: Grammar, rng: random.Random) -> None:
        self.grammar = grammar
        self.rng = rng
        self.used: Counter[int] = Counter()
        self.said: Counter[str] = Counter()
        self.recent: dict[str, deque[int]] = {}

    def write(
        self,
        section: str,
        *,
        facts: Set[str],
        values: Mapping[str, str] | None = None,
    ) -> str:
        """Say something from a section that fits the facts of the day.

        Raises:
            LookupError: when no line of the section fits.
        """
        best, repeats = "", MOST_REPEATS + 99
        for _ in range(MAX_TRIES):
            text = Speech(self, facts=facts, values=values or {}).say(section)
            most = max((self.said[said] for said in sentences(text)), default=0)
            if most < repeats:
                best, repeats = text, most
            if most == 0:
                break
        self.remember(best)
        return best

    def remember(self, text: str) -> None:
        """Count the sentences of a text that was written."""
        self.said.update(sentences(text))

    def knows(self, section: str) -> bool:
        """Tell whether there is material of this name."""
        return section in self.grammar

    def pick_line(self, section: str, *, facts: Set[str]) -> Line:
        """Pick among the least used lines that fit, and count it as used."""
        lines = [line for line in self.grammar[section] if line.fits(facts)]
        if not lines:
            raise LookupError(f"nothing to say about {section}")
        recent = self.recent.setdefault(section, deque(maxlen=len(lines) * 2 // 5))
        fresh = [line for line in lines if id(line) not in recent]
        line = self._rarest(fresh or lines)
        self.used[id(line)] += 1
        recent.append(id(line))
        return line

    def pick_option(self, choice: Choice) -> Pieces:
        """Pick among the least used options of a choice, and count it as used."""
        option = self._rarest(choice.options)
        self.used[id(option)] += 1
        return option

    def _rarest(self, items: list[T]) -> T:
        """Draw an item, one that was used k times at odds of 1 : (k + 1)^3."""
        if len(items) == 1:
            return items[0]
        used = self.used
        odds = list(accumulate(1 / (1 + used[id(item)]) ** 3 for item in items))
        return items[bisect(odds, self.rng.random() * odds[-1], 0, len(items) - 1)]


class Speech:
    """One text while it is being written: who was named in it, what was listed."""

    def __init__(
        self, pen: Pen, *, facts: Set[str], values: Mapping[str, str]
    ) -> None:
        self.pen = pen
        self.facts = facts
        self.values = values
        self.named: set[str] = set()

    def say(self, section: str) -> str:
        """Say one line of a section."""
        line = self.pen.pick_line(section, facts=self.facts)
        return self._render(line.pieces)

    def _render(self, pieces: Pieces) -> str:
        """Put pieces together; two choices that are sentences get a stop between."""
        text = ""
        for place, piece in enumerate(pieces):
            said = self._piece(piece)
            if isinstance(piece, Choice) and self._ends_open(text, pieces, place):
                text = text[:-1] + (". " if said[:1].isupper() else " ")
            text += said
        return text

    def _ends_open(self, text: str, pieces: Pieces, place: int) -> bool:
        """Tell whether a choice comes right after another that ends without a stop."""
        follows = place > 1 and isinstance(pieces[place - 2], Choice)
        return follows and pieces[place - 1] == " " and text[-2:-1].isalnum()

    def _piece(self, piece: str | Slot | Choice) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, Choice):
            return self._render(self.pen.pick_option(piece))
        return self._slot(piece.name)

    def _slot(self, name: str) -> str:
        if name.startswith("^"):
            text = self._slot(name[1:])
            return text[:1].upper() + text[1:]
        if name.startswith("*"):
            return self._list(name[1:])
        if ":" in name:
            return self._number(name)
        if name in self.values:
            return self.values[name]
        if name in CAST:
            return self._person(name)
        return self.say(name)

    def _list(self, order: str) -> str:
        """Make `4 section` into four different lines."""
        count, section = order.split()
        lines: list[str] = []
        for _ in range(int(count) * 3):
            text = self.say(section)
            if text not in lines:
                lines.append(text)
            if len(lines) == int(count):
                break
        return "\n".join(lines)

    def _number(self, order: str) -> str:
        """Make `n:3-9` a number, `gbp:20-90` an amount of money."""
        kind, limits = order.split(":")
        low, high = (int(limit) for limit in limits.split("-"))
        number = self.pen.rng.randint(low, high)
        if kind == "gbp":
            return f"£{number:,}.{self.pen.rng.randrange(100):02d}"
        return str(number)

    def _person(self, key: str) -> str:
        """Name somebody: any way the first time, the usual way from then on."""
        if key in self.named:
            return next(iter(CAST[key].forms))
        self.named.add(key)
        return name_in_passing(CAST[key], rng=self.pen.rng)
