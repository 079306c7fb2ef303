"""Related: near duplicates. The same text told twice, but for typing errors, quotation and forwarding.

Signatures (MinHash of character shingles, Broder 1997) find the candidates; a pair is judged by likeness, by what tells it apart
(other numbers, dates or names are other events, however alike the words) and by how much a coincidence would take.
"""

import hashlib
import math
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from graph.detection.base import Line, Telling
from graph.detection.statistics import Statistics
from graph.detection.text import Wording, read_plain, read_wording, unmatched
from memories.extraction.lexicon import STOP_WORDS

VERSION = 2
PERMUTATIONS = 64
ROWS = 3  # of a band: 21 bands find 87 % of the pairs with Jaccard .45 and 99 % of those with .6
BANDS = PERMUTATIONS // ROWS
SHORT, LONG = 4, 8  # characters of a shingle: any two long texts share most of their short ones
LONG_FROM, SHORT_TO = 200, 300  # characters of a text; in between it is signed both ways, so that copies meet
CLOSE_DAYS = 3  # a copy is made soon; later, the words must be too many for a coincidence
FAR_INFORMATION = 40 * math.log(2)  # nats
FEWEST_WORDS = 4
LEAST_LIKENESS = 0.8  # below it no weight below lets a pair pass
LEAST_CONFIDENCE = 0.5

