"""Resolution's groups: a union-find that never joins what is forbidden."""

from collections import defaultdict
from collections.abc import Iterable

Link = tuple[int, int]


class Groups:
    """Sets of places 0 to size - 1; every place starts alone."""

    def __init__(self, size: int, *, forbidden: Iterable[Link] = ()) -> None:
        self._parent = list(range(size))
        self._apart: dict[int, set[int]] = defaultdict(set)
        for one, other in forbidden:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def find(self, place: int) -> int:
        """The root of the place's group."""
        root = place
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[place] != root:
            self._parent[place], place = root, self._parent[place]
        return root

    def join(self, one: int, other: int) -> bool:
        """Make one group of two; False, and nothing done, where that is forbidden."""
        root, leaving = sorted((self.find(one), self.find(other)))
        if root == leaving:
            return True
        if leaving in self._apart.get(root, ()):
            return False
        self._parent[leaving] = root
        for apart in self._apart.pop(leaving, ()):
            self._apart[apart].discard(leaving)
            self._apart[apart].add(root)
            self._apart[root].add(apart)
        return True

    def members(self, place: int) -> set[int]:
        """Everything in the place's group."""
        root = self.find(place)
        return {at for at in range(len(self._parent)) if self.find(at) == root}

    def all(self) -> list[list[int]]:
        """The groups, each in ascending order."""
        found: dict[int, list[int]] = defaultdict(list)
        for at in range(len(self._parent)):
            found[self.find(at)].append(at)
        return list(found.values())
