"""Related: a text as detection reads it: what was written, without what the mail programs added, and the marks that tell texts apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from graph.detection.base import Telling
from memories.extraction.lexicon import MONTHS, STOP_WORDS, WEEKDAYS, words_of

_EPOCH = date(1970, 1, 1)
LONGEST = 20_000  # characters of a text that are compared

# A number that stands in words tells two notes apart as one in digits does; "one" is a pronoun too often.
NUMBER_WORDS = words_of(
    "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty hundred"
    " first second third fourth fifth sixth"
)
# Those that are also words of other meaning count only where they are written as names are.
_CALENDAR = MONTHS | WEEKDAYS
_DATE_WORDS = _CALENDAR - words_of("may march mar dec sat sun mon wed")
_NO_NAMES = STOP_WORDS - _CALENDAR
_MONTH_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}

_PREFIX = re.compile(r"^(?:[ \t]*(?:re|fwd?|aw|wg)[ \t]*:)+[ \t]*", re.IGNORECASE | re.MULTILINE)
_FORWARD = re.compile(
    r"^[ \t]*(?:-{2,20} ?(?:forwarded|original) message ?-{2,20}|begin forwarded message:)[ \t]*$", re.I | re.M
)
_FORWARD_TITLE = re.compile(r"\s*(?:fwd?|wg)\s*:", re.IGNORECASE)
_HEADERS = re.compile(r"\A\s*(?:(?:from|to|cc|date|sent|subject|reply-to)\s*:.*\n)+", re.IGNORECASE)
_QUOTED = re.compile(r"^[ \t]*>+ ?", re.MULTILINE)
_WROTE = re.compile(r"^On .{4,80} wrote:[ \t]*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?$|^Sent from my .*$", re.MULTILINE)
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-ÞŠŽ][^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;…\n\"“”(]\s*[\"'“‘(]?\s*$")
_SHORT_LEAD = 12  # words that a forwarder may put above without making it a text of their own

_AMOUNT = re.compile(
    r"(?P<before>[£€$]|\b(?:EUR|GBP|USD|CHF)\b)\s?(?P<sum>\d[\d,.' ]{0,14}\d|\d)|(?<![\d,.])(?P<sum2>\d[\d,.']{0,14}\d)\s?(?P<after>[£€$]|\b(?:EUR|GBP|USD|CHF|euros?|pounds|dollars)\b)"
)
_REFERENCE = re.compile(
    r"\b[A-Z]{1,5}[-/]?\d{4,}\b"
    r"|\b(?i:order|booking|reservation|reference|ref|invoice|ticket|number|no|nr)\b[.:#]?\s*(?:no\.?\s*)?#?\s*(?P<digits>\d{4,})\b"
    r"|(?<!\w)#(?P<hash>\d{4,})\b"
    r"|\b(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d[A-Z0-9]*\d)[A-Z0-9]{6}\b"
)
_URL = re.compile(r"https?://(?:www\.)?([^\s/?#<>\"')]+/[^\s?#<>\"')]+)", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^\s<>@]{6,}@[^\s<>@]+)>")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_DAY_MONTH = re.compile(
    r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>[A-Z][a-z]{2,8})\b|\b(?P<m2>[A-Z][a-z]{2,8})\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?\b"
)
_CURRENCIES = {"£": "gbp", "€": "eur", "$": "usd", "euro": "eur", "euros": "eur", "pounds": "gbp", "dollars": "usd"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text says: `plain` in lower case with single spaces, its distinct words, and the marks that tell it from a look-alike."""

    plain: str
    words: frozenset[str]
    numbers: tuple[str, ...]  # in order of writing, as often as written
    dates: frozenset[str]
    names: frozenset[str]
    is_forward: bool = False


def whole(telling: Telling) -> str:
    """Title and content together."""
    return f"{telling.title}\n{telling.content}" if telling.title else telling.content


def strip_wrapping(text: str) -> str:
    """The author's own text: without Re: and Fwd:, signature, quoted lines and the head of a forwarded mail.

    A text that consists of nothing but quoted lines is kept, without the marks.
    """
    text = text[: 2 * LONGEST].replace("\r\n", "\n")
    lead, *rest = _FORWARD.split(text, maxsplit=1)
    if rest:
        body = _HEADERS.sub("", rest[0])
        text = body if len(lead.split()) <= _SHORT_LEAD else f"{lead}\n{body}"
    text = _SIGNATURE.split(text, maxsplit=1)[0] or text
    own = "\n".join(line for line in text.splitlines() if not _QUOTED.match(line))
    own = _WROTE.sub("", own)
    text = own if own.strip() else _QUOTED.sub("", text)
    return _PREFIX.sub("", text)


def read_plain(text: str) -> str:
    """The words of a text as it was stored: in lower case, with single spaces, without wrapping and punctuation."""
    return " ".join(_WORD.findall(_lower(strip_wrapping(text))))[:LONGEST]


def _lower(own: str) -> str:
    return own.replace("&", " and ").casefold().replace("’", "'")