# Logistic weights, fitted by maximum likelihood (ridge 1) to the candidate pairs of the synthetic users 0-19 of benchmarks/duplicates.py.
INTERCEPT = -38.59
WEIGHTS = {"likeness": 48.03, "missing": -2.97, "replaced": -17.13, "days": -2.07}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are: `likeness` in 0..1, information in nats; `replaced` = said otherwise in both."""

    likeness: float
    shared: float
    missing: float
    replaced: float
    days: int

    @property
    def confidence(self) -> float:
        """The probability that one is a copy of the other."""
        score = INTERCEPT + sum(WEIGHTS[name] * value for name, value in self.features().items())
        return 1 / (1 + math.exp(-score))

    def features(self) -> dict[str, float]:
        """What the logistic weighs."""
        return {
            "likeness": self.likeness,
            "missing": self.missing / (self.shared + self.missing + 1),
            "replaced": self.replaced / (self.shared + self.replaced + 1),
            "days": math.log1p(self.days),
        }


def _draw(count: int) -> npt.NDArray[np.uint64]:
    """Constants drawn from a hash: signatures are stored, so that no library may ever change them."""
    drawn = (hashlib.blake2b(struct.pack("<i", n), digest_size=8).digest() for n in range(count))
    return np.frombuffer(b"".join(drawn), dtype="<u8").astype(np.uint64)


_DRAWN = _draw(2 * PERMUTATIONS + ROWS + BANDS)
_FACTORS = _DRAWN[:PERMUTATIONS].astype(np.uint32) | np.uint32(1)
_OFFSETS = _DRAWN[PERMUTATIONS : 2 * PERMUTATIONS].astype(np.uint32)
_ROW_FACTORS = _DRAWN[2 * PERMUTATIONS : 2 * PERMUTATIONS + ROWS] | np.uint64(1)
_BAND_OFFSETS = _DRAWN[2 * PERMUTATIONS + ROWS :]


def sign(telling: Telling) -> tuple[int, ...]:
    """The band hashes of a memory, signed 64-bit; two memories that share one are candidates. Empty for a text without words."""
    return sign_all([telling])[0]


def sign_all(tellings: Iterable[Telling]) -> list[tuple[int, ...]]:
    """The band hashes of many memories."""
    return [_sign(read_plain(telling.content)) for telling in tellings]


def _sign(plain: str) -> tuple[int, ...]:
    short = _bands(_shingles(plain, length=SHORT)) if len(plain) <= SHORT_TO else ()
    return short + (_bands(_shingles(plain, length=LONG)) if len(plain) >= LONG_FROM else ())


def _shingles(plain: str, *, length: int) -> npt.NDArray[np.uint32]:
    """The hashes of the character shingles of a text: code points mixed in turn, finished as MurmurHash3 does."""
    points = np.frombuffer(plain.encode("utf-32-le"), dtype="<u4").astype(np.uint32)
    if 0 < points.size < length:
        points = np.pad(points, (0, length - points.size))
    mixed = np.zeros(max(points.size - length + 1, 0), dtype=np.uint32)
    for place in range(length):
        mixed = (mixed ^ points[place : place + mixed.size]) * np.uint32(0x01000193) + np.uint32(0x9E3779B9)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return mixed ^ (mixed >> np.uint32(16))


def _bands(shingles: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    if shingles.size == 0:
        return ()
    least = (shingles[:, None] * _FACTORS + _OFFSETS).min(axis=0)
    rows = least[: BANDS * ROWS].reshape(BANDS, ROWS).astype(np.uint64)
    mixed = (rows * _ROW_FACTORS).sum(axis=1, dtype=np.uint64) ^ _BAND_OFFSETS
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return tuple((mixed ^ (mixed >> np.uint64(33))).view(np.int64).tolist())


def pair_up(signatures: Mapping[int, Sequence[int]]) -> set[tuple[int, int]]:
    """The pairs of memories that share a band hash."""
    buckets: defaultdict[int, list[int]] = defaultdict(list)
    for memory, bands in signatures.items():
        for band in bands:
            buckets[band].append(memory)
    return {(min(a, b), max(a, b)) for members in buckets.values() for i, a in enumerate(members) for b in members[:i]}


def judge_copy(a: Telling, b: Telling, *, statistics: Statistics) -> Line | None:
    """The line from the earlier memory to its near copy, None where they are equal word for word, or no copies."""
    return _judge(a, b, read_wording(a.content), read_wording(b.content), statistics=statistics)


def find_copies(
    tellings: Iterable[Telling], *, asked: set[int], candidates: Iterable[tuple[int, int]], statistics: Statistics
) -> list[Line]:
    """One line for each asked memory that is a near copy of an earlier one: to the likeliest, of equals to the earliest.

    A group of k copies so draws k-1 lines. A memory with an equal among the earlier ones draws none: that line stands already.
    """
    known = {telling.id: telling for telling in tellings}
    earlier: defaultdict[int, set[int]] = defaultdict(set)
    for pair in candidates:
        first, later = sorted(pair, key=lambda memory: known[memory].when)
        if later in asked:
            earlier[later].add(first)
    wordings: dict[int, Wording] = {}
    lines = [
        _best(known[later], [known[first] for first in firsts], wordings=wordings, statistics=statistics)
        for later, firsts in sorted(earlier.items())
    ]
    return [line for line in lines if line is not None]


def _best(
    later: Telling, firsts: list[Telling], *, wordings: dict[int, Wording], statistics: Statistics
) -> Line | None:
    for telling in (later, *firsts):
        if telling.id not in wordings:
            wordings[telling.id] = read_wording(telling.content)
    plain = wordings[later.id].plain
    if any(wordings[first.id].plain == plain and are_equal(later, first) for first in firsts):
        return None
    firsts.sort(key=lambda first: first.when)
    lines = [_judge(first, later, wordings[first.id], wordings[later.id], statistics=statistics) for first in firsts]
    return max((line for line in lines if line), key=lambda line: line.confidence, default=None)


def are_equal(a: Telling, b: Telling) -> bool:
    """Word for word, white space aside."""
    return a.content == b.content or a.content.split() == b.content.split()


def _judge(a: Telling, b: Telling, one: Wording, other: Wording, *, statistics: Statistics) -> Line | None:
    if _marks_differ(one, other) or (one.plain == other.plain and are_equal(a, b)):
        return None
    found = compare(one, other, days=abs(a.day - b.day), statistics=statistics)
    if found is None or found.confidence < LEAST_CONFIDENCE or _names_differ(one, other) or _titles_differ(a, b):
        return None
    first, later = sorted((a, b), key=lambda telling: telling.when)
    return Line(
        source=first.id,
        target=later.id,
        type="duplicate_of",
        confidence=round(found.confidence, 6),
        method="near_text",
        reasoning="The words are nearly the same, with the same numbers, dates and names.",
        evidence={
            "similarity": round(found.likeness, 6),
            "shared_information": round(found.shared, 6),
            "missing_information": round(found.missing, 6),
            "replaced_information": round(found.replaced, 6),
            "days_apart": abs(a.day - b.day),
            "forwarded": int(one.is_forward or other.is_forward),
            "memories": [first.id, later.id],
            "version": VERSION,
        },
    )


def tell_apart(one: Wording, other: Wording) -> bool:
    """The discriminating veto: each has a number, a date or a name where the other has another one."""
    return _marks_differ(one, other) or _names_differ(one, other)


def _marks_differ(one: Wording, other: Wording) -> bool:
    return _numbers_differ(one.numbers, other.numbers) or bool(one.dates - other.dates and other.dates - one.dates)


def _numbers_differ(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if one == other or not (unmatched(one, other) and unmatched(other, one)):
        return False
    # A copy without punctuation writes 18176 for 181.76.
    return _digits(one) != _digits(other)


def _digits(numbers: tuple[str, ...]) -> str:
    return "".join(character for number in numbers for character in number if character not in ".,:/")


def _names_differ(one: Wording, other: Wording) -> bool:
    mine = _strangers(one.names - other.words, other.words - one.words)
    theirs = _strangers(other.names - one.words, one.words - other.words)
    return bool(mine and theirs)


def _strangers(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """The words that are not a misspelling of any of the others."""
    pool = sorted(others)
    return [
        word for word in sorted(words) if not any(_may_be(word, other) and is_misspelt(word, other) for other in pool)
    ]


def _may_be(word: str, other: str) -> bool:
    # One slip leaves the first or the last letter in place; asking so first spares most of the comparing.
    return word[0] == other[0] or word[-1] == other[-1]


def is_misspelt(word: str, other: str) -> bool:
    """Whether one is the other with a slip of the pen: letters swapped, a letter too many or too few, cut short."""
    shortest, longest = sorted((len(word), len(other)))
    if longest - shortest > 3 or longest < 3:
        return False
    if longest >= 4 and shortest >= 3 and (word.startswith(other) or other.startswith(word)):
        return True
    allowed = 0 if longest < 4 else 1 if longest < 8 else 2
    return OSA.distance(word, other, score_cutoff=allowed) <= allowed or sorted(word) == sorted(other)


def _titles_differ(a: Telling, b: Telling) -> bool:
    """Two papers of a series: the same title but for its number."""
    if not (a.title and b.title) or a.title == b.title:
        return False
    one, other = read_wording(a.title), read_wording(b.title)
    return _marks_differ(one, other)


def compare(one: Wording, other: Wording, *, days: int, statistics: Statistics) -> Likeness | None:
    """How alike two texts are, None where they are too short or too different to ask."""
    shared = one.words & other.words
    if len(shared) < FEWEST_WORDS:
        return None
    likeness = _alike(one.plain, other.plain)
    if likeness < LEAST_LIKENESS:
        return None
    information = statistics.total(shared - STOP_WORDS)
    if one.is_forward or other.is_forward:
        days = 0  # it says itself that it is a copy, whenever it was sent
    if days > CLOSE_DAYS and information < FAR_INFORMATION:
        return None
    mine = statistics.total(_strangers(one.words - shared, other.words - shared))
    theirs = statistics.total(_strangers(other.words - shared, one.words - shared))
    return Likeness(likeness, information, mine + theirs, min(mine, theirs), days)


def _alike(one: str, other: str) -> float:
    cutoff = 100 * LEAST_LIKENESS
    return (
        max(fuzz.ratio(one, other, score_cutoff=cutoff), fuzz.token_sort_ratio(one, other, score_cutoff=cutoff)) / 100
    )
