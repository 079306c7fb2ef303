"""`make bench`: every layer on many synthetic users from fresh seeds, the cost of a life, how the graph is read, what
syncs survive, and RESULTS.md of it all. With `--full` also beside others.

`python -m benchmarks [--users 200] [--seed N] [--only PART] [--skip-cost] [--full] [--diary PATH]`. The seed is printed: the same one
gives the same users. Exit code 1 when a bar does not hold.
"""

import argparse
import importlib
import os
import platform
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.measures import Counts, Part, Reading, take

MODULES = (
    "causal", "stated", "temporal", "seasonal", "pattern", "cross_platform", "prediction", "root_cause", "duplicates",
)  # fmt: skip
RESULTS = Path(__file__).parent / "RESULTS.md"
LAYERS, READING, SYNCS, PEERS = (  # the chapters' titles
    "# What the layers find",
    "# How the graph is read",
    "# Syncs",
    "# Peers",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    users: int
    seed: int
    modules: tuple[str, ...]
    whole: bool
    cost: bool
    reading: bool
    syncs: bool
    peers: bool
    full: bool
    people: int
    diary: Path | None

    @property
    def layers(self) -> bool:
        """Whether anything of the first chapter is asked for."""
        return bool(self.modules or self.cost or self.diary)


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    begun = time.monotonic()
    chapters = split_chapters(RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "")
    broken: list[str] = []
    with open_servers(options):
        for title, parts in list_chapters(options):
            chapters[title], more = take_chapter(parts)
            broken += more
    if options.whole:
        RESULTS.write_text("".join(chapters.values()), encoding="utf-8")
    say(f"{time.monotonic() - begun:.0f} s")
    return 1 if broken else 0


def split_chapters(text: str) -> dict[str, str]:
    """The chapters of RESULTS.md in their order, by title; empty where there is none yet."""
    titles = (LAYERS, READING, SYNCS, PEERS)
    starts = {title: at for title in titles if (at := f"\n{text}".find(f"\n{title}\n")) >= 0}
    ends = [*sorted(starts.values()), len(text)]
    return {
        title: text[starts[title] : ends[ends.index(starts[title]) + 1]] if title in starts else "" for title in titles
    }


def list_chapters(options: Options) -> Iterator[tuple[str, Iterable[Part]]]:
    """What is asked for; what is not stays in RESULTS.md as it was."""
    if options.layers:
        yield LAYERS, measure_all(options)
    if options.reading:
        yield READING, read_all(options)
    if options.syncs:
        yield SYNCS, sync_all(options)
    if options.peers:
        yield PEERS, compare_all(options)


def open_servers(options: Options) -> AbstractContextManager[None]:
    """What needs Django and servers is imported only where it is asked for."""
    if not (options.cost or options.diary or options.reading or options.syncs or options.peers):
        return nullcontext()
    from benchmarks.home import open_home

    return open_home()


def take_chapter(parts: Iterable[Part]) -> Part:
    """Say each part when it is there; all of them as one text that ends with the bars that do not hold."""
    texts: list[str] = []
    broken: list[str] = []
    for text, failures in parts:
        say(text)
        texts.append(text)
        broken += failures
    say(tell(broken))
    return "\n".join([*texts, tell(broken), ""]), broken


def read_options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="What the layers find in worlds whose truth is known."
    )
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="of the first user; fresh if missing")
    parser.add_argument(
        "--only",
        choices=[*MODULES, "cost", "diary", "reading", "syncs", "peers"],
        default=None,
        help="one part; reading, syncs and peers are written into RESULTS.md",
    )
    parser.add_argument("--skip-cost", action="store_true", help="leave out what needs the database")
    parser.add_argument(
        "--full",
        action="store_true",
        help="reading also from a quarter of a million to four million relationships, syncs with ten times the items, and the peers",
    )
    parser.add_argument("--people", type=int, default=200, help="how many of the usual size are there to be read")
    parser.add_argument("--diary", type=Path, default=None, help="Pepys's diary, in the ndjson format")
    given = parser.parse_args(arguments)
    if given.only == "diary" and not given.diary:
        parser.error("--only diary needs --diary PATH")
    return Options(
        users=given.users,
        seed=given.seed if given.seed is not None else 1_000_000 + secrets.randbelow(10**9),
        modules=tuple(name for name in MODULES if given.only in (None, name)),
        whole=given.only in (None, "reading", "syncs", "peers") and not given.skip_cost,
        reading=given.only in (None, "reading") and not given.skip_cost,
        syncs=given.only in (None, "syncs") and not given.skip_cost,
        peers=given.only == "peers" or (given.only is None and given.full and not given.skip_cost),
        full=given.full,
        people=given.people,
        cost=given.only == "cost" or (given.only is None and not given.skip_cost),
        diary=given.diary if given.only in (None, "diary") else None,
    )


