"""Layer 4's search: the things that come together more often than their parts explain.

Frequent itemsets level by level (Agrawal and Srikant 1994), kept when productive (Webb 2010, "Self-sufficient itemsets"): the
set must be more frequent than any split of it into two parts explains, by the hypergeometric tail (Fisher 1935), at 5 % false
discoveries among all sets that could have been frequent. Then what a larger set already tells is left out: a set must remain
productive among the rows that no accepted set sharing two of its items covers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.stats import hypergeom, poisson

from graph.enrichment.base import FALSE_DISCOVERIES

MINIMUM_SUPPORT = 6
MAXIMUM_LENGTH = 4
CLOSED = 0.8  # a superset with this share of the support tells the same
LEVEL_LIMIT = 20_000  # sets of one length, the most frequent first
PERIODS = 10  # parts of the time within which a set must stand out too
BITS = 15  # of one item in a set's code: at most 32,766 items

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by items: `columns[i]` are the row numbers of item i, rising; rows lie in the order of time.

    `groups[i]`: items of one group (the weekdays) exclude each other, -1 for none. `telling[i]`: whether item i says anything by itself.
    """

    rows: int
    columns: Sequence[Ints]
    groups: Ints
    telling: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Itemset:
    """A set that stands: `expected` by the split that explains it best, `p` the largest of all splits, `rows` that hold it."""

    items: tuple[int, ...]
    support: int
    expected: float
    p: float
    p_adjusted: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """The frequent sets of one length: their items (rising), supports, rows; and how many telling sets were tried."""

    members: Ints
    supports: Ints
    rows: csr_array
    tried: int


def find_itemsets(table: Table) -> list[Itemset]:
    """The sets of 2 to 4 items that stand, largest first, then by p."""
    levels = list(_frequent(table))
    if len(levels) < 2:
        return []
    candidates = _judge(table, levels)
    tried = sum(level.tried for level in levels[1:])
    adjusted = _adjust(np.array([found.p for found in candidates]), tests=max(tried, len(candidates)))
    standing = [
        Itemset(found.items, found.support, found.expected, found.p, p, ())
        for found, p in zip(candidates, adjusted, strict=True)
        if p <= FALSE_DISCOVERIES
    ]
    return _prune(table, standing)


def _frequent(table: Table) -> Iterator[_Level]:
    """Levels 1, 2, .. for as long as there are frequent sets."""
    matrix = _matrix(table)
    items = np.flatnonzero(np.diff(matrix.indptr) >= MINIMUM_SUPPORT)
    if not items.size:
        return
    level = _Level(items[:, None], np.diff(matrix.indptr)[items].astype(np.int64), matrix[items], items.size)
    allowed = _compatible(table.groups, items)
    while level.members.size:
        yield level
        if level.members.shape[1] == MAXIMUM_LENGTH:
            return
        level = _grow(level, matrix=matrix, allowed=allowed, telling=table.telling)
        if level.members.shape[1] == 2:
            allowed = _pairs(level.members, size=len(table.columns))


def _matrix(table: Table) -> csr_array:
    """Items by rows."""
    indptr = np.cumsum([0, *(column.size for column in table.columns)])
    indices = np.concatenate([*table.columns, np.empty(0, np.int64)])
    return csr_array((np.ones(indices.size, np.int32), indices, indptr), shape=(len(table.columns), table.rows))


def _compatible(groups: Ints, items: Ints) -> csr_array:
    """Which two items may stand in one set."""
    frequent = np.zeros(groups.size, bool)
    frequent[items] = True
    apart = (groups[:, None] != groups[None, :]) | (groups[:, None] < 0)
    return csr_array((apart & frequent[:, None] & frequent[None, :]).astype(np.int32))


def _pairs(members: Ints, *, size: int) -> csr_array:
    ones = np.ones(len(members), np.int32)
    upper = csr_array((ones, (members[:, 0], members[:, 1])), shape=(size, size))
    return csr_array(upper + upper.T)


