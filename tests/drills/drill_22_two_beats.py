"""Drill 22: a second beat, with a schedule of its own, tells everything twice."""

from tests.drills.measures import pass_over_all
from tests.drills.scene import Scene
from tests.drills.table import Outcome

TITLE = "two beats at once"


def run(scene: Scene) -> Outcome:
    outcome = Outcome(injected="a second beat")
    command = scene.crew.commands["beat"]
    scene.crew.add("beat-2", command.replace("run/beat-schedule", "run/beat-schedule-2"))
    try:
        scene.world.load()
        pass_over_all()
        scene.recover(outcome)
        outcome.require(scene.crew.is_alive("beat-2"), "the second beat does not run")
    finally:
        scene.crew.dismiss("beat-2")
    return outcome
