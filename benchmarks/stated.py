"""Stated causes: sentences of made-up notes that state a cause, among those that use the same words for something else.

One clause in five has an aside that makes it harder to cut out. What the cue means is planted with the sentence, so that this measures
the grammar (orientation, clauses, the uses that are no causes), not how people write; for that, see the precision of each cue class in
graph/detection/stated.py.
"""

import time

import numpy as np

from benchmarks.measures import Measure, share
from benchmarks.phrases import DEEDS, Pen
from graph.detection.base import Telling
from graph.detection.stated import Span, find_stated

CAUSES, OTHERS = 60, 60
ASIDES = 0.2

# {c} the cause as a sentence, {n} the cause as a thing, {e} the effect as a sentence, {f} the effect as a thing.
_STATED = (
    "{e} because {c}.", "Because {c}, {e}.", "{e} because of {n}.", "{e} due to {n}.", "{e} owing to {n}.", "{e} thanks to {n}.",
    "Thanks to {n}, {e}.", "{n} led to {f}.", "{n} resulted in {f}.", "{e} as a result of {n}.", "{c}. That is why {e}.",
    "{c}. That's why {e}.", "{c}, which is why {e}.", "{c}. As a result, {e}.", "{c}. Consequently {e}.", "{e} in the wake of {n}.",
    "{f} was caused by {n}.", "{n} caused {f}.",
)  # fmt: skip
_OTHER = (
    "The {t} was due to arrive at nine.", "Many thanks to {p} for the {t}.", "The lane led to the {t}.", "{p} was led to the {t}.",
    "Ten pounds are due to me for the {t}.", "I went, not because of the {t}.", "Was it because of the {t}?", "I have had the {t} since May.",
    "{p} made the {t} again.", "The {t} resulted from habit.", "{p} asked for the cause of it.", "I wonder why the {t} stayed.",
)  # fmt: skip


def _clause(pen: Pen) -> str:
    plain = f"{pen.person()} {pen.pick(DEEDS)} the {pen.thing()}"
    return f"{plain}, which {pen.person()} had {pen.pick(DEEDS)}" if pen.chance(ASIDES) else plain


def _matter(pen: Pen) -> str:
    plain = f"the {pen.thing()} of {pen.person()}"
    return f"{plain}; that, and the {pen.thing()}" if pen.chance(ASIDES / 2) else plain


def _covers(content: str, span: Span, said: str) -> bool:
    """Whether a clause was cut out as it was planted: most of its words, and few others."""
    found, meant = set(content[slice(*span)].casefold().split()), set(said.casefold().split())
    return len(found & meant) >= 0.8 * max(len(found), len(meant))


def count(seed: int) -> dict[str, float]:
    """One user's notes, each with one sentence of either sort between two others."""
    pen = Pen(np.random.default_rng([seed, 1]))
    counts = dict.fromkeys(("true", "found", "hits", "directed", "naive_found", "naive_hits", "seconds"), 0.0)
    for number in range(CAUSES + OTHERS):
        is_cause = number < CAUSES
        clauses = {"c": _clause(pen), "e": _clause(pen), "n": _matter(pen), "f": _matter(pen)}
        form = pen.pick(_STATED if is_cause else _OTHER)
        said = form.format(t=pen.thing(), p=pen.person(), **clauses)
        telling = Telling(
            number, 20_000, None, "note", "", f"{pen.sentence()} {said[0].upper()}{said[1:]} {pen.sentence()}"
        )
        started = time.process_time()
        found = find_stated(telling)
        counts["seconds"] += time.process_time() - started
        cause, effect = clauses["c" if "{c}" in form else "n"], clauses["e" if "{e}" in form else "f"]
        right = [s for s in found if is_cause and _covers(telling.content, s.cause, cause)]
        counts["true"] += is_cause
        counts["found"] += len(found)
        counts["hits"] += bool(right)
        counts["directed"] += any(_covers(telling.content, s.effect, effect) for s in right)
        naive = any(
            word in said.casefold()
            for word in ("because", "due to", "thanks to", "led to", "result", "cause", "why", "since", "made")
        )
        counts["naive_found"] += naive
        counts["naive_hits"] += naive and is_cause
    return counts


MEASURES = (
    Measure(
        "causal", "stated causes, precision", share("hits", "found"), 0.85, naive=share("naive_hits", "naive_found")
    ),
    Measure("causal", "stated causes, direction", share("directed", "hits"), 0.86),
)
