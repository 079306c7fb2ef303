"""`make bench`: every layer on many synthetic users from fresh seeds, the cost of a life in the database, and RESULTS.md of both.

`python -m benchmarks [--users 200] [--seed N] [--only LAYER] [--skip-cost]`. The seed is printed: the same one gives the same users.
Exit code 1 when a bar does not hold.
"""

import argparse
import importlib
import os
import platform
import secrets
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.measures import Counts, Measure, Reading, take

MODULES = ("causal", "temporal", "seasonal", "pattern", "cross_platform", "prediction", "root_cause", "duplicates", "stated")
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="What the layers find in worlds whose truth is known.")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="of the first user; fresh if missing")
    parser.add_argument("--only", choices=MODULES, default=None)
    parser.add_argument("--skip-cost", action="store_true", help="leave out what needs the database")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else 1_000_000 + secrets.randbelow(10**9)
    say(f"{options.users} users a layer from seed {seed}")
    parts = [head(users=options.users, seed=seed)]
    readings: list[Reading] = []
    for name in [options.only] if options.only else MODULES:
        found, text = measure(name, users=options.users, seed=seed)
        readings += found
        parts.append(text)
        say(text)
    if not options.skip_cost and not options.only:
        from benchmarks.cost import measure_cost  # needs Django and the embedded servers

        parts.append(measure_cost())
        say(parts[-1])
    if not options.only:
        RESULTS.write_text("\n".join(parts), encoding="utf-8")
    failed = [reading for reading in readings if not reading.holds]
    for reading in failed:
        say(f"does not hold: {reading.measure.layer} {reading.measure.name}: {reading.value:.3f}")
    return 1 if failed else 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(name: str, *, users: int, seed: int) -> tuple[list[Reading], str]:
    """One module's table; its users are shared among the cores."""
    module = importlib.import_module(f"benchmarks.{name}")
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        counts: list[Counts] = list(pool.map(module.count, range(seed, seed + users), chunksize=4))
    measures: tuple[Measure, ...] = module.MEASURES
    readings = [take(measure, users=counts, seed=seed) for measure in measures]
    seconds = [one["seconds"] for one in counts if "seconds" in one]
    return readings, tabulate(name, readings=readings, seconds=seconds)


def tabulate(name: str, *, readings: Sequence[Reading], seconds: Sequence[float]) -> str:
    rows = [
        f"## {name.replace('_', ' ').capitalize()}",
        "",
        "| measure | naive | ours | 95 % bound | target | holds |",
        "|---|---|---|---|---|---|",
    ]
    for reading in readings:
        sign = "≥" if reading.measure.at_least else "≤"
        naive = "" if reading.naive is None else f"{reading.naive:.3f}"
        rows.append(
            f"| {reading.measure.name} | {naive} | {reading.value:.3f} | {reading.bound:.3f} | {sign} {reading.measure.target:g}"
            f" | {'yes' if reading.holds else '**no**'} |"
        )
    if seconds:
        rows += ["", f"Seconds of CPU a user: median {np.median(seconds):.3f}, at most {max(seconds):.3f}."]
    return "\n".join([*rows, ""])


def head(*, users: int, seed: int) -> str:
    return "\n".join(
        [
            "# What the layers find",
            "",
            f"{users} synthetic users a layer, seeds {seed} to {seed + users - 1}, written {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC"
            f" on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
            "",
            "`naive` is the simple method that each layer has to beat. The bound is one-sided, by drawing the users anew;"
            " a bar holds unless the bound excludes it.",
            "",
        ]
    )


if __name__ == "__main__":
    begun = time.monotonic()
    code = main(sys.argv[1:])
    say(f"{time.monotonic() - begun:.0f} s")
    sys.exit(code)
