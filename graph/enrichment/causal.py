"""Layer 1, causal: why the later memory is there, as far as anything says so.

Three bases, never mixed up: `response`, a fact of mail headers (RFC 5322, 3.6.4): the later exists because of the earlier;
`stated`, the author says so; `precedence`, what is usually followed by what (a statistic, no cause: nothing here calls it one).
The tests behind the last were made, and controlled for false discoveries, when the relationships were drawn.
"""

from collections.abc import Mapping

from graph.enrichment.base import Edge, Finding, World

RESPONSES = ("reply_to", "forward_of")
STATED = "stated_cause"
PRECEDES = "precedes"
FORWARD = "source_to_target"
_MENTIONED = 0.05  # times
_STATISTICS = ("cause", "effect", "window", "hits", "trials", "expected", "p", "p_adj", "fraction", "lag")


class CausalLayer:
    name = "causal"
    version = 2

    def compute(self, world: World) -> list[Finding]:
        """A finding for every relationship that has a basis: score and strength in 0..1, strength of precedence alone."""
        findings = [self._finding(edge) for edge in world.edges]
        return [finding for finding in findings if finding is not None]

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        if values.get("causal_basis") == "response":
            return f"The later one {_RESPONSE_WORDS[str(evidence.get('type'))]} the earlier one, so it is there because of it."
        if values.get("causal_basis") == "stated":
            return f"The text itself says so: {_STATED_WORDS[values.get('causal_direction') == FORWARD]}."
        return explain_precedence(evidence, names=names)

    def _finding(self, edge: Edge) -> Finding | None:
        if edge.type in RESPONSES:
            return self._found(edge, basis="response", score=1.0)
        if edge.type == STATED:
            direction = str(edge.evidence.get("direction", FORWARD))
            return self._found(edge, basis="stated", score=edge.confidence, direction=direction)
        if edge.type == PRECEDES and "fraction" in edge.evidence:
            return self._precedence(edge)
        return None

    def _precedence(self, edge: Edge) -> Finding:
        noted = {name: edge.evidence[name] for name in _STATISTICS if name in edge.evidence}
        counts = {"n": edge.evidence["trials"], "k": edge.evidence["hits"]}
        score, strength = _number(edge.evidence["fraction"]), _number(edge.evidence["strength"])
        return self._found(edge, basis="precedence", score=score, strength=strength, noted=noted | counts)

    def _found(
        self,
        edge: Edge,
        *,
        basis: str,
        score: float,
        strength: float | None = None,
        direction: str = FORWARD,
        noted: Mapping[str, object] | None = None,
    ) -> Finding:
        values = {
            "causal_score": round(score, 6),
            "causal_strength": strength,
            "causal_direction": direction,
            "causal_basis": basis,
        }
        evidence = {"memories": [edge.source, edge.target], "type": edge.type, "version": self.version, **(noted or {})}
        return Finding(subject=edge.id, status="computed", values=values, evidence=evidence)


_RESPONSE_WORDS = {"reply_to": "is a reply to", "forward_of": "passes on"}
_STATED_WORDS = {
    True: "it gives the earlier one as the reason of the later",
    False: "it gives the later one as the reason of the earlier",
}


def explain_precedence(evidence: Mapping[str, object], *, names: Mapping[int, str]) -> str:
    """The rule behind a relationship in a sentence; `names` of the entities that the evidence calls cause and effect."""
    cause, effect = (_name(evidence.get(side), names=names) for side in ("cause", "effect"))
    window = evidence.get("window")
    days = "a day" if window == 1 else f"{window} days"
    expected = _number(evidence.get("expected"))
    chance = f"{expected:.1f} would" if expected >= _MENTIONED else "hardly any would"
    return (
        f"“{cause}” is usually followed by “{effect}” within {days}: {evidence.get('hits')} of {evidence.get('trials')} times, "
        f"where {chance} be expected by chance."
    )


def _name(entity: object, *, names: Mapping[int, str]) -> str:
    return names.get(entity, f"#{entity}") if isinstance(entity, int) else "One"


def _number(value: object) -> float:
    return round(float(value), 6) if isinstance(value, int | float) else 0.0
