"""Related: causes that the author states. A cue word, which side of it is the cause, and the memory that the cause speaks of.

The cues are those connectives that hold up on labelled news and diary sentences (nine in ten are causes in fact);
"since", "made", "responsible for", "so that" and their like are left out, for half of their uses and more are no causes. Precise, and far from complete.
English only.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.detection.base import Line, Telling
from memories.extraction.lexicon import words_of

VERSION = 1
MOST_DAYS = 60
FADING = 14.0  # days after which an earlier memory is one e-th as likely to be meant
LEAST_INFORMATION = 3.0  # nats: in one of twenty memories at most
NONE_OF_THEM = 0.25  # the weight, beside those of the memories, of the case that none of them is meant
LEAST_CONFIDENCE = 0.3
LONGEST_SENTENCE = 2_000  # characters; longer ones are tables and lists
FEWEST_WORDS = 2  # of a clause that is an effect

Direction = Literal["effect_first", "cause_first"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Statement:
    """A stated cause: the name of the cue's class, its precision, and where cause and effect stand in the content."""

    cue: str
    precision: float
    direction: Direction
    cause: Span
    effect: Span


@dataclass(frozen=True, slots=True)
class _Cue:
    """`between`: cause and effect in one sentence. `across`: the cause is the sentence before."""

    name: str
    precision: float
    direction: Direction
    pattern: re.Pattern[str]
    across: bool = False


def _cue(name: str, precision: float, direction: Direction, pattern: str, *, across: bool = False) -> _Cue:
    return _Cue(name, precision, direction, re.compile(pattern, re.IGNORECASE), across)


