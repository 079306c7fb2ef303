"""All of syncs, in order: pace, memory, and every fault; a part for RESULTS.md at a time."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.home import fresh_database
from benchmarks.measures import Part
from config.local.providers.client import StandIn

ITEMS, FULL_ITEMS = 200, 2_000  # a provider and fault
FAULT_SECONDS = 0.5  # after which a call that hangs is given up here; the product waits a minute


def measure_syncs(*, full: bool) -> Iterator[Part]:
    """Needs Django and its servers, and a stand-in of its own; `full` plays the faults with ten times the items."""
    from benchmarks.syncs.play import point_at
    from integrations import nango
    from integrations.transport import Patience

    with TemporaryDirectory() as folder, StandIn.start(Path(folder) / "log") as stand_in, fresh_database():
        point_at(stand_in)
        yield tell_pace(stand_in)
        nango.FOR_A_PROVIDER = Patience(connect=2, read=FAULT_SECONDS, total=5)
        yield tell_faults(stand_in, items=FULL_ITEMS if full else ITEMS)


def tell_pace(stand_in: StandIn) -> Part:
    from benchmarks.syncs.pace import LATENCY, MEMORY_BAR, PACE_BAR, measure_memory, measure_paces

    paces = measure_paces(stand_in)
    rows = [
        f"| {pace.provider}{', 40 ms a call' if pace.latency else ''} | {max(pace.bare):,.0f} | {max(pace.product):,.0f}"
        f" | {pace.ratio:.2f} | {PACE_BAR} |"
        for pace in paces
    ]
    early, late = measure_memory(stand_in)
    broken = [f"pace of {pace.provider}: {pace.ratio:.2f}" for pace in paces if pace.ratio < PACE_BAR]
    broken += [f"memory grew {late / early:.2f} times"] if late / early > MEMORY_BAR else []
    return (
        "\n".join(
            [
                "# Syncs\n",
                "First syncs, items a second: the stand-in asked bare, one call after the other, and the product with all it"
                f" does (three rounds, the quickest of each; the ratio is the median of rounds). With {LATENCY * 1000:.0f} ms a"
                " call the product's four threads show.\n",
                "| provider | bare | product | ratio | bar |",
                "|---|---:|---:|---:|---:|",
                *rows,
                "",
                f"Memory of the process over 20,000 mails: {early / 2**20:.0f} MB after a tenth, {late / 2**20:.0f} MB at most"
                f" ({late / early:.2f}; bar {MEMORY_BAR}).\n",
            ]
        ),
        broken,
    )


def tell_faults(stand_in: StandIn, *, items: int) -> Part:
    from benchmarks.syncs.accounts import PROVIDERS
    from benchmarks.syncs.faults import list_faults
    from benchmarks.syncs.storm import weather

    began = time.monotonic()
    names = dict.fromkeys(name for provider in PROVIDERS for name in list_faults(provider))
    told: dict[str, list[str]] = {}
    broken: list[str] = []
    for name in names:
        for provider in PROVIDERS:
            if name not in list_faults(provider):
                told.setdefault(name, []).append("")
                continue
            wrong = weather(stand_in, provider, name=name, items=items)
            told.setdefault(name, []).append("truth" if not wrong else f"{len(wrong)} wrong")
            broken += [f"{provider}, {name}: {wrong[0]}"] if wrong else []
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in told.items()]
    return (
        "\n".join(
            [
                f"{items:,} items a provider: a first sync, a life that goes on and a second sync, both under the fault; then one"
                " without and one more that must write nothing. `truth`: nothing lost, doubled, left over or different, the"
                f" waits of 429s kept ({time.monotonic() - began:.0f} s in all).\n",
                f"| fault | {' | '.join(PROVIDERS)} |",
                "|---|" + "---|" * len(PROVIDERS),
                *rows,
                "",
            ]
        ),
        broken,
    )
