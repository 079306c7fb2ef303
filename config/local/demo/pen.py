"""Demo person: writes from the material, so that no sentence is seen again and again."""

import random
from bisect import bisect
from collections import Counter, deque
from collections.abc import Mapping, Set
from itertools import accumulate
from typing import Final

from config.local.demo.grammar import Choice, Grammar, Line, Pieces, Slot, sentences
from config.local.demo.people import CAST, name_in_passing

__all__ = ["Pen"]

MANY_REPEATS: Final = 99
MAX_TRIES: Final = 40
FEW_TRIES: Final = 6
ENOUGH: Final = 3  # times a long sentence may be said
ODDS: Final = tuple((1 + used) ** -3.0 for used in range(4000))


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
        best, repeats = "", MANY_REPEATS
        for tries in range(MAX_TRIES):
            text = Speech(self, facts=facts, values=values or {}).say(section)
            most = max((self.said[said] for said in sentences(text)), default=0)
            if most < repeats:
                best, repeats = text, most
            if repeats == 0 or (repeats < ENOUGH and tries >= FEW_TRIES):
                break
        self.remember(best)
        return best

    def remember(self, text: str) -> None:
        """Count the sentences of a text that was written."""
        self.said.update(sentences(text))

    def knows(self, section: str) -> bool:
        """Tell whether there is material of this name."""
        return section in self.grammar

    def fitting(self, section: str, *, facts: Set[str]) -> list[Line]:
        """List the lines of a section that fit.

        Raises:
            LookupError: when there is none.
        """
        lines = [line for line in self.grammar[section] if line.fits(facts)]
        if not lines:
            raise LookupError(f"nothing to say about {section}")
        return lines

    def pick_line(self, section: str, *, facts: Set[str]) -> Line:
        """Pick among the less used lines that fit, none that was just used."""
        lines = self.fitting(section, facts=facts)
        recent = self.recent.setdefault(section, deque(maxlen=len(lines) * 2 // 5))
        fresh = [line for line in lines if id(line) not in recent]
        line = self.pick(fresh or lines)
        recent.append(id(line))
        return line

    def pick_lines(self, section: str, count: int, *, facts: Set[str]) -> list[Line]:
        """Pick different lines, in the order of the material."""
        left = self.fitting(section, facts=facts)
        order = {id(line): place for place, line in enumerate(left)}
        picked: list[Line] = []
        for _ in range(min(count, len(left))):
            line = self.pick(left)
            left = [other for other in left if other is not line]
            picked.append(line)
        return sorted(picked, key=lambda line: order[id(line)])

    def pick(self, lines: list[Line]) -> Line:
        """Pick one of the less used lines, and count it as used."""
        line = self._rarest(lines)
        self.used[id(line)] += 1
        return line

    def _rarest(self, items: list[Line]) -> Line:
        """Draw an item, one that was used k times at odds of 1 : (k + 1)^3."""
        if len(items) == 1:
            return items[0]
        used = self.used
        odds = list(accumulate([ODDS[used[id(item)]] for item in items]))
        return items[bisect(odds, self.rng.random() * odds[-1], 0, len(items) - 1)]


class Speech:
    """One text while it is being written: who was named in it, what was listed."""

    def __init__(self, pen: Pen, *, facts: Set[str], values: Mapping[str, str]) -> None:
        self.pen = pen
        self.facts = facts
        self.values = values
        self.named: set[str] = set()
        self.bound: dict[str, str] = {}
        self.linked: dict[str, int] = {}

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
            return self._render(self._option(piece).pieces)
        return self._slot(piece.name)

    def _option(self, choice: Choice) -> Line:
        if choice.link in self.linked:
            return choice.options[self.linked[choice.link] % len(choice.options)]
        option = self.pen.pick([o for o in choice.options if o.fits(self.facts)])
        if choice.link:
            self.linked[choice.link] = choice.options.index(option)
        return option

    def _slot(self, name: str) -> str:
        if name.startswith("^"):
            text = self._slot(name[1:])
            return text[:1].upper() + text[1:]
        if name.startswith("="):
            if name not in self.bound:
                self.bound[name] = self._slot(name[1:])
            return self.bound[name]
        if name.startswith("*"):
            return self._list(name[1:])
        return self._number(name) if ":" in name else self._named(name)

    def _named(self, name: str) -> str:
        """Look a name up: values first, then people, then sections."""
        if name in self.values:
            return self.values[name]
        return self._person(name) if name in CAST else self.say(name)

    def _list(self, order: str) -> str:
        """Make `4 section` into four different lines."""
        count, section = order.split()
        lines = self.pen.pick_lines(section, int(count), facts=self.facts)
        return "\n".join(self._render(line.pieces) for line in lines)

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
