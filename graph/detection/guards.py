"""Related: the guards between a discovery and a rule. Rules here number their series by place in the study, not by id."""

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np
from scipy.stats import binom

from graph.detection.crossover import Bools, Ints, Study
from graph.enrichment.base import Rule

_ASYMMETRY = 0.05
_DOUBT = 0.0  # nats
_LEFT_OVER = 4  # trials without the third thing, to be judged by
_NEVER_IMPOSSIBLE, _NEARLY_SURE = 0.001, 0.99

Known = Mapping[tuple[int, int], Rule]


def is_directed(rule: Rule, *, study: Study) -> bool:
    """Whether the effect comes after the cause rather than before it (McNemar 1947, over the trials where it does only one)."""
    places = study.trials(rule.cause, window=rule.window)
    after = study.calendar.ahead[places, rule.effect] <= rule.window
    before = study.calendar.behind[places, rule.effect] <= rule.window
    ones, others = int((after & ~before).sum()), int((before & ~after).sum())
    return bool(binom.sf(ones - 1, ones + others, 0.5) < _ASYMMETRY)


def drop_explained(rules: Sequence[Rule], *, hints: Sequence[Rule], study: Study) -> list[Rule]:
    """Without the rules that a third thing explains: first by a step between, then by a common cause.

    The third thing's tie to the cause must be a rule, that to the effect may be a mere hint (a pair that would not stand by itself).
    The order matters: in a chain both ends look like a common cause of what lies between, but a common cause is followed by
    both whether or not the one between came. The best explained goes first, and then explains nothing itself.
    """
    firm = {(rule.cause, rule.effect): rule for rule in rules}
    known = {(rule.cause, rule.effect): rule for rule in hints} | firm
    for explain, judged in ((_by_a_step, list(known)), (_by_a_common_cause, list(firm))):
        doubts = {pair: explain(known[pair], firm=firm, known=known, study=study) for pair in judged if pair in known}
        for pair in sorted(doubts, key=lambda pair: (-doubts[pair], -known[pair].p, pair)):
            if doubts[pair] > _DOUBT and explain(known[pair], firm=firm, known=known, study=study) > _DOUBT:
                del known[pair]
                firm.pop(pair, None)
    return list(firm.values())


def _by_a_step(rule: Rule, *, firm: Known, known: Known, study: Study) -> float:
    """How well the rule is explained by a step between: by what is left of it where the step did not follow the cause."""
    doubt = -inf
    for (start, step), first in firm.items():
        second = known.get((step, rule.effect))
        if start == rule.cause and second is not None:
            alone = study.calendar.ahead[study.trials(rule.cause, window=rule.window), step] > first.window
            doubt = max(doubt, _doubt(rule, alone=alone, rival=second, study=study))
    return doubt


def _by_a_common_cause(rule: Rule, *, firm: Known, known: Known, study: Study) -> float:
    """How well the rule is explained by a common cause: by what is left of it where that did not come before."""
    doubt = -inf
    for (origin, end), first in firm.items():
        second = known.get((origin, rule.effect))
        if end == rule.cause and second is not None:
            alone = study.calendar.behind[study.trials(rule.cause, window=rule.window), origin] > first.window
            doubt = max(doubt, _doubt(rule, alone=alone, rival=second, study=study))
    return doubt


def _doubt(rule: Rule, *, alone: Bools, rival: Rule, study: Study) -> float:
    """How much likelier the trials without the third thing are if the cause does nothing, in nats; too few: the rarer p stands."""
    if alone.sum() < _LEFT_OVER:
        return inf if rule.p > rival.p else -inf
    return _nothing_likelier(rule, places=study.trials(rule.cause, window=rule.window)[alone], study=study)


def _nothing_likelier(rule: Rule, *, places: Ints, study: Study) -> float:
    """Log likelihood of these trials if the cause did nothing, less that if the rule held there as it does everywhere."""
    marked = (study.calendar.ahead[:, [rule.effect]] <= rule.window).astype(np.float64)
    chance = np.maximum(study.calendar.chances(marked)[places, 0], _NEVER_IMPOSSIBLE)
    ruled = np.minimum(chance + rule.strength * (1 - chance), _NEARLY_SURE)
    hit = marked[places, 0] > 0
    return float(np.where(hit, np.log(chance / ruled), np.log((1 - chance) / (1 - ruled))).sum())