def _grow(level: _Level, *, matrix: csr_array, allowed: csr_array, telling: npt.NDArray[np.bool_]) -> _Level:
    """Every set with every later item that goes with all of its items; of those the frequent ones."""
    count, length = level.members.shape
    which = csr_array(
        (np.ones(count * length, np.int32), (np.repeat(np.arange(count), length), level.members.ravel())),
        shape=(count, matrix.shape[0]),
    )
    fits = (which @ allowed).tocoo()
    sets, items = fits.row.astype(np.int64), fits.col.astype(np.int64)
    keep = (fits.data == length) & (items > level.members[sets, -1])
    sets, items = sets[keep], items[keep]
    tried = int((telling[level.members[sets]].any(axis=1) | telling[items]).sum())
    together = csr_array(level.rows @ matrix.T)
    supports = at(together, sets, items).astype(np.int64)
    sets, items, supports = _most_frequent(sets, items, supports)
    members = np.column_stack([level.members[sets], items])
    return _Level(members, supports, csr_array(level.rows[sets].multiply(matrix[items])), tried)


def at(matrix: csr_array, rows: Ints, columns: Ints) -> Floats:
    """Single cells of a sparse matrix; an empty choice too, for which scipy has a sparse answer."""
    return np.asarray(matrix[rows, columns], np.float64).ravel() if rows.size else np.empty(0)


def _most_frequent(sets: Ints, items: Ints, supports: Ints) -> tuple[Ints, Ints, Ints]:
    frequent = np.flatnonzero(supports >= MINIMUM_SUPPORT)
    order = np.lexsort((items[frequent], sets[frequent], -supports[frequent]))[:LEVEL_LIMIT]
    chosen = np.sort(frequent[order])
    return sets[chosen], items[chosen], supports[chosen]


def _judge(table: Table, levels: Sequence[_Level]) -> list[Itemset]:
    """Every frequent set with a telling item and its p-value."""
    codes = np.concatenate([_code(level.members) for level in levels])
    supports = np.concatenate([level.supports for level in levels])
    order = np.argsort(codes)
    known = (codes[order], supports[order])
    found: list[Itemset] = []
    for level in levels[1:]:
        telling = table.telling[level.members].any(axis=1)
        members, counts = level.members[telling], level.supports[telling]
        expected, p = _productive(members, counts, known=known, rows=table.rows)
        found += [
            Itemset(tuple(map(int, items)), int(k), float(e), float(chance), 1.0, ())
            for items, k, e, chance in zip(members, counts, expected, p, strict=True)
        ]
    return found


