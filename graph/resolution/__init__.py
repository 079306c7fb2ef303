"""Resolved: which leaf entities are one, from the set of leaves and the person's decisions.

A pure function of the set: the order in which leaves arrived changes nothing. Stages go from
sure to less sure (same address, same name, short forms, initials, misspellings, single
names); each looks at the groups the one before left and joins a name only to the one group
it can mean. Precision comes before recall: two candidates are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from graph.resolution.groups import Groups, Link
from graph.resolution.links import PERSON_STAGES, thing_links
from graph.resolution.names import Leaf, read_person

__all__ = ["Decision", "Leaf", "resolve"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person decided about two leaves; 'split' takes `entity_id` out of the
    group of `other_id`, together with what was its own before the two were merged."""

    action: Literal["merge", "split", "never_merge"]
    entity_id: int
    other_id: int


def resolve(leaves: Sequence[Leaf], *, decisions: Sequence[Decision] = ()) -> dict[int, int]:
    """Leaf id to the id of its group's canonical leaf.

    Canonical is the leaf with the most memories, then the longest name, then the lowest key.
    Decisions hold in their order, the later over the earlier, all of them over every
    automatic link; a pair kept apart stays apart along any chain of links. A decision about
    an unknown id is passed over.
    """
    resolution = _Resolution(leaves)
    for decision in decisions:
        resolution.decide(decision)
    return resolution.canonical()


class _Resolution:
    """Leaves in their natural order and the links that the person wants and forbids."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = sorted(leaves, key=_natural)
        self._place = {leaf.id: place for place, leaf in enumerate(self._leaves)}
        people = (read_person(at, leaf) for at, leaf in enumerate(self._leaves))
        self._people = [person for person in people if person is not None]
        self._things = thing_links(self._leaves)
        self._wanted: list[Link] = []
        self._forbidden: set[Link] = set()

    def decide(self, decision: Decision) -> None:
        """Take one decision of the person into account."""
        if decision.entity_id not in self._place or decision.other_id not in self._place:
            return
        one, other = self._place[decision.entity_id], self._place[decision.other_id]
        if one == other:
            return
        pair = (min(one, other), max(one, other))
        if decision.action == "split":
            self._split(one, other)
        self._wanted = [link for link in self._wanted if link != pair]
        self._forbidden.discard(pair)
        if decision.action == "merge":
            self._wanted.append(pair)
        else:
            self._forbidden.add(pair)

    def _split(self, one: int, other: int) -> None:
        """Undo the merges that tie `one` to the group; where rules did, keep the rest without it."""
        group = self._groups(self._wanted).members(other)
        if one not in group:
            return
        own = self._groups(()).members(one)
        self._wanted = [link for link in self._wanted if not _crosses(link, own=own, group=group)]
        group = self._groups(self._wanted).members(other)
        if one in group:
            rest = sorted(group - {one})
            self._wanted = [link for link in self._wanted if one not in link]
            self._wanted += pairwise(rest)
            self._forbidden |= {(min(one, at), max(one, at)) for at in group if at != one}

    def _groups(self, wanted: Iterable[Link]) -> Groups:
        groups = Groups(len(self._leaves), forbidden=self._forbidden)
        for link in reversed([*wanted]):
            groups.join(*link)
        for link in self._things:
            groups.join(*link)
        for stage in PERSON_STAGES:
            for link in sorted(stage(self._people, groups)):
                groups.join(*link)
        return groups

    def canonical(self) -> dict[int, int]:
        """Leaf id to canonical leaf id under the decisions so far."""
        found: dict[int, int] = {}
        for group in self._groups(self._wanted).all():
            best = min((self._leaves[at] for at in group), key=_standing)
            found |= {self._leaves[at].id: best.id for at in group}
        return found


def _natural(leaf: Leaf) -> tuple[str, str, str, int, tuple[str, ...], int]:
    return (leaf.kind, leaf.key, leaf.name, leaf.memories, leaf.addresses, leaf.id)


def _standing(leaf: Leaf) -> tuple[int, int, str]:
    """Sorts the canonical leaf first."""
    return (-leaf.memories, -len(leaf.name), leaf.key)


def _crosses(link: Link, *, own: set[int], group: set[int]) -> bool:
    """Whether a wanted link ties what is `one`'s own to the rest of the group."""
    inside = [end in own for end in link]
    return inside[0] != inside[1] and all(end in group for end in link)
