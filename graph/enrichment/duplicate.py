"""Layer 9, duplicate: the same text told twice. Here texts that are equal but for white space; likeness is a matter of degree."""

from collections.abc import Mapping

from graph.enrichment.base import Event, Finding, World


class DuplicateLayer:
    name = "duplicate"
    version = 1

    def compute(self, world: World) -> list[Finding]:
        return [
            self._judge(edge.id, a=world.events[edge.source], b=world.events[edge.target])
            for edge in world.edges
            if edge.type == "duplicate_of"
        ]

    def _judge(self, subject: int, *, a: Event, b: Event) -> Finding:
        if a.content_hash != b.content_hash:
            return Finding(subject, "not_significant", {"is_duplicate": None, "duplicate_confidence": None})
        evidence = {"memories": [a.id, b.id], "days_apart": abs((b.day - a.day).days), "version": self.version}
        return Finding(subject, "computed", {"is_duplicate": True, "duplicate_confidence": 1.0}, evidence)

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object]) -> str:
        days = evidence.get("days_apart")
        apart = "on the same day" if days == 0 else f"{days} day{'' if days == 1 else 's'} apart"
        return f"Both hold the same text, word for word, {apart}."
