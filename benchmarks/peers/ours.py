"""Life Graph's end of each job, in this process: the services that its endpoints call, without the wire of HTTP."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.peers.process import Taken
from benchmarks.reading.universe import Person

PATHS = 3


def take(work: Callable[[], Any], *, tell: Callable[[Any], float | None] = lambda _result: None) -> Taken:
    """Time `work` alone; `tell` makes a number of what came out of it."""
    begun = perf_counter()
    result = work()
    milliseconds = (perf_counter() - begun) * 1000
    return Taken(milliseconds, tell(result))


def fetch(person: Person) -> bytes:
    """The whole graph, packed as a browser takes it."""
    from graph.selectors import GraphQuestion
    from graph.serve import serve_graph

    served = serve_graph(user_id=person.user_id, question=GraphQuestion(), known=(), encoding="zstd")
    return served.content or b""


def fetch_from_memory(person: Person) -> Taken:
    """As every read after the first one of a version: one statement says that this process's body still holds."""
    return take(lambda: fetch(person), tell=len)


def fetch_kept(person: Person) -> Taken:
    """As the first read in a process: the body comes from the database as it was kept there."""
    from graph.serve import clear_entries

    clear_entries()
    return take(lambda: fetch(person), tell=len)


def fetch_composed(person: Person) -> Taken:
    """As the first read after a change: the body is made of rows and packed. For somebody of whom nothing is kept."""
    from graph.models import Body

    Body.objects.filter(user_id=person.user_id).delete()
    return fetch_kept(person)


class Analysis:
    """A person's entities and ties in memory, as a layout begins with them."""

    def __init__(self, person: Person) -> None:
        from graph.services.layout import read_standing

        self.person = person
        self.network = read_standing(user_id=person.user_id, view="entities").leave_out_teller().network
        self.ends = self._choose_ends()

    def _choose_ends(self) -> tuple[int, int]:
        """Ids of the last two nodes that are not tied to each other."""
        apart = np.argwhere(np.triu(self.network.weights.toarray() == 0, k=1))
        first, last = apart[-1]
        return int(self.network.ids[first]), int(self.network.ids[last])

    def rank(self) -> Taken:
        from graph.analysis.importance import rank

        return take(lambda: rank(self.network))

    def find_communities(self) -> Taken:
        from graph.analysis.communities import find_communities

        return take(lambda: find_communities(self.network), tell=self.measure_modularity)

    def measure_modularity(self, label: Any) -> float:
        """How many more of the weights lie within communities than by chance (Newman 2004), -0.5 to 1."""
        weights = self.network.weights.toarray()
        shares, together = weights.sum(axis=1) / weights.sum(), label[:, None] == label
        return float(weights[together].sum() / weights.sum() - np.outer(shares, shares)[together].sum())

    def find_paths(self) -> Taken:
        from graph.analysis.paths import find_best_paths

        source, target = (self.network.find(end) for end in self.ends)
        return take(
            lambda: find_best_paths(self.network, source=source, target=target, most=PATHS),
            tell=lambda found: sum(path.cost for path in found),
        )

    def explain_paths(self) -> Taken:
        """What `graph/path/` answers: read from the database, each step with its reason and evidence."""
        from graph.questions import End
        from graph.services.paths import explain_paths

        source, target = (End(id=end, name="", kind="") for end in self.ends)
        return take(
            lambda: explain_paths(user_id=self.person.user_id, source=source, target=target, most=PATHS),
            tell=lambda answer: sum(path["cost"] for path in answer["paths"]),
        )

    def draw(self) -> Taken:
        """A first drawing, from importance and communities that are there."""
        from graph.analysis.communities import find_communities
        from graph.analysis.drawing import draw
        from graph.analysis.importance import rank

        importance, community = rank(self.network), find_communities(self.network)
        nowhere = np.full((len(self.network), 2), np.nan)
        return take(lambda: draw(self.network, importance=importance, community=community, before=nowhere))
