"""Extraction's always-noticed topics: feasts, weather and days of the family, by the vocabulary of `observances.py`."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from memories.extraction.acquaintances import DONE_BY
from memories.extraction.candidates import is_owned, is_possessive
from memories.extraction.gazetteer import is_joint
from memories.extraction.gazetteer_words import FIRST_NAMES
from memories.extraction.lexicon import AMBIGUOUS, CALENDAR, MONTHS, PLACE_WORDS, PRONOUNS, STOP_WORDS, TITLES, words_of
from memories.extraction.observances import NOT_AFTER, NOT_BEFORE, SPELLINGS, Case, Spelling, head_of
from memories.extraction.words import Word

_SAINTS_DAY = re.compile(
    r"(?:st|saint)[. ] ?([^\W\d_]{3,})'?s?'?[ -]{1,2}(?:day|eve)(?![\w-])(?! (?:cent|nurs|school|care|surg))",
    re.IGNORECASE,
)
_AROUND_LENT = words_of("in for during of before after since until till through throughout over this next last from")
_AFTER_LENT = STOP_WORDS - PRONOUNS - {"the", "a", "an"}
_LENT_IS = words_of("begins began starts started ends ended is was has comes came again already day days term fast")
_PLACES = PLACE_WORDS - {"market"}
_BEFORE_FAMILY_NAMES = (TITLES | FIRST_NAMES) - AMBIGUOUS - MONTHS - {"father", "mother", "sister"}


@dataclass(frozen=True, slots=True)
class Noticed:
    """A topic of the vocabulary: words `first` to `last` (exclusive), characters `start` to `end` of the piece.

    `firm` ones are no name even if a model says so; the others give way to a name.
    """

    key: str
    first: int
    last: int
    start: int
    end: int
    firm: bool


@dataclass(frozen=True, slots=True)
class _Sight:
    """A spelling matched at words `first` to `last` (exclusive), not yet believed."""

    words: Sequence[Word]
    first: int
    last: int
    spelling: Spelling
    headline: bool

    @property
    def word(self) -> Word:
        return self.words[self.first]

    @property
    def before(self) -> Word | None:
        """The word directly before, with nothing but a space between."""
        return self.words[self.first - 1] if self.first and is_joint(self.word) else None

    @property
    def after(self) -> Word | None:
        """The word directly after, with nothing but a space or a possessive between."""
        follows = self.last < len(self.words) and self.words[self.last].gap in {" ", "'s "}
        return self.words[self.last] if follows else None


def notice(text: str, words: Sequence[Word], *, headline: bool = False) -> list[Noticed]:
    """What the vocabulary finds in a piece, left to right, without overlaps; a longer spelling goes first."""
    found: list[Noticed] = []
    free = 0
    for index, word in enumerate(words):
        spellings = _BY_HEAD.get(word.lower) or _BY_HEAD.get(_short(word.lower))
        if spellings is not None and index >= free:
            noticed = _notice_at(text, words, index, spellings=spellings, headline=headline)
            if noticed is not None:
                found.append(noticed)
                free = noticed.last
    return found


def _short(lower: str) -> str:
    return head_of(lower) if "-" in lower or "'" in lower else ""


def _notice_at(
    text: str,
    words: Sequence[Word],
    index: int,
    *,
    spellings: Iterable[tuple[re.Pattern[str], Spelling | None]],
    headline: bool,
) -> Noticed | None:
    start = words[index].start
    for pattern, known in spellings:
        match = pattern.match(text, start)
        if match is None:
            continue
        spelling = known or _saints_day(match[1])
        last = _word_after(words, index, match.end())
        if _is_meant(_Sight(words, index, last, spelling, headline)):
            return Noticed(spelling.key, index, last, start, match.end(), spelling.case is not Case.PLAIN)
    return None


def _saints_day(saint: str) -> Spelling:
    """Any saint's day: "St. George's day", "Saint Andrew's Eve"."""
    name = saint.lower()
    if name not in FIRST_NAMES and name.removesuffix("s") in FIRST_NAMES | {"valentine"}:
        name = name.removesuffix("s")
    return Spelling("valentine's day" if name == "valentine" else f"st {name}'s day", saint, Case.PROPER)


