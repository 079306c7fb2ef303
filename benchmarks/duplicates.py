"""Layer 9's world: diary notes, copies with slips of the pen, forwarded mails, and the look-alikes that are no copies.

The hard negatives are of three kinds: forms filled in anew (another number, month, name or thing), a habitual sentence written again
weeks later in nearly the same words, and papers of a series that share their printed parts. The null twin has everything but the copies.
"""

import re
import time
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from benchmarks.measures import Measure, f1, share
from benchmarks.phrases import MONTHS, OPENINGS, PEOPLE, PLACES, THINGS, Pen
from graph.detection.base import Line, Telling
from graph.detection.copies import find_copies, pair_up, sign_all
from graph.detection.statistics import Statistics, count_statistics
from graph.detection.text import whole

NOTES, FORMS, AGAIN, PAPERS, COPIES = 480, 90, 30, 20, 80
FIRST_DAY, SPAN = 18_000, 1095

_FORMS = (
    "Paid rent {money} EUR to Mr {name} for {month}",
    "Invoice {number} from {name} Ltd, amount {money} EUR, due {day} {month}",
    "Lunch with {name} at {place}, talked about the {thing}",
    "Dentist appointment on {day} {month} at {hour}:00, bring the card",
    "Your order {number} has been shipped and will arrive on {day} {month}",
    "Weekly status: {few} tasks done, {hour} open, next review {day} {month}",
    "Meter reading for {month}: {number}. Rang it through to the supplier at {hour}.",
    "Car serviced by {name}, tyres at {money}, wipers next time",
    "Returned the {thing} to {name} and had tea at {place} afterwards",
    "{few} nights of wind led to a {thing} in the flower bed and a bill from {name}",
)
_SLIPS = ("swap", "drop", "double", "cut", "case", "leave", "add", "move")
_ADDED = ("then", "also", "very", "really", "again")


@dataclass(frozen=True, slots=True)
class DuplicateWorld:
    """Tellings with the truth: `origin` of each copy, and the ids of the hard negatives."""

    tellings: tuple[Telling, ...]
    origin: dict[int, int]
    hard: frozenset[int]


