"""Layer 9, duplicate: the same text told twice, word for word or nearly so. Detection drew the edges; the layer passes on how sure it is."""

from collections.abc import Mapping

from graph.enrichment.base import Edge, Finding, World


class DuplicateLayer:
    """One finding for each `duplicate_of` relationship."""

    name = "duplicate"
    version = 2

    def compute(self, world: World) -> list[Finding]:
        return [self._judge(edge, world=world) for edge in world.edges if edge.type == "duplicate_of"]

    def _judge(self, edge: Edge, *, world: World) -> Finding:
        is_near = "similarity" in edge.evidence
        confidence = round(edge.confidence, 6) if is_near else 1.0
        noted = {key: value for key, value in edge.evidence.items() if isinstance(value, int | float)}
        if edge.source in world.events and edge.target in world.events:
            noted["days_apart"] = abs(world.events[edge.target].day - world.events[edge.source].day)
        evidence = {**noted, "memories": [edge.source, edge.target], "n": 1, "version": self.version}
        return Finding(edge.id, "computed", {"is_duplicate": True, "duplicate_confidence": confidence}, evidence)

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        apart = _apart(evidence.get("days_apart"))
        similarity = evidence.get("similarity")
        if not isinstance(similarity, int | float):
            return f"Both hold the same text, word for word{apart}."
        return (
            f"The later is a near copy of the earlier{apart}: {100 * similarity:.0f} % of the text is the same,"
            " and no number, date or name was exchanged for another."
        )


def _apart(days: object) -> str:
    if not isinstance(days, int):
        return ""
    return ", on the same day" if days == 0 else f", {days} day{'' if days == 1 else 's'} apart"