def _word_after(words: Sequence[Word], index: int, end: int) -> int:
    while index < len(words) and words[index].start < end:
        index += 1
    return index


def _is_meant(sight: _Sight) -> bool:
    """Whether the words around let it be the topic, and neither a name nor a verb."""
    key, before, after = sight.spelling.key, sight.before, sight.after
    if before is not None and before.lower in NOT_AFTER.get(key, ()):
        return False
    if after is not None and after.lower in NOT_BEFORE.get(key, ()):
        return False
    if _is_family_name(sight) or _is_place(sight):
        return False
    special = _SPECIAL.get(sight.spelling.text)
    return special(sight) if special else _BY_CASE[sight.spelling.case](sight)


def _is_family_name(sight: _Sight) -> bool:
    """Whether a title or a first name stands before it: "Captain Lent", "Bobby Valentine"."""
    before = sight.before
    if before is None or not before.capital or not sight.word.capital:
        return False
    return before.lower in _BEFORE_FAMILY_NAMES


def _is_place(sight: _Sight) -> bool:
    """Whether it gave a place its name: "Allhallows Church", "Midsummer Common"."""
    after = sight.after
    return after is not None and after.capital and not sight.headline and after.lower in _PLACES


def _is_proper(sight: _Sight) -> bool:
    return sight.word.capital and not (len(sight.word.text) > 1 and sight.word.text.isupper())


def _is_plain(sight: _Sight) -> bool:
    if not sight.word.capital:
        return True
    if not (sight.word.initial or sight.headline) or is_possessive(sight.words, sight.last - 1):
        return False
    return not _acts(sight)


def _acts(sight: _Sight) -> bool:
    """Whether what follows is what only people do: "Frost rang"."""
    return sight.after is not None and sight.after.lower in DONE_BY


def _is_lent(sight: _Sight) -> bool:
    """Whether "lent" is the fast and not what one did with the ladder."""
    before, after = sight.before, sight.after
    cued = before is not None and before.lower in _AROUND_LENT
    if not sight.word.capital:
        return cued and (after is None or after.lower in _AFTER_LENT)
    if cued:
        return True
    if sight.word.initial:
        return after is None or after.lower in _LENT_IS
    named = before is not None and before.capital and before.lower not in STOP_WORDS | CALENDAR
    return not sight.headline and not named


def _is_valentine(sight: _Sight) -> bool:
    """Whether it is the day, its card or one's sweetheart, and not somebody of that name."""
    if not sight.word.capital or is_owned(sight.words, sight.first):
        return True
    after = sight.after
    named = after is not None and after.capital and after.lower not in STOP_WORDS and not sight.headline
    return not named and not _acts(sight)


_BY_CASE: dict[Case, Callable[[_Sight], bool]] = {
    Case.ANY: lambda sight: True,
    Case.PROPER: _is_proper,
    Case.PLAIN: _is_plain,
}
_SPECIAL: dict[str, Callable[[_Sight], bool]] = {"lent": _is_lent, "valentine": _is_valentine}


def _by_head() -> dict[str, list[tuple[re.Pattern[str], Spelling | None]]]:
    heads: dict[str, list[tuple[re.Pattern[str], Spelling | None]]] = defaultdict(list)
    for spelling in sorted(SPELLINGS, key=lambda spelling: -len(spelling.text)):
        head = spelling.head
        for each in {head, head + "s"}:
            heads[each].append((spelling.compiled(), spelling))
    for saint in ("st", "saint"):
        heads[saint].append((_SAINTS_DAY, None))
    return dict(heads)


_BY_HEAD = _by_head()