def make_world(seed: int, *, with_copies: bool = True) -> DuplicateWorld:
    """One person's memories; the null twin (`with_copies=False`) is the same but for the copies."""
    pen = Pen(np.random.default_rng([seed, 9]))
    plain = [_tell(n, pen.note(), pen=pen) for n in range(NOTES)]
    forms = _fill_forms(pen, start=len(plain))
    again = _write_again(plain[: AGAIN // 2] + forms[: AGAIN // 2], pen=pen, start=len(plain) + len(forms))
    papers = _print_papers(pen, start=len(plain) + len(forms) + len(again))
    own = plain + forms + again + papers
    copies = _copy(plain + forms + papers, pen=pen, start=len(own)) if with_copies else []
    return DuplicateWorld(
        tellings=tuple(own + [copy for copy, _ in copies]),
        origin={copy.id: origin for copy, origin in copies},
        hard=frozenset(telling.id for telling in forms + again + papers),
    )


def _tell(number: int, content: str, *, pen: Pen, day: int | None = None, source: str = "note") -> Telling:
    day = FIRST_DAY + pen.number(0, SPAN) if day is None else day
    return Telling(id=number, day=day, minute=None, source=source, title="", content=content)


def _fill_forms(pen: Pen, *, start: int) -> list[Telling]:
    """Forms of which no two have all blanks the same; a third stands within three days of another of its kind."""
    seen: set[str] = set()
    forms: list[Telling] = []
    while len(forms) < FORMS:
        text = _FORMS[len(forms) % len(_FORMS)].format(
            money=pen.number(20, 1500), name=pen.pick(PEOPLE), month=pen.pick(MONTHS), number=pen.number(10_000, 99_999),
            day=pen.number(1, 29), place=pen.pick(PLACES), thing=pen.pick(THINGS), hour=pen.number(8, 18), few=pen.number(2, 9),
        )  # fmt: skip
        if text in seen:
            continue
        seen.add(text)
        near = forms[-len(_FORMS)].day + pen.number(0, 4) if len(forms) >= len(_FORMS) and pen.chance(0.33) else None
        forms.append(_tell(start + len(forms), text, pen=pen, day=near))
    return forms


def _write_again(models: list[Telling], *, pen: Pen, start: int) -> list[Telling]:
    """The habitual sentence: said once, and in nearly the same words weeks or months later, of another day."""
    again = []
    for n, model in enumerate(models):
        short = f"{pen.pick(OPENINGS)}, {model.content.split('.')[0][:40].rsplit(' ', 1)[0]}"
        text, later = (short, pen.number(20, 200)) if n % 2 else (f"{short} {pen.sentence()}", pen.number(90, 400))
        first = _tell(start + 2 * n, text, pen=pen)
        again += [
            first,
            _tell(start + 2 * n + 1, _slip(text, pen=pen, slips=pen.number(1, 4)), pen=pen, day=first.day + later),
        ]
    return again


def _print_papers(pen: Pen, *, start: int) -> list[Telling]:
    """Minutes of two circles: the same printed sentences each time, and one to three that are new, a day to a month apart."""
    papers = []
    for _ in range(2):
        printed = [pen.sentence() for _ in range(5)]
        day = FIRST_DAY + pen.number(0, SPAN)
        for _ in range(PAPERS // 2):
            new = [pen.sentence() for _ in range(pen.number(1, 4))]
            papers.append(_tell(start + len(papers), "\n".join(printed + new), pen=pen, day=day))
            day += pen.pick((1, 2, 7, 14, 28))
    return papers


def _copy(models: list[Telling], *, pen: Pen, start: int) -> list[tuple[Telling, int]]:
    copies: list[tuple[Telling, int]] = []
    for n, index in enumerate(pen.rng.choice(len(models), size=COPIES, replace=False)):
        model = models[int(index)]
        noise = pen.pick((0.0, 0.03, 0.08, 0.15))
        text = _wrap(_slip(model.content, pen=pen, slips=max(1, round(noise * len(model.content.split())))), pen=pen)
        later = pen.pick((0, 0, 0, 1, 2, 3, 10, 40))
        if later > 3 and len(model.content) < 120:
            later = 1  # a short sentence weeks later is another day's, not a copy
        copy = replace(
            model, id=start + n, day=model.day + later, content=text, source=pen.pick(("note", "mail", "file"))
        )
        copies.append((copy, model.id))
    return copies


def _slip(text: str, *, pen: Pen, slips: int) -> str:
    words = text.split(" ")
    for _ in range(slips):
        kind = pen.pick(_SLIPS)
        place = pen.number(0, len(words))
        word = words[place]
        if any(character.isdigit() for character in word):
            continue
        if kind in ("leave", "add", "move"):
            _slip_words(words, place, kind=kind, pen=pen)
        elif len(word) > 3:
            words[place] = _slip_letters(word, kind=kind, pen=pen)
    return " ".join(words)


def _slip_words(words: list[str], place: int, *, kind: str, pen: Pen) -> None:
    if kind == "add":
        words.insert(place, pen.pick(_ADDED))
    elif kind == "leave" and len(words) > 5:
        del words[place]
    elif kind == "move" and place + 1 < len(words):
        words[place], words[place + 1] = words[place + 1], words[place]


def _slip_letters(word: str, *, kind: str, pen: Pen) -> str:
    at = pen.number(1, len(word) - 1)
    match kind:
        case "swap":
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        case "drop":
            return word[:at] + word[at + 1 :]
        case "double":
            return word[:at] + word[at] + word[at:]
        case "cut":
            return word[:-1]
    return word.upper()


def _wrap(text: str, *, pen: Pen) -> str:
    """What programs and habits put around a copy; a quarter of the copies stay bare."""
    quoted = text.replace(", ", ",\n").replace("\n", "\n> ")
    head = f"FYI\n\n---------- Forwarded message ----------\nFrom: {pen.person()}\nSubject: Re: news\n\n"
    wrapped = (
        f"Fwd: {text}",
        f"> {quoted}",
        f"{text}\n-- \nSent from my telephone",
        re.sub(r"[^\w\s]", "", text),
        f"{head}{text}",
        text.replace(" and ", " & ").lower(),
    )
    return pen.pick((*wrapped, text, text))


def detect(world: DuplicateWorld, *, statistics: Statistics) -> list[Line]:
    """Our method, from the texts to the lines; the statistics are frozen per epoch."""
    bands = sign_all(world.tellings)
    pairs = pair_up({telling.id: signed for telling, signed in zip(world.tellings, bands, strict=True)})
    asked = {telling.id for telling in world.tellings}
    return find_copies(world.tellings, asked=asked, candidates=pairs, statistics=statistics)


def detect_naively(world: DuplicateWorld) -> list[tuple[int, int]]:
    """Each memory with its likest earlier one, from a similarity of .85 on."""
    bands = sign_all(world.tellings)
    known = {telling.id: telling for telling in world.tellings}
    best: dict[int, tuple[float, int]] = {}
    for pair in pair_up({telling.id: signed for telling, signed in zip(world.tellings, bands, strict=True)}):
        first, later = sorted(pair, key=lambda pk: known[pk].when)
        likeness = fuzz.ratio(known[first].content.casefold(), known[later].content.casefold())
        if likeness >= 85:
            best[later] = max(best.get(later, (0.0, 0)), (likeness, first))
    return [(first, later) for later, (_, first) in best.items()]


def count(seed: int) -> dict[str, float]:
    """One synthetic user and its null twin. Equal words are another method's: copies without any change are not counted."""
    world, null = make_world(seed), make_world(seed, with_copies=False)
    statistics = [count_statistics(whole(telling) for telling in w.tellings) for w in (world, null)]
    started = time.process_time()
    lines = detect(world, statistics=statistics[0])
    seconds = time.process_time() - started
    found, naive = [(line.source, line.target) for line in lines], detect_naively(world)
    null_found = detect(null, statistics=statistics[1])
    content = {telling.id: telling.content.split() for telling in world.tellings}
    truth = sum(content[copy] != content[origin] for copy, origin in world.origin.items())
    return {
        "true": truth,
        "found": len(found),
        "hits": _count_hits(found, world),
        "naive_found": len(naive),
        "naive_hits": _count_hits(naive, world),
        "hard": len(null.hard),
        "hard_false": sum(line.target in null.hard for line in null_found),
        "naive_hard_false": sum(later in null.hard for _, later in detect_naively(null)),
        "null_found": len(null_found),
        "memories": len(world.tellings),
        "seconds": seconds,
    }


def _count_hits(found: list[tuple[int, int]], world: DuplicateWorld) -> int:
    return sum(world.origin.get(a, a) == world.origin.get(b, b) for a, b in found)


MEASURES = (
    Measure("duplicate", "F1 of copies", f1("hits", "found", "true"), 0.95, naive=f1("naive_hits", "naive_found", "true")),
    Measure("duplicate", "precision", share("hits", "found"), 0.97, naive=share("naive_hits", "naive_found")),
    Measure(
        "duplicate", "look-alikes taken for copies", share("hard_false", "hard"), 0.005,
        at_least=False, naive=share("naive_hard_false", "hard"),
    ),
)  # fmt: skip
