"""Layer 8, change: what happened to a relationship, and when.

Computed by nobody: triggers write a delta in the transaction of every change (graph/sql/deltas_v1.sql). Here deltas are replayed and put
into words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from graph.enrichment.base import Finding, World

VERBS = {"created": "drawn", "modified": "changed", "deleted": "removed"}
CAUSES = {
    "relate": "when its memories were related",
    "enrich": "when its memories were enriched",
    "layers": "when the layers were computed",
    "erase": "when a memory was erased",
}


@dataclass(frozen=True, slots=True)
class Delta:
    """One entry of the log: the row (None: the relationship itself) of a layer, and what it held after the change."""

    layer: str
    row: int
    change_type: str
    after: Mapping[str, object] | None


def replay(deltas: Iterable[Delta]) -> dict[tuple[str, int], Mapping[str, object]]:
    """What every row holds after these deltas, the oldest first; a row that was deleted is not there."""
    state: dict[tuple[str, int], Mapping[str, object]] = {}
    for delta in deltas:
        if delta.change_type == "deleted" or delta.after is None:
            state.pop((delta.layer, delta.row), None)
        else:
            state[delta.layer, delta.row] = delta.after
    return state


class ChangeLayer:
    name = "change"
    version = 2

    def compute(self, world: World) -> list[Finding]:
        """Nothing: the log is written with the changes themselves."""
        return []

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        count = evidence["changes"]
        times = "once" if count == 1 else f"{count} times"
        day = date.fromisoformat(str(evidence["on"]))
        when = CAUSES.get(str(evidence["cause"]), "by hand")
        return f"Last {VERBS[str(values['change_type'])]} on {day:%-d %B %Y}, {when}; it has changed {times} in all."
