"""The job of all drills: `python -m tests.drills [NUMBERS] [--seed N] [--items N]`; exit 1 where one fails."""

import argparse
import importlib
import re
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, ModuleType

from config.local.home import HomeError
from tests.drills.clocks import SHORTENED
from tests.drills.crew import Crew, make_environment
from tests.drills.home import HOME, Servers, open_home
from tests.drills.supervisor import MAX_CONNECTIONS
from tests.drills.table import Outcome, list_cells, render

FOLDER = Path(__file__).parent


def main() -> int:
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, interrupt)
    begun = time.monotonic()
    rows: list[list[str]] = []
    try:
        with open_home() as servers:
            play(servers, arguments=arguments, rows=rows)
    except HomeError as refusal:
        say(str(refusal))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    finally:
        if rows:
            write_table(rows, seconds=time.monotonic() - begun, arguments=arguments)
    return 1 if any(row[8] == "FAILED" for row in rows) else 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, help="drills to run; all by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--items", type=int, default=500, help="memories of all people together")
    return parser.parse_args()


def play(servers: Servers, *, arguments: argparse.Namespace, rows: list[list[str]]) -> None:
    """Run the drills, one after the other; each leaves its row as soon as it is over."""
    from tests.drills.scene import Scene
    from tests.drills.world import make_world

    world = make_world(seed=arguments.seed, items=arguments.items)
    crew = Crew(log=servers.home.log, environment=make_environment(port=servers.port))
    scene = Scene(servers=servers, crew=crew, world=world, seed=arguments.seed)
    crew.start()
    try:
        run_without_faults(scene)
        for number, module in find_drills(arguments.numbers):
            scene.drill = number
            rows.append(run_drill(scene, number=number, module=module))
    finally:
        crew.stop()


def run_without_faults(scene: "Scene") -> None:  # noqa: F821 -- needs Django
    from tests.drills.measures import pass_over_all, settle, take_digest

    if not scene.wait_until_alive():
        raise HomeError(f"The processes did not start; see {scene.log_folder}.")
    scene.clear()
    begun = time.monotonic()
    scene.world.load()
    settle()
    scene.reference_seconds = time.monotonic() - begun
    pass_over_all()
    settle()
    scene.reference = take_digest()
    sizes = ", ".join(f"{name} {len(rows)}" for name, rows in scene.reference.parts.items())
    scene.log(f"without faults {scene.reference_seconds:.1f} s, digest {scene.reference.short}: {sizes}")
    say(f"without faults: {len(scene.world.keys)} memories in {scene.reference_seconds:.1f} s")


def find_drills(numbers: list[int]) -> list[tuple[int, ModuleType]]:
    """The modules by their numbers. Raises HomeError for a number that there is not."""
    files = {
        int(found[1]): path for path in FOLDER.glob("drill_*.py") if (found := re.match(r"drill_(\d+)", path.name))
    }
    if unknown := sorted(set(numbers) - set(files)):
        raise HomeError(f"There is no drill {unknown[0]} here; there are {', '.join(map(str, sorted(files)))}.")
    chosen = sorted(set(numbers) or files)
    return [(number, importlib.import_module(f"tests.drills.{files[number].stem}")) for number in chosen]


def run_drill(scene: "Scene", *, number: int, module: ModuleType) -> list[str]:  # noqa: F821
    """A drill that breaks has failed; the others go on."""
    begun = time.monotonic()
    try:
        if not scene.wait_until_alive():
            raise RuntimeError("the processes are not up")
        scene.clear()
        outcome: Outcome = module.run(scene)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is in the table
        scene.log(f"{type(error).__name__}: {error}")
        outcome = Outcome(wrong=[f"{type(error).__name__}: {str(error)[:200]}"])
    cells = list_cells(number, module.TITLE, outcome)
    seconds = time.monotonic() - begun
    scene.log(f"{' | '.join(cells)} | took {seconds:.0f} s")
    say(f"drill {number:>2} {cells[8]:<8} {seconds:4.0f} s  {module.TITLE}" + (f": {cells[9]}" if cells[9] else ""))
    return cells


def write_table(rows: list[list[str]], *, seconds: float, arguments: argparse.Namespace) -> None:
    head = [
        f"Drills of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: seed {arguments.seed}, {arguments.items} memories, max_connections={MAX_CONNECTIONS},"
        f" {seconds / 60:.1f} minutes.",
        SHORTENED,
        "failures: JobFailures expected/found; recovery: seconds from the end of the injection until nothing waits (its bound).",
    ]
    text = "\n".join([*head, "", render(rows), ""])
    (HOME / "table.txt").write_text(text)
    say(f"\n{text}\nAlso in {HOME / 'table.txt'}; the logs are in {HOME / 'log'}.")


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
