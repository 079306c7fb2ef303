"""All of reading, in order: a universe, latency, sizes, bursts, freshness; with `full` also how it grows to four million."""

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median

from benchmarks.home import connect_owner, fresh_database
from benchmarks.measures import Part
from benchmarks.reading.burst import measure_bursts, measure_slow_readers, measure_throughput
from benchmarks.reading.figures import NOISY, Figure, draw, find_spread, list_broken, show, tabulate
from benchmarks.reading.latency import (
    BEFORE,
    DRAWING,
    ONE,
    SAME,
    SLICE,
    VALID,
    WHOLE,
    Reader,
    is_void,
    judge,
    measure_latency,
    measure_limit,
)
from benchmarks.reading.refresh import (
    Grown,
    compare_growth,
    list_growth,
    measure_changes,
    measure_rebuild,
    measure_refreshes,
    measure_tax,
    take_changes,
)
from benchmarks.reading.rounds import Path, Rounds, take_rounds
from benchmarks.reading.universe import Person, Universe, load_universe, plan_universe
from benchmarks.reading.web import log_in, serve

GROWTH = (50, 200, 800)  # people: 0.25, 1 and 4 million relationships


def measure_reading(*, full: bool, people: int) -> Iterator[Part]:
    """A part for RESULTS.md at a time."""
    universe, load = plan_universe(people=people), os.getloadavg()[0]
    with fresh_database():
        seconds = prepare(universe)
        yield describe(universe, seconds=seconds, load=load), []
        with serve() as port:
            yield measure_one_client(port, universe=universe)
            yield measure_sizes(port, universe=universe)
            yield tell("Many at once on kept connections", measure_together(port, universe=universe))
        yield tell(f"{people} people at once", measure_bursts(universe))
        with serve() as port:
            yield tell("Freshness", measure_freshness(port, universe=universe))
    if full:
        yield measure_growth()


def prepare(universe: Universe) -> float:
    """A universe as it is when everything is up to date: view, bodies, statistics of the planner. Seconds it took to load."""
    from graph.services.bodies import store_bodies
    from graph.services.refresh import refresh_view

    seconds = load_universe(universe)
    refresh_view(concurrently=False)
    for person in universe.people:
        store_bodies(user_id=person.user_id)
    with connect_owner() as owner:
        owner.execute("VACUUM ANALYZE")
    return seconds


def read_server() -> str:
    """The server's own word on its version."""
    with connect_owner() as owner:
        return str(owner.execute("SHOW server_version").fetchone()[0])


def describe(universe: Universe, *, seconds: float, load: float) -> str:
    return "\n".join(
        [
            "# How the graph is read",
            "",
            f"Written {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
            f" PostgreSQL {read_server()}; before it, others kept {load:.1f} of the cores busy.",
            "",
            f"{len(universe.people)} made-up people with {universe.relationships:,} relationships, rows of all of them by turns on disk, made in"
            f" {seconds:.0f} s. Web processes, pool and server are those of the Procfile. A value is the middle one of several rounds in which all"
            " paths took turns. *Before* is the seed's way, kept in `benchmarks/reading/before.py`; *one* is a view with the same middleware and"
            " login that does `SELECT 1`.",
            "",
        ]
    )


def tell(title: str, figures: Sequence[Figure]) -> Part:
    return "\n".join([f"## {title}", "", *tabulate(figures), ""]), list_broken(figures)


def measure_one_client(port: int, *, universe: Universe) -> Part:
    still, moving = universe.usual[0], universe.usual[1]
    rounds = measure_latency(port, still=still, moving=moving)
    figures = judge(rounds, limit=measure_limit(still))
    text, broken = tell("One client, a person of 5,000 relationships", figures)
    return "\n".join([text, *_say_validity(rounds), *_list_latencies(rounds)]), [*broken, *_void(rounds)]


def _void(rounds: Rounds) -> list[str]:
    return (
        [f"reading: the run is void, before / one = {show(median(rounds.ratio(BEFORE, to=ONE)))}"]
        if is_void(rounds)
        else []
    )


