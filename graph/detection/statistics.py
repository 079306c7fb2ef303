"""Related: how much a word tells. Document frequencies of a person's memories, frozen per epoch, as a sketch without any text."""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from graph.detection.text import strong_keys, tokens

SLOTS = 2**15
FEWEST = 50  # before the first epoch, and for a handful of memories, a word counts as one in fifty


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Of `memories` texts, how many hold a token: a row of counters (uint32) under a stable hash.

    Tokens that share a counter are counted together, so that a frequency may come out too high and its information too low, never
    the other way round.
    """

    memories: int = 0
    sketch: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros(SLOTS, dtype=np.uint32))

    def information(self, token: str) -> float:
        """ln(N / df) in nats (Spärck Jones 1972), at least 0; a token never seen counts as seen once."""
        frequency = max(int(self.sketch[_slot(token)]), 1)
        return max(math.log(max(self.memories, FEWEST) / frequency), 0.0)

    def total(self, found: Iterable[str]) -> float:
        """The information of several tokens, summed in their order of spelling."""
        return math.fsum(self.information(token) for token in sorted(found))

    def share(self, token: str) -> float:
        """The share of memories that hold the token, in 0..1."""
        return math.exp(-self.information(token))

    @property
    def length(self) -> float:
        """The tokens of a memory, on average; at least 1."""
        return max(float(self.sketch.sum(dtype=np.int64)) / max(self.memories, 1), 1.0)

    def to_bytes(self) -> bytes:
        counters = self.sketch.astype("<u4").tobytes()
        return self.memories.to_bytes(8, "little") + zlib.compress(counters)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Statistics":
        """Raises ValueError for bytes that are not of this make."""
        try:
            sketch = np.frombuffer(zlib.decompress(stored[8:]), dtype="<u4").astype(np.uint32)
        except zlib.error as error:
            raise ValueError("These are no stored statistics.") from error
        if sketch.size != SLOTS:
            raise ValueError(f"Statistics have {SLOTS} counters, these have {sketch.size}.")
        return cls(memories=int.from_bytes(stored[:8], "little"), sketch=sketch)


def count_statistics(texts: Iterable[str]) -> Statistics:
    """The statistics of whole texts (title and content), each counted once per token and per strong key."""
    sketch = np.zeros(SLOTS, dtype=np.uint32)
    memories = 0
    for text in texts:
        memories += 1
        slots = {_slot(token) for token in tokens(text) | strong_keys(text)}
        sketch[np.fromiter(slots, dtype=np.int64, count=len(slots))] += 1
    return Statistics(memories=memories, sketch=sketch)


def _slot(token: str) -> int:
    return zlib.crc32(token.encode()) % SLOTS
