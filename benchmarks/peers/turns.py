"""Contenders who take turns at the same job, so that a slow minute of the machine is everybody's, and the table of how they did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.peers.process import PeerError, Taken
from benchmarks.reading.figures import Figure, divide, find_quarters, show


@dataclass(frozen=True, slots=True)
class Contender:
    """`ask` does the job once and may raise PeerError; `how` says what that is. `only`: the one round in which it takes part."""

    name: str
    how: str
    ask: Callable[[], Taken]
    times: int = 1
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """Milliseconds by contender, the middle one of each round; the last results; and why some have no figures."""

    milliseconds: Mapping[str, Sequence[float]]
    results: Mapping[str, float | None]
    missing: Mapping[str, str]

    def ratio(self, name: str, *, to: str) -> list[float]:
        """How many times longer the one took than the other, round by round; the middle one against each where rounds differ."""
        above, below = self.milliseconds[name], self.milliseconds[to]
        return divide(above if len(above) == len(below) else [median(above)] * len(below), below)


def take_turns(contenders: Sequence[Contender], *, rounds: int, warm: bool = True) -> Turns:
    """`warm`: everybody once without a clock before. Who cannot is left out from then on."""
    figures: dict[str, list[float]] = {}
    results: dict[str, float | None] = {}
    missing: dict[str, str] = {}
    for number in range(-1 if warm else 0, rounds):
        for one in contenders:
            if one.name in missing or one.only not in (None, number):
                continue
            try:
                taken = [one.ask() for _ in range(one.times)]
            except PeerError as reason:
                missing[one.name] = str(reason)
                continue
            results[one.name] = taken[-1].result
            if number >= 0:
                figures.setdefault(one.name, []).append(median(each.milliseconds for each in taken))
    return Turns(figures, results, missing)


def tabulate_turns(turns: Turns, *, contenders: Sequence[Contender], result: str = "", scale: float = 1) -> list[str]:
    """A table of all of them beside the first; `result` heads the column of results, which are divided by `scale`."""
    tail = f" {result} |" if result else ""
    head = [
        f"| who | ms | quartiles | times the first |{tail} how |",
        "|---|---|---|---|---|" + ("---|" if result else ""),
    ]
    return [*head, *list_rows(turns, contenders=contenders, with_result=bool(result), scale=scale)]


def list_rows(turns: Turns, *, contenders: Sequence[Contender], with_result: bool, scale: float = 1) -> list[str]:
    rows = []
    for one in contenders:
        cells = [one.name, *_figures_of(one, turns=turns, first=contenders[0])]
        if with_result:
            result = turns.results.get(one.name)
            cells.append("" if result is None or one.name in turns.missing else show(result / scale))
        how = f"not measured: {turns.missing[one.name]}" if one.name in turns.missing else one.how
        rows.append(f"| {' | '.join([*cells, how])} |")
    return rows


def _figures_of(one: Contender, *, turns: Turns, first: Contender) -> list[str]:
    if one.name in turns.missing or one.name not in turns.milliseconds:
        return ["", "", ""]
    values = turns.milliseconds[one.name]
    low, high = find_quarters(values)
    spread = f"{show(low)} – {show(high)}" if len(values) > 1 else "once"
    return [show(median(values)), spread, show(median(turns.ratio(one.name, to=first.name)))]


def compare(turns: Turns, *, above: str, below: str, target: float) -> list[Figure]:
    """The bar on a ratio; none where the peer could not be measured."""
    if above in turns.missing or below in turns.missing:
        return []
    return [Figure(f"{above} / {below}", turns.ratio(above, to=below), "×", target, at_least=True)]