def _adjust(p: Floats, *, tests: int) -> list[float]:
    """Benjamini-Hochberg adjusted p-values (1995) among `tests`, those not given having p = 1."""
    order = np.argsort(p, kind="stable")
    raw = p[order] * tests / np.arange(1, p.size + 1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return adjusted.tolist()


def _code(members: Ints) -> Ints:
    """One number for each row's set."""
    shifts = BITS * np.arange(members.shape[1])
    return np.asarray(((members + 1) << shifts).sum(axis=1), dtype=np.int64)


def splits(length: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All ways to part the positions 0..length-1 in two; the second part holds position 0."""
    whole = set(range(length))
    parts = [part for size in range(1, length) for part in combinations(range(1, length), size)]
    return [(part, tuple(sorted(whole - set(part)))) for part in parts]


def _productive(members: Ints, counts: Ints, *, known: tuple[Ints, Ints], rows: int) -> tuple[Floats, Floats]:
    """Expected count by the split that explains best, and the largest p of all splits (exact where it is below 5 %)."""
    parts = [
        (_look_up(members[:, left], known), _look_up(members[:, right], known))
        for left, right in splits(members.shape[1])
    ]
    left, right = np.array([a for a, _ in parts]), np.array([b for _, b in parts])
    expected = left * right / rows
    best = expected.argmax(axis=0)
    every = np.arange(len(counts))
    p = np.ones(len(counts))
    more = np.flatnonzero(counts > expected[best, every])
    p[more] = hypergeom.sf(counts[more] - 1, rows, left[best[more], more], right[best[more], more])
    hopeful = np.flatnonzero(p <= FALSE_DISCOVERIES)
    if hopeful.size:
        p[hopeful] = np.max(hypergeom.sf(counts[hopeful] - 1, rows, left[:, hopeful], right[:, hopeful]), axis=0)
    return expected[best, every], p


def _look_up(part: Ints, known: tuple[Ints, Ints]) -> Ints:
    """Supports of sets; of those beyond the limit of their level the largest possible, that of nothing known: a high guess."""
    codes = _code(part)
    at = np.minimum(np.searchsorted(known[0], codes), len(known[0]) - 1)
    return np.where(known[0][at] == codes, known[1][at], known[1].max())


def _prune(table: Table, standing: Sequence[Itemset]) -> list[Itemset]:
    """What is left when each set, largest first, must tell more than the accepted ones do."""
    masks = _Masks(table)
    threshold = max((found.p for found in standing), default=0.0)
    accepted: list[Itemset] = []
    for found in sorted(standing, key=lambda found: (-len(found.items), found.p, -found.support, found.items)):
        if _adds(found, accepted=accepted, masks=masks, threshold=threshold):
            rows = tuple(_bits(masks.of(found.items)))
            accepted.append(Itemset(found.items, found.support, found.expected, found.p, found.p_adjusted, rows))
    return accepted


def _adds(found: Itemset, *, accepted: Sequence[Itemset], masks: "_Masks", threshold: float) -> bool:
    items = set(found.items)
    related = [other for other in accepted if len(items & set(other.items)) >= 2]
    told = [masks.of(other.items) for other in related]
    own = masks.of(found.items)
    if any((own & mask).bit_count() >= CLOSED * found.support for mask in told):
        return False
    rest = masks.everything
    for mask in told:
        rest &= ~mask
    if related and masks.chance(found.items, within=rest) > threshold:
        return False
    return masks.stands_out_in_time(found.items)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Masks:
    """The rows of items as bits of whole numbers: quick for the few sets that are left."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.everything = (1 << table.rows) - 1
        edges = [table.rows * n // PERIODS for n in range(PERIODS + 1)]
        self.periods = [(1 << b) - (1 << a) for a, b in pairwise(edges) if b > a]
        self._of: dict[tuple[int, ...], int] = {}

    def of(self, items: Sequence[int]) -> int:
        """The rows that hold all of the items."""
        key = tuple(items)
        if key not in self._of:
            self._of[key] = self._item(key[0]) if len(key) == 1 else self.of(key[:-1]) & self.of(key[-1:])
        return self._of[key]

    def _item(self, item: int) -> int:
        bits = np.zeros(self.table.rows, np.uint8)
        bits[self.table.columns[item]] = 1
        return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")

    def chance(self, items: Sequence[int], *, within: int) -> float:
        """The largest p of all splits among the rows of `within`; 1 below the minimum support."""
        support = (self.of(items) & within).bit_count()
        if support < MINIMUM_SUPPORT:
            return 1.0
        counts = np.array([[(part & within).bit_count() for part in parts] for parts in self._parts(items)])
        return float(np.max(hypergeom.sf(support - 1, within.bit_count(), counts[:, 0], counts[:, 1])))

    def _parts(self, items: Sequence[int]) -> list[tuple[int, int]]:
        return [
            (self.of([items[n] for n in left]), self.of([items[n] for n in right]))
            for left, right in splits(len(items))
        ]

    def stands_out_in_time(self, items: Sequence[int]) -> bool:
        """Whether the set is more frequent than its parts explain within each period: two things of one year are not a pattern yet."""
        expected = max(
            sum((a & period).bit_count() * (b & period).bit_count() / period.bit_count() for period in self.periods)
            for a, b in self._parts(items)
        )
        return bool(poisson.sf(self.of(items).bit_count() - 1, expected) <= FALSE_DISCOVERIES)
