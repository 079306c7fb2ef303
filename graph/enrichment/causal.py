"""Layer 1, causal: why the later memory is there.

`response` is a fact of mail headers (RFC 5322, 3.6.4): the later exists because of the earlier, score 1. Nothing here calls
mere sequence a cause.
"""

from collections.abc import Mapping

from graph.enrichment.base import Finding, World


class CausalLayer:
    name = "causal"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        return [
            Finding(
                subject=edge.id,
                status="computed",
                values={
                    "causal_score": 1.0,
                    "causal_strength": None,
                    "causal_direction": "source_to_target",
                    "causal_basis": "response",
                },
                evidence={"memories": [edge.source, edge.target], "version": self.version},
            )
            for edge in world.edges
            if edge.type == "reply_to"
        ]

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object]) -> str:
        return "The later one is a reply: its headers name the earlier one, so it is there because of it."
