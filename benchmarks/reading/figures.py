"""How a figure of reading is told: the middle of several, its spread, the bar on it; a table and a chart of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log, log10
from statistics import median, quantiles

NOISY = 0.2  # spread of the baseline, as a share of its middle, from which a run does not speak for itself
EIGHTHS = " ▏▎▍▌▋▊▉█"
WIDTH = 48


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured several times. `target` is the bar (None: merely reported); `at_least` says whether more is better."""

    name: str
    values: Sequence[float]
    unit: str = ""
    target: float | None = None
    at_least: bool = False

    @property
    def middle(self) -> float:
        return median(self.values)

    @property
    def quarters(self) -> tuple[float, float]:
        """The first and third quartile."""
        return find_quarters(self.values)

    @property
    def holds(self) -> bool:
        if self.target is None:
            return True
        return self.middle >= self.target if self.at_least else self.middle <= self.target


def find_quarters(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = quantiles(values, n=4, method="inclusive")
    return first, third


def find_spread(values: Sequence[float]) -> float:
    """The distance of the quartiles as a share of the middle one."""
    first, third = find_quarters(values)
    return (third - first) / median(values)


def divide(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Ratios of two figures taken in the same rounds."""
    return [one / other for one, other in zip(above, below, strict=True)]


def list_broken(figures: Sequence[Figure]) -> list[str]:
    return [f"reading, {one.name}: {show(one.middle)} {one.unit}".rstrip() for one in figures if not one.holds]


def tabulate(figures: Sequence[Figure]) -> list[str]:
    return ["| measure | value | quartiles | bar | holds |", "|---|---|---|---|---|", *map(_row, figures)]


def _row(figure: Figure) -> str:
    first, third = figure.quarters
    spread = f"{show(first)} – {show(third)}" if len(figure.values) > 1 else ""
    bar = "" if figure.target is None else f"{'≥' if figure.at_least else '≤'} {show(figure.target)}"
    holds = "" if figure.target is None else "yes" if figure.holds else "**no**"
    return f"| {figure.name} | {f'{show(figure.middle)} {figure.unit}'.strip()} | {spread} | {bar} | {holds} |"


def show(number: float) -> str:
    """Three digits that count."""
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def draw(heights: Mapping[str, float], *, unit: str) -> list[str]:
    """Bars of a logarithmic scale that begins at a power of ten, as a block of text."""
    low = 10.0 ** floor(log10(min(heights.values())))
    most = log(max(heights.values()) / low)
    name_width = max(map(len, heights))
    rows = [
        f"{name:<{name_width}} {_bar(log(height / low) / most)} {show(height)} {unit}"
        for name, height in heights.items()
    ]
    return ["```text", *rows, "```"]


def _bar(share: float) -> str:
    eighths = round(share * WIDTH * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