def _say_validity(rounds: Rounds) -> list[str]:
    spread = find_spread(rounds.milliseconds[ONE])
    noise = "noisy" if spread > NOISY else "calm"
    void = (
        f"**This run is void**: before / one lies outside {VALID[0]:g} to {VALID[1]:g}."
        if is_void(rounds)
        else "Before / one is where it should be."
    )
    return [f"{void} The machine was {noise}: half of all rounds of *one* lie within {spread:.0%} of each other.", ""]


def _list_latencies(rounds: Rounds) -> list[str]:
    figures = [Figure(f"`{name}`", values, "ms") for name, values in rounds.milliseconds.items()]
    return [*draw({one.name.strip("`"): one.middle for one in figures}, unit="ms"), "", *tabulate(figures), ""]


def measure_sizes(port: int, *, universe: Universe) -> Part:
    """People of other sizes: the seed's way once, the rest a few times."""
    rows = [
        "## Other sizes",
        "",
        "| relationships | before | whole graph | kB | drawing | kB | first slice | kB | 304 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows += [_measure_size(port, person=person) for person in universe.people if person not in universe.usual]
    return "\n".join([*rows, "", "Milliseconds, and kilobytes as packed by zstd.", ""]), []


def _measure_size(port: int, *, person: Person) -> str:
    reader = Reader(log_in([person.user_id])[person.user_id])
    paths = [Path(name, reader.always(name), times=5) for name in (WHOLE, DRAWING, SLICE)]
    first = take_rounds(port, paths=paths, rounds=3)
    version = first.last[WHOLE].headers["etag"]
    again = Path(SAME, reader.always(WHOLE, **{"If-None-Match": version}), times=5, status=304)
    same = take_rounds(port, paths=[again], rounds=3)
    before = take_rounds(port, paths=[Path(BEFORE, reader.always("bench/before/"), times=1, warm=False)], rounds=1)
    cells = [f"{person.relationships:,}", show(before.milliseconds[BEFORE][0])]
    for name in (WHOLE, DRAWING, SLICE):
        cells += [show(median(first.milliseconds[name])), show(len(first.last[name].body) / 1000)]
    return f"| {' | '.join([*cells, show(median(same.milliseconds[SAME]))])} |"


def measure_together(port: int, *, universe: Universe) -> list[Figure]:
    """Throughput and slow readers."""
    usual, large = universe.usual[0].user_id, max(universe.people, key=lambda person: person.relationships).user_id
    cookies = log_in([usual, large])
    reader = Reader(cookies[usual])
    version = take_rounds(port, paths=[Path(WHOLE, reader.always(WHOLE))], rounds=1).last[WHOLE].headers["etag"]
    paths = {ONE: reader.ask("bench/one/"), SAME: reader.ask(WHOLE, **{"If-None-Match": version})}
    return [
        *measure_throughput(port, paths=paths),
        *measure_slow_readers(port, quick=reader, slow=Reader(cookies[large])),
    ]


def measure_freshness(port: int, *, universe: Universe) -> list[Figure]:
    refreshes, _ = measure_refreshes(port, reader=universe.usual[2])
    changes = measure_changes(port, person=universe.usual[3])
    return [*refreshes, *changes, *measure_tax(universe.usual[4]), *measure_rebuild(universe.usual[5])]


def measure_growth() -> Part:
    """The same people, more and more of them."""
    grown: list[Grown] = []
    for people in GROWTH:
        universe = plan_universe(people=people, special=())
        with fresh_database():
            load_universe(universe)
            grown.append(_measure_grown(universe))
    text, broken = tell("Growth", compare_growth(grown))
    return "\n".join([text, *list_growth(grown), ""]), broken


def _measure_grown(universe: Universe) -> Grown:
    from graph.services.refresh import refresh_view

    refresh_view(concurrently=False)
    with serve() as port:
        changes = take_changes(port, person=universe.usual[0])
        _, seconds = measure_refreshes(port, reader=universe.usual[1])
    return Grown(universe.relationships, changes, seconds)
