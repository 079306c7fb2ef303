"""Arrive: a folder with files of several formats, read by one importer after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memories.importers.base import Found, ImportContext, Importer, Record, Size, Skip


@dataclass(frozen=True, slots=True)
class Together:
    """Importers that all can read the folder, and that all count its files."""

    parts: tuple[Importer, ...]

    @property
    def name(self) -> str:
        return " and ".join(part.name for part in self.parts)

    def can_read(self, path: Path) -> bool:
        return all(part.can_read(path) for part in self.parts)

    def measure(self, path: Path) -> Size:
        return Size(total=sum(part.measure(path).total for part in self.parts), unit="file")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Record | Skip]:
        for part in self.parts:
            yield from part.read(path, context=context)
