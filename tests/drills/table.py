"""The result of the drills: a row a drill, as a person reads it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

HEADS = ("#", "drill", "injected", "lost", "doubled", "stuck", "failures", "recovery", "verdict", "note")


@dataclass(slots=True)
class Outcome:
    """What a drill found. `wrong` holds a sentence for everything that is not as it must be; `needs` what it could not run without."""

    injected: str = ""
    lost: int | None = None
    doubled: int | None = None
    stuck: int | None = None
    expected: int = 0  # JobFailures
    found: int | None = None
    recovery: float | None = None  # seconds
    bound: float | None = None
    note: str = ""
    wrong: list[str] = field(default_factory=list)
    needs: str = ""
    late: bool = False  # its turn never came

    def require(self, fact: bool, otherwise: str) -> None:
        """Note what is wrong where `fact` does not hold."""
        if not fact:
            self.wrong.append(otherwise)

    @property
    def faults(self) -> list[str]:
        """Everything that fails the drill."""
        counts = {"lost": self.lost, "doubled": self.doubled, "stuck": self.stuck}
        faults = [f"{count} {name}" for name, count in counts.items() if count]
        if self.found is not None and self.found != self.expected:
            faults.append(f"{self.found} failures recorded, not {self.expected}")
        if self.bound is not None and (self.recovery is None or self.recovery > self.bound):
            faults.append("recovery took too long")
        return faults + self.wrong

    @property
    def verdict(self) -> str:
        if self.late:
            return "not run: no time left"
        if self.needs:
            return f"not run: needs {self.needs}"
        return "FAILED" if self.faults else "passed"


def list_cells(number: int, title: str, outcome: Outcome) -> list[str]:
    failures = "-" if outcome.found is None else f"{outcome.expected}/{outcome.found}"
    recovery = "-" if outcome.recovery is None else f"{outcome.recovery:.1f} s"
    if outcome.bound is not None:
        recovery += f" ({outcome.bound:.0f} s)"
    counts = ["-" if count is None else str(count) for count in (outcome.lost, outcome.doubled, outcome.stuck)]
    note = "; ".join(filter(None, [*outcome.faults, outcome.note]))
    return [str(number), title, outcome.injected or "-", *counts, failures, recovery, outcome.verdict, note]


def render(rows: Sequence[list[str]]) -> str:
    """Columns as wide as their widest cell; the note is last and takes what it takes."""
    table = [list(HEADS), *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    lines.insert(1, "  ".join("-" * width for width in widths[:-1]) + "  ----")
    return "\n".join(lines)