_ME = r"(?:me|us|him|her|them|you|it|myself|himself|herself)\b"
_INFINITIVE = (
    r"(?:be|arrive|leave|start|begin|end|finish|open|close|land|return|go|come|meet|see|fly|move|have|give|take|play|sing|speak"
    r"|appear|depart|expire|run|visit|pay|marry|retire|report|sail|rain)\b"
)
# The order matters: where two cues overlap the first one holds.
_CUES = (
    _cue("that_is_why", 0.9, "cause_first", r"\b(?:that|this)(?: is|['’]s| was) why\b", across=True),
    _cue("which_is_why", 0.9, "cause_first", r"[,;—–-]\s*(?:and that|which)(?: is|['’]s| was) why\b"),
    _cue("in_the_wake_of", 0.9, "effect_first", r"\bin the wake of\b"),
    _cue("as_a_result_of", 0.95, "effect_first", r"\bas a (?:direct )?result of\b"),
    _cue("as_a_result", 0.9, "cause_first", r"\b(?:and |so )?as a result\b(?! of),?"),
    _cue("consequently", 0.9, "cause_first", r"\b(?:and )?consequently\b,?"),
    _cue("because_of", 0.95, "effect_first", r"\bbecause of\b"),
    _cue("because", 0.89, "effect_first", r"\bbecause\b(?! of\b)"),
    _cue("due_to", 0.9, "effect_first", rf"\bdue to\b(?! {_ME})(?! {_INFINITIVE})"),
    _cue("owing_to", 0.9, "effect_first", rf"\bowing to\b(?! {_ME})"),
    _cue("thanks_to", 0.95, "effect_first", r"\bthanks to\b(?! (?:god|heaven|almighty)\b)"),
    _cue("caused_by", 0.9, "effect_first", r"\b(?:caused|prompted|sparked|triggered) by\b"),
    _cue("resulted_in", 0.95, "cause_first", r"\b(?:resulted|resulting|has resulted|have resulted) in\b"),
    _cue("led_to", 0.95, "cause_first", r"\b(?:which )?(?:had |has |have )?led to\b(?! believe)"),
    _cue(
        "caused", 0.9, "cause_first", rf"\b(?:which )?(?:has |have |had )?(?:caused|sparked|prompted)\b(?! {_ME}| by\b)"
    ),
    _cue("triggering", 0.9, "cause_first", r",\s*(?:prompting|triggering|sparking)\b"),
)
# Whether a sentence is worth reading at all: most are not.
_HINT = re.compile(
    r"\b(?:why|wake of|as a|because|due to|owing to|thanks to|consequently|led to|result\w* in|caus|prompt|spark|trigger)",
    re.I,
)
_TITLES = re.compile(r"\b(?:Mrs?|Ms|Dr|Prof|St|Rev|Capt|Sir|No|vs|etc|approx|Ltd|Co|[A-Z])\.$")
_BREAK = re.compile(r"[;:—–]|, but\b|\bbut\b(?= (?:I|we|he|she|it|they|the)\b)")
_NOT_BEFORE = {
    "because": re.compile(r"\b(?:not|n['’]t|just|merely|or|simply|than) (?:only )?$", re.IGNORECASE),
    "because_of": re.compile(r"\b(?:not|just|merely|or|than) (?:only )?$", re.IGNORECASE),
    "thanks_to": re.compile(
        r"\b(?:no|many|my|our|his|her|their|your|with|give|gives|gave|giving|send|sends|sent|say|said|returned?|special|warm|of|and|full)"
        r"(?: (?:hearty|great|warm|best|humble|many))? $", re.IGNORECASE,
    ),
    "led_to": re.compile(
        r"\b(?:path|road|track|lane|door|doors|stairs?|steps|street|gate|passage|way|bridge|corridor|staircase|was|were|be|been|is|are|being)"
        r"(?: (?:that|which))? $", re.IGNORECASE,
    ),
    "due_to": re.compile(r"\b(?:money|sum|wages|salary|debt|respect|honour|thanks|justice|apology|attention) (?:\w+ )?(?:is |was |are |were )?$", re.I),
    "caused": re.compile(r"\b(?:I|he|she|we|they|who|and|being|been|be) $", re.IGNORECASE),
    "owing_to": re.compile(r"\b(?:money|sum|debt|pounds|am|still) $", re.IGNORECASE),
}  # fmt: skip
_COMMA = re.compile(r",(?! (?:which|who|whom|whose|where|and|or)\b)")  # those open an aside within the clause
_JOINED = re.compile(r"\b(?:and|but|so|or) $", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_EMPTY = words_of("and or but so that it this which then only partly mainly largely probably perhaps mostly is was")


def find_stated(telling: Telling) -> list[Statement]:
    """The causes that a memory states, in the order of their cues."""
    content = telling.content
    if not _HINT.search(content):
        return []
    sentences = list(_sentences(content))
    statements: list[Statement] = []
    for place, sentence in enumerate(sentences):
        before = sentences[place - 1] if place and _touch(content, sentences[place - 1], sentence) else None
        statements += _read_sentence(content, sentence, before=before)
    return statements


def _touch(content: str, first: Span, second: Span) -> bool:
    """Whether two sentences stand in one paragraph."""
    return "\n\n" not in content[first[1] : second[0]]


def _sentences(content: str) -> Iterator[Span]:
    start = 0
    for match in re.finditer(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n[ \t]*\n|\n(?=[-*•\d])", content):
        if _TITLES.search(content[max(0, match.start() - 6) : match.start() + 1]):
            continue
        if content[start : match.end()].strip():
            yield _trim(content, start, match.end())
        start = match.end()
    if content[start:].strip():
        yield _trim(content, start, len(content))


def _trim(content: str, start: int, end: int) -> Span:
    """Without the white space and the punctuation around."""
    while start < end and content[start] in " \t\n\r,;:—–-\"“”'‘’(":
        start += 1
    while end > start and content[end - 1] in ' \t\n\r,;:—–-.!?…"“”’)':
        end -= 1
    return start, end


def _read_sentence(content: str, sentence: Span, *, before: Span | None) -> Iterator[Statement]:
    if sentence[1] - sentence[0] > LONGEST_SENTENCE or not _HINT.search(content, *sentence):
        return
    if content[sentence[1] : sentence[1] + 2].lstrip("\"'”’)").startswith("?"):
        return
    taken: list[Span] = []
    for cue in _CUES:
        for match in cue.pattern.finditer(content, *sentence):
            if any(match.start() < end and start < match.end() for start, end in taken) or _is_denied(
                content, cue, match, sentence
            ):
                continue
            spans = _split(content, cue, match, sentence, before=before)
            if spans and _says_something(content, cause=spans[0], effect=spans[1]):
                taken.append(match.span())
                yield Statement(cue.name, cue.precision, cue.direction, *spans)


def _is_denied(content: str, cue: _Cue, match: re.Match[str], sentence: Span) -> bool:
    pattern = _NOT_BEFORE.get(cue.name)
    return bool(pattern and pattern.search(content[sentence[0] : match.start()]))


def _split(
    content: str, cue: _Cue, match: re.Match[str], sentence: Span, *, before: Span | None
) -> tuple[Span, Span] | None:
    """Cause and effect around a cue; at the head of a sentence the sentence before or the comma tells them apart."""
    left = _trim(content, _last_break(content, sentence[0], match.start()), match.start())
    right = _trim(content, match.end(), _next_break(content, match.end(), sentence[1]))
    is_head = not _WORD.search(content, sentence[0], match.start())
    if cue.direction == "effect_first" and _JOINED.search(content[sentence[0] : match.start()]):
        is_head = True  # "and because of that, ..." opens a clause of its own
    if cue.across or (is_head and cue.direction == "cause_first"):
        return (before, right) if before and is_head else None
    if not is_head:
        return (right, left) if cue.direction == "effect_first" else (left, right)
    comma = _COMMA.search(content, *right)
    if comma is None:
        return None
    return _trim(content, right[0], comma.start()), _trim(content, comma.end(), right[1])


def _last_break(content: str, start: int, end: int) -> int:
    """Where the clause before the cue begins. A break right before the cue does not count."""
    ends = [match.end() for match in _BREAK.finditer(content, start, end)]
    return next((place for place in reversed(ends) if len(_WORD.findall(content, place, end)) >= FEWEST_WORDS), start)


def _next_break(content: str, start: int, end: int) -> int:
    match = _BREAK.search(content, start, end)
    return match.start() if match and _WORD.search(content, start, match.start()) else end


def _says_something(content: str, *, cause: Span, effect: Span) -> bool:
    said = [word.casefold() for word in _WORD.findall(content, *cause)]
    follows = [word for word in _WORD.findall(content, *effect) if word.casefold() not in _EMPTY]
    return any(word not in _EMPTY for word in said) and len(follows) >= FEWEST_WORDS


def draw_stated(
    telling: Telling, statement: Statement, earlier: Sequence[Telling], *, information: Mapping[int, float]
) -> Line | None:
    """The line from the earlier memory that the cause clause speaks of to the memory that states it; None where it is unclear.

    Of the memories within sixty days before, the one that shares most entity information with the clause, then the latest. The
    confidence is that of the cue, times the share of the clause's information found there, times the share of this memory among all
    that would do as well (and the case that none is meant), each fading with the days between.
    """
    meant = {
        entity for start, end, entity in telling.spans if statement.cause[0] <= start and end <= statement.cause[1]
    }
    whole = _sum(meant, information)
    scored = [
        (found, other)
        for other in earlier
        if (found := _sum(meant & set(other.entities), information)) >= LEAST_INFORMATION
    ]
    scored = [
        (found, other) for found, other in scored if other.when < telling.when and telling.day - other.day <= MOST_DAYS
    ]
    if not scored:
        return None
    best, cause = max(scored, key=lambda pair: (round(pair[0], 6), pair[1].when))
    rivals = math.fsum(_fade(telling.day - other.day) for found, other in scored if found >= best - 1e-6)
    confidence = statement.precision * (best / whole) * _fade(telling.day - cause.day) / (rivals + NONE_OF_THEM)
    if confidence < LEAST_CONFIDENCE:
        return None
    return Line(
        source=cause.id,
        target=telling.id,
        type="stated_cause",
        confidence=round(confidence, 6),
        method="lexical",
        reasoning="The later memory states a cause, and the earlier one tells of it.",
        evidence={
            "direction": "source_to_target",
            "cue": statement.cue,
            "cause_span": list(statement.cause),
            "effect_span": list(statement.effect),
            "entities": sorted(meant & set(cause.entities)),
            "days_apart": telling.day - cause.day,
            "rivals": sum(found >= best - 1e-6 for found, _ in scored) - 1,
            "version": VERSION,
        },
    )


def _sum(entities: set[int], information: Mapping[int, float]) -> float:
    return math.fsum(information.get(entity, 0.0) for entity in sorted(entities))


def _fade(days: int) -> float:
    return math.exp(-days / FADING)
