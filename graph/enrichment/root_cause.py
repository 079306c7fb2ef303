"""Layer 7, root cause: what a memory goes back to, step by step over the relationships that have a causal basis.

From a relationship's later memory through that relationship, then at each memory through the best one that leads to it:
a reply or a stated reason counts with its confidence, a precedence with the probability that this occasion is the rule's and
not chance's (which falls with an unusual lag). Confidences are multiplied; what is below 0.3 in all is not followed.
"""

from collections.abc import Iterable, Mapping, Sequence

from graph.enrichment.base import Edge, Finding, World, day_date
from graph.enrichment.causal import FORWARD, PRECEDES, RESPONSES, STATED, explain_precedence

LEAST = 0.3  # of a chain's confidence
DEEPEST = 8  # steps
_BASES = dict.fromkeys(RESPONSES, "response") | {STATED: "stated", PRECEDES: "precedence"}


class RootCauseLayer:
    name = "root_cause"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        """A finding for every relationship with a causal basis that leads forward in time."""
        causal = [edge for edge in world.edges if edge.type in _BASES and _is_forward(edge)]
        leading = _leading_to(causal)
        return [self._finding(edge, leading=leading, world=world) for edge in causal]

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        steps = evidence.get("steps")
        told = [_tell(step, names=names) for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
        return " ".join([str(values.get("root_cause_analysis") or ""), *dict.fromkeys(told)]).strip()

    def _finding(self, edge: Edge, *, leading: Mapping[int, Sequence[Edge]], world: World) -> Finding:
        chain = _walk_back(edge, leading=leading)
        if not chain:
            nothing = dict.fromkeys(("root_cause_analysis", "chain", "confidence"))
            noted = {"memories": [edge.source, edge.target], "confidence": _weight(edge), "version": self.version}
            return Finding(subject=edge.id, status="not_significant", values=nothing, evidence=noted)
        confidence = _confidence(chain)
        memories = [chain[0].source, *(step.target for step in chain)]
        values = {
            "root_cause_analysis": _analysis(chain, world=world),
            "chain": [_link(memory, edge=step) for memory, step in zip(memories, [None, *chain], strict=True)],
            "confidence": confidence,
        }
        evidence = {
            "memories": memories,
            "hops": len(chain),
            "confidence": confidence,
            "entities": _entities(chain),
            "steps": [_step(step) for step in chain],
            "version": self.version,
        }
        return Finding(subject=edge.id, status="computed", values=values, evidence=evidence)


def _is_forward(edge: Edge) -> bool:
    """Whether the earlier memory is the reason; where the later is given as the reason there is nothing to go back to."""
    return edge.type != STATED or edge.evidence.get("direction", FORWARD) == FORWARD


def _weight(edge: Edge) -> float:
    """How sure a single step is, 0..1."""
    noted = edge.evidence.get("weight", edge.evidence.get("fraction")) if edge.type == PRECEDES else edge.confidence
    return round(float(noted), 6) if isinstance(noted, int | float) else round(edge.confidence, 6)


def _leading_to(edges: Iterable[Edge]) -> dict[int, list[Edge]]:
    """For every memory the edges that lead to it, the surest first."""
    leading: dict[int, list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: (-_weight(edge), edge.id)):
        leading.setdefault(edge.target, []).append(edge)
    return leading


def _walk_back(edge: Edge, *, leading: Mapping[int, Sequence[Edge]]) -> list[Edge]:
    """The edges from the root to the memory at the end of `edge`, which is the last; empty where even that is too unsure."""
    chain: list[Edge] = []
    confidence = 1.0
    step: Edge | None = edge
    while step is not None and len(chain) < DEEPEST:
        confidence *= _weight(step)
        if confidence < LEAST:
            break
        chain.append(step)
        step = _best_before(chain, leading=leading)
    return chain[::-1]


def _best_before(chain: Sequence[Edge], *, leading: Mapping[int, Sequence[Edge]]) -> Edge | None:
    """The surest edge to where the chain stands that brings back no memory and, by precedence, no entity a second time."""
    memories = {chain[0].target, *(edge.source for edge in chain)}
    entities = {entity for edge in chain for entity in _entities([edge])}
    here = chain[-1]
    for edge in leading.get(here.source, ()):
        if edge.source not in memories and _continues(edge, later=here, entities=entities):
            return edge
    return None


def _continues(edge: Edge, *, later: Edge, entities: set[int]) -> bool:
    """Of two steps of precedence the effect of the one is the cause of the other, and the new cause is new."""
    if edge.type != PRECEDES:
        return True
    if later.type == PRECEDES and edge.evidence.get("effect") != later.evidence.get("cause"):
        return False
    return edge.evidence.get("cause") not in entities


def _confidence(chain: Iterable[Edge]) -> float:
    product = 1.0
    for edge in chain:
        product *= _weight(edge)
    return round(product, 6)


def _entities(chain: Iterable[Edge]) -> list[int]:
    """Causes and effects along the chain, each once."""
    sides = [edge.evidence.get(side) for edge in chain if edge.type == PRECEDES for side in ("cause", "effect")]
    return list(dict.fromkeys(side for side in sides if isinstance(side, int)))


def _link(memory: int, *, edge: Edge | None) -> dict[str, object]:
    """A memory of the chain and the relationship that leads to it; the root has none."""
    if edge is None:
        return {"memory": memory, "edge": None, "basis": None, "confidence": 1.0}
    return {"memory": memory, "edge": edge.id, "basis": _BASES[edge.type], "confidence": _weight(edge)}


def _step(edge: Edge) -> dict[str, object]:
    """What a sentence about the step needs."""
    noted = ("cause", "effect", "window", "hits", "trials", "expected") if edge.type == PRECEDES else ()
    return {"basis": _BASES[edge.type], **{name: edge.evidence.get(name) for name in noted}}


_OTHER_STEPS = {
    "response": "A reply or a forwarded mail is there because of the mail it answers.",
    "stated": "A text gives the reason itself.",
}


def _tell(step: Mapping[str, object], *, names: Mapping[int, str]) -> str:
    basis = str(step.get("basis"))
    return _OTHER_STEPS.get(basis) or explain_precedence(step, names=names)


def _analysis(chain: Sequence[Edge], *, world: World) -> str:
    steps = "one step" if len(chain) == 1 else f"{len(chain)} steps"
    root = world.events.get(chain[0].source)
    if root is None:
        return f"Goes back {steps}."
    day = day_date(root.day)
    return f"Goes back {steps}, to {day.day} {day:%B %Y}."
