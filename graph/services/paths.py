"""Served: how two entities are connected, the best ways first, each step with its reason and evidence."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from graph.analysis.network import Array, make_network
from graph.analysis.paths import Path, find_best_paths
from graph.questions import End, Step, read_shown_ties, read_steps

ASIDE = "Only through {teller}, who tells the notes and is tied to nearly everything."
APART = "No chain of memories that name two of a pair together leads from {source} to {target}."
NOT_SHOWN = "{name} is not in the graph: it is hidden, or a topic of fewer than three memories."


def explain_paths(*, user_id: int, source: End, target: End, most: int) -> dict[str, Any]:
    """The answer of `graph/path/` of two different entities, by two statements.

    No way leads through the teller, unless they are an end or there is no other way. `why` says what is to be said of all: why there is
    none, or that the teller is in between; else it is null.
    """
    answer: dict[str, Any] = {"from": source.cite(), "to": target.cite(), "paths": [], "why": None}
    for end in (source, target):
        if not end.shown:
            return answer | {"why": NOT_SHOWN.format(name=end.name)}
    paths, teller = find_paths(user_id=user_id, source=source.id, target=target.id, most=most)
    if not paths:
        return answer | {"why": APART.format(source=source.name, target=target.name)}
    pairs = {pair for path in paths for pair in list_pairs(path)}
    steps = read_steps(user_id=user_id, pairs=pairs)
    still = [path for path in paths if all(pair in steps for pair in list_pairs(path))]
    named = {end.id: end for step in steps.values() for end in step.ends}
    return answer | {
        "paths": [describe_path(path, steps=[steps[pair] for pair in list_pairs(path)]) for path in still],
        "why": ASIDE.format(teller=named[teller].name) if teller in named else None,
    }


def find_paths(*, user_id: int, source: int, target: int, most: int) -> tuple[list[Path], int | None]:
    """The best paths over the ties between shown entities, and the teller where every path leads through them."""
    ids, ties, teller = read_shown_ties(user_id=user_id)
    aside = teller if teller not in (source, target) else None
    paths = search(ids[ids != aside] if aside else ids, ties=ties, ends=(source, target), most=most)
    if paths or aside is None:
        return paths, None
    return search(ids, ties=ties, ends=(source, target), most=most), aside


def search(ids: Array, *, ties: Array, ends: tuple[int, int], most: int) -> list[Path]:
    """The best paths among these entities; none where an end has just gone."""
    network = make_network(ids=ids, sources=ties["source"], targets=ties["target"], weights=ties["weight"])
    first, last = (network.find(end) for end in ends)
    if first is None or last is None:
        return []
    return find_best_paths(network, source=first, target=last, most=most)


def list_pairs(path: Path) -> list[tuple[int, int]]:
    """The pairs of its steps, the lower id first."""
    return [(min(pair), max(pair)) for pair in pairwise(path.nodes)]


def describe_path(path: Path, *, steps: Sequence[Step]) -> dict[str, Any]:
    """One path as the API gives it."""
    return {
        "cost": round(path.cost, 4),
        "hops": [describe_step(step, source=node) for node, step in zip(path.nodes[:-1], steps, strict=True)],
    }


def describe_step(step: Step, *, source: int) -> dict[str, Any]:
    """A step in the direction of its path."""
    here, there = step.ends if step.ends[0].id == source else step.ends[::-1]
    return {
        "tie": step.tie,
        "source": here.cite(),
        "target": there.cite(),
        "weight": step.weight,
        "memories": step.memories,
        "first": step.first,
        "last": step.last,
        "layers": step.layers,
        "why": explain_step(here.name, there.name, step=step),
        "evidence": step.evidence,
    }


def explain_step(one: str, other: str, *, step: Step) -> str:
    """One sentence: how often the two are named together, and when."""
    if step.memories == 1:
        return f"{one} and {other} are named together once, on {_say(step.first)}."
    between = f"on {_say(step.first)}" if step.first == step.last else f"from {_say(step.first)} to {_say(step.last)}"
    return f"{one} and {other} are named together in {step.memories} memories, {between}."


def _say(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
