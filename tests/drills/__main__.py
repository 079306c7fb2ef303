"""The job of all drills: `python -m tests.drills [NUMBERS] [--seed N] [--items N]`; exit 1 where one fails."""

import argparse
import importlib
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from config.local.home import HomeError
from tests.drills.clocks import SHORTENED
from tests.drills.crew import Crew, make_environment
from tests.drills.home import HOME, MAX_CONNECTIONS, Servers, open_home
from tests.drills.table import Outcome, list_cells, render

JOB_SECONDS = 15 * 60  # in which the last drill begins
REFERENCE_PATIENCE = 240.0
FOLDER = Path(__file__).parent


@dataclass(slots=True)
class Job:
    """What was asked for and what came of it."""

    seed: int
    items: int
    drills: list[tuple[int, ModuleType]]
    rows: list[list[str]] = field(default_factory=list)
    failed: int = 0
    reference: float = 0.0  # seconds of the run without faults
    empty: list[str] = field(default_factory=list)  # parts of its digest
    begun: float = field(default_factory=time.monotonic)

    def play(self, servers: Servers) -> None:
        """Run the drills, one after the other; each leaves its row as soon as it is over."""
        from tests.drills.scene import Scene
        from tests.drills.world import make_world

        world = make_world(seed=self.seed, items=self.items)
        crew = Crew(log=servers.home.log, environment=make_environment(port=servers.port))
        scene = Scene(servers=servers, crew=crew, world=world, seed=self.seed)
        crew.start()
        try:
            run_without_faults(scene)
            self.reference, self.empty = scene.reference_seconds, scene.reference.empty if scene.reference else []
            for number, module in self.drills:
                scene.drill = number
                late = time.monotonic() - self.begun > JOB_SECONDS
                self.note(number, module, Outcome(late=True) if late else run_drill(scene, module))
        finally:
            crew.stop()

    def note(self, number: int, module: ModuleType, outcome: Outcome) -> None:
        title = str(getattr(module, "TITLE", module.__name__))
        cells = list_cells(number, title, outcome)
        self.rows.append(cells)
        self.failed += outcome.verdict != "passed" and not outcome.needs
        say(f"{number:>2} {outcome.verdict}: {title}" + (f" ({cells[-1]})" if cells[-1] else ""))

    def tell(self) -> str:
        """The table with what a reader must know of it."""
        minutes = (time.monotonic() - self.begun) / 60
        head = (
            f"Drills of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: seed {self.seed}, {self.items} memories of five people,"
            f" max_connections={MAX_CONNECTIONS}, {minutes:.1f} minutes.\n{SHORTENED}\n"
            "failures: JobFailures expected/found. recovery: seconds from the end of the injection until nothing waits (its bound: that of"
            f" the clocks and the {self.reference:.0f} s\nthat this machine took today for the same work without faults). Each final state is"
            f" held against that of the run without faults, in which these parts are empty: {', '.join(self.empty) or 'none'}."
        )
        return f"{head}\n\n{render(self.rows)}\n"


def main() -> int:
    signal.signal(signal.SIGTERM, interrupt)
    job: Job | None = None
    try:
        job = read_job()
        with open_home() as servers:
            job.play(servers)
    except HomeError as refusal:
        say(str(refusal))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    finally:
        if job and job.rows:
            (HOME / "table.txt").write_text(job.tell())
            say(f"\n{job.tell()}\nAlso in {HOME / 'table.txt'}; logs are in {HOME / 'log'}.")
    return 1 if job.failed else 0


def read_job() -> Job:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, help="drills to run; all by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--items", type=int, default=500, help="memories of all people together")
    asked = parser.parse_args()
    return Job(seed=asked.seed, items=asked.items, drills=find_drills(asked.numbers))


def find_drills(numbers: list[int]) -> list[tuple[int, ModuleType]]:
    """The modules by their numbers. Raises HomeError for a number that there is not."""
    files = {
        int(found[1]): path for path in FOLDER.glob("drill_*.py") if (found := re.match(r"drill_(\d+)", path.name))
    }
    if unknown := sorted(set(numbers) - set(files)):
        raise HomeError(f"There is no drill {unknown[0]} here; there are {', '.join(map(str, sorted(files)))}.")
    return [(number, LateModule(files[number].stem)) for number in sorted(set(numbers) or files)]


class LateModule(ModuleType):
    """A drill's module, imported when it is looked at: it may need Django, which needs the servers."""

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(importlib.import_module(f"tests.drills.{self.__name__}"), name)
        except ImportError as error:
            raise AttributeError(str(error)) from error


def run_without_faults(scene: Any) -> None:
    """What every drill is held against. Raises HomeError when the processes do not start, or when it is not as it must be itself."""
    from tests.drills.measures import NEVER_EMPTY, judge_view, pass_over_all, take_digest

    if not scene.wait_until_alive():
        raise HomeError(f"The processes did not start; see {scene.log_folder}.")
    scene.clear()
    begun = time.monotonic()
    scene.world.load()
    settle_or_end()
    scene.reference_seconds = time.monotonic() - begun
    pass_over_all()
    settle_or_end()
    outcome = Outcome()
    scene.judge(outcome)
    judge_view(outcome)
    scene.reference = take_digest()
    if missing := sorted(set(NEVER_EMPTY) & set(scene.reference.empty)):
        outcome.wrong.append(f"no {', '.join(missing)}")
    if outcome.faults:
        raise HomeError(f"The run without faults is itself not as it must be: {'; '.join(outcome.faults)}.")
    sizes = ", ".join(f"{name} {len(rows)}" for name, rows in scene.reference.parts.items())
    scene.log(f"without faults {scene.reference_seconds:.1f} s, digest {scene.reference.short}: {sizes}")
    say(f"without faults: {len(scene.world.keys)} memories in {scene.reference_seconds:.1f} s")


def settle_or_end() -> None:
    from tests.drills.measures import count_waiting, settle

    if settle(seconds=REFERENCE_PATIENCE) is None:
        raise HomeError(
            f"The run without faults did not end within {REFERENCE_PATIENCE:.0f} s: {count_waiting()} wait."
        )


def run_drill(scene: Any, module: ModuleType) -> Outcome:
    """A drill that breaks has failed; the others go on."""
    from tests.drills.measures import judge_view

    begun = time.monotonic()
    try:
        if not scene.wait_until_alive():
            raise HomeError("the processes are not up")
        scene.clear()
        outcome: Outcome = module.run(scene)
        judge_view(outcome)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is in the table
        outcome = Outcome(wrong=[f"{type(error).__name__}: {str(error)[:200]}"])
    scene.log(f"{outcome.verdict} after {time.monotonic() - begun:.0f} s: {outcome}")
    return outcome


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