def measure_all(options: Options) -> Iterator[Part]:
    """The parts of the first chapter in order."""
    say(f"{options.users} users a layer from seed {options.seed}\n")
    yield head(users=options.users, seed=options.seed), []
    for name in options.modules:
        yield measure(name, users=options.users, seed=options.seed)
    if options.cost:
        from benchmarks.cost import measure_cost

        yield measure_cost()
    if options.diary:
        from benchmarks.pepys import measure_diary

        yield measure_diary(options.diary, seed=options.seed)


def read_all(options: Options) -> Iterator[Part]:
    """The parts of the second one."""
    from benchmarks.reading.run import measure_reading

    yield from measure_reading(full=options.full, people=options.people)


def sync_all(options: Options) -> Iterator[Part]:
    """The parts of the third."""
    from benchmarks.syncs.run import measure_syncs

    yield from measure_syncs(full=options.full)


def compare_all(options: Options) -> Iterator[Part]:
    """The parts of the fourth."""
    from benchmarks.peers.run import measure_peers

    yield from measure_peers(people=options.people)


def measure(name: str, *, users: int, seed: int) -> Part:
    """One module's table; its users are shared among the cores."""
    module = importlib.import_module(f"benchmarks.{name}")
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        counts: list[Counts] = list(pool.map(module.count, range(seed, seed + users), chunksize=4))
    readings = [take(one, users=counts, seed=seed) for one in module.MEASURES]
    seconds = [one["seconds"] for one in counts if "seconds" in one]
    broken = [f"{name}, {one.measure.name}: {one.value:.3f}" for one in readings if not one.holds]
    return tabulate(name, readings=readings, seconds=seconds), broken


def tabulate(name: str, *, readings: Sequence[Reading], seconds: Sequence[float]) -> str:
    rows = [
        f"## {name.replace('_', ' ').capitalize()}",
        "",
        "| measure | naive | ours | 95 % bound | bar | holds |",
        "|---|---|---|---|---|---|",
        *map(_row, readings),
    ]
    if seconds:
        rows += ["", f"Seconds of CPU a user: median {np.median(seconds):.3f}, at most {max(seconds):.3f}."]
    return "\n".join([*rows, ""])


def _row(reading: Reading) -> str:
    measure = reading.measure
    naive = "" if reading.naive is None else f"{reading.naive:.3f}"
    bar = "" if measure.target is None else f"{'≥' if measure.at_least else '≤'} {measure.target:g}"
    holds = "" if measure.target is None else "yes" if reading.holds else "**no**"
    return f"| {measure.name} | {naive} | {reading.value:.3f} | {reading.bound:.3f} | {bar} | {holds} |"


def tell(broken: Sequence[str]) -> str:
    """The last word: which bars do not hold."""
    if not broken:
        return "Every bar holds.\n"
    return "\n".join(["Bars that do not hold:", "", *(f"- {one}" for one in broken), ""])


def head(*, users: int, seed: int) -> str:
    return "\n".join(
        [
            LAYERS,
            "",
            f"{users} synthetic users a layer, seeds {seed} to {seed + users - 1}, written {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC"
            f" on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
            "",
            "`naive` is the simple method that each layer has to beat. The bound is one-sided, by drawing the users anew; a bar holds"
            " unless the bound excludes it, and a figure without a bar is only reported. `make bench` writes this file.",
            "",
        ]
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
