"""Drill 2: a memory that kills its worker each time, and one whose extraction always breaks."""

from tests.drills.clocks import LEASE, SWEEP_SECONDS
from tests.drills.measures import read
from tests.drills.mishaps import BROKEN, POISON, RUNS
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import write_as_guest

TITLE = "a poison memory and a broken one"
MOST_RUNS = 5


def run(scene: Scene) -> Outcome:
    outcome = Outcome(injected="1 that kills its worker, 1 that raises", expected=2)
    RUNS.unlink(missing_ok=True)
    guests = write_as_guest([POISON, BROKEN, "Lunch with Tomas Kowal in Lisbon."])
    scene.world.load()
    scene.recover(outcome, bound=MOST_RUNS * (LEASE + SWEEP_SECONDS) + 60.0, besides=guests)
    runs = len(RUNS.read_text().splitlines())
    outcome.require(1 <= runs <= MOST_RUNS, f"the poison ran {runs} times")
    told = sorted(read("SELECT kind, runs, state FROM integrations_jobfailure"))
    outcome.require(
        told == [("lost", MOST_RUNS, "open"), ("transient-exhausted", MOST_RUNS, "open")], f"the failures say {told}"
    )
    ends = sorted(
        stage
        for (stage,) in read(
            "SELECT stage FROM memories_memory m JOIN memories_user u ON u.id = m.user_id WHERE u.username = 'guest'"
        )
    )
    outcome.require(ends == ["enriched", "failed", "failed"], f"the guest's memories are {ends}")
    outcome.note = f"{runs} runs of the poison"
    return outcome