def read_wording(text: str) -> Wording:
    """The wording of a text as it was stored."""
    own = strip_wrapping(text)
    lower = _WORD.findall(_lower(own))
    names = _names(own)
    words = frozenset(singular(word) for word in lower if not word[0].isdigit())
    return Wording(
        plain=" ".join(lower)[:LONGEST],
        words=words,
        numbers=tuple(
            canonical_number(word) if word[0].isdigit() else word
            for word in lower
            if word[0].isdigit() or word in NUMBER_WORDS
        ),
        dates=frozenset(word[:3] for word in (words & _DATE_WORDS) | (names & _CALENDAR)),
        names=names,
        is_forward=bool(_FORWARD.search(text[:LONGEST]) or _FORWARD_TITLE.match(text)),
    )


def _names(own: str) -> frozenset[str]:
    """Words with a capital that do not stand where a sentence starts."""
    return frozenset(
        singular(word)
        for match in _CAPITAL.finditer(own)
        if (word := match.group().casefold().replace("’", "'")) not in _NO_NAMES
        and match.start()
        and not _SENTENCE_END.search(own[max(0, match.start() - 4) : match.start()])
    )


def canonical_number(written: str) -> str:
    """A number as one writes it, as one compares it: 41,300 = 41300, 12,50 = 12.50, 7.00 = 7, 09 = 9."""
    number = re.sub(r",(?=\d{3}(?!\d))", "", written).replace(",", ".")
    if number.count(".") == 1:
        number = re.sub(r"\.0+$", "", number)
    return number.lstrip("0") or "0"


def tokens(text: str) -> frozenset[str]:
    """The distinct words and numbers of a text, singular for plural, without the words that say nothing."""
    found = (match.group().casefold().replace("’", "'") for match in _WORD.finditer(text[:LONGEST].replace("_", " ")))
    return frozenset(singular(word) for word in found if word not in STOP_WORDS)


def singular(word: str) -> str:
    """Roughly: without the s of the plural or of the genitive."""
    if word[-1] != "s":
        return word
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=1024)  # each text is asked for its keys several times within a portion
def strong_keys(text: str) -> frozenset[str]:
    """Marks that two reports of one event share and others do not: "ref:", "sum:", "url:" and "id:" keys.

    A sum counts only where it is exact: with a currency and with cents, or of four digits at least.
    """
    keys = {f"url:{match[1].casefold().rstrip('/.,;')}" for match in _URL.finditer(text)}
    keys |= {f"id:{match[1].casefold()}" for match in _MESSAGE_ID.finditer(text)}
    keys |= {f"ref:{_reference(match)}" for match in _REFERENCE.finditer(text.replace("_", " "))}
    return frozenset(keys | {f"sum:{amount}" for amount in amounts(text)})


def _reference(match: re.Match[str]) -> str:
    written = match["digits"] or match["hash"] or match.group()
    return re.sub(r"[-/]", "", written).casefold()


def amounts(text: str) -> frozenset[str]:
    """The exact sums of money in a text, as "181.76 gbp"."""
    found = set()
    for match in _AMOUNT.finditer(text):
        number = _money(match["sum"] or match["sum2"])
        sign = (match["before"] or match["after"]).casefold()
        if number:
            found.add(f"{number} {_CURRENCIES.get(sign, sign)}")
    return frozenset(found)


def _money(written: str) -> str | None:
    """The sum with two decimals, None for a round one of under four digits."""
    digits = re.sub(r"[ ']", "", written)
    exact = re.fullmatch(r"([\d.,]*?)[.,](\d\d)", digits)
    pounds, cents = (exact[1], exact[2]) if exact else (digits, "00")
    pounds = re.sub(r"[.,]", "", pounds).lstrip("0") or "0"
    return f"{pounds}.{cents}" if exact or len(pounds) >= 4 else None


def named_days(text: str, *, near: int) -> frozenset[int]:
    """The days that a text names by date; a date without a year is the one nearest to the day `near`."""
    found = [_day(int(match[1]), int(match[2]), int(match[3])) for match in _ISO_DAY.finditer(text)]
    for match in _DAY_MONTH.finditer(text):
        month = _MONTH_NUMBERS.get((match["m"] or match["m2"])[:3].casefold())
        if month:
            found.append(_nearest(month, int(match["d"] or match["d2"]), near=near))
    return frozenset(day for day in found if day is not None)


def _nearest(month: int, day: int, *, near: int) -> int | None:
    year = (_EPOCH + timedelta(days=near)).year
    days = [found for y in (year - 1, year, year + 1) if (found := _day(y, month, day)) is not None]
    return min(days, key=lambda found: (abs(found - near), found), default=None)


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day) - _EPOCH).days
    except ValueError:
        return None


def unmatched(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What the one has oftener than the other."""
    rest = list(theirs)
    lacking = []
    for found in mine:
        if found in rest:
            rest.remove(found)
        else:
            lacking.append(found)
    return lacking
