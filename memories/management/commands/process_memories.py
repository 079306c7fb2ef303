import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string
from tqdm import tqdm

from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.flags import is_switch_on
from memories.models import User
from memories.pipeline import Step, advance, count_waiting, list_steps


class Command(BaseCommand):
    help = "Carry due memories through the stages in this process; no worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", help="only this person's memories")
        parser.add_argument("--until-done", action="store_true", help="go on until nothing waits")

    def handle(self, *args: Any, user: str | None, until_done: bool, **options: Any) -> None:
        person = self._find(user)
        steps = self._open_steps()
        total = sum(count_waiting(user=person).values())
        moved = 0
        with tqdm(total=total, unit="memory", disable=not sys.stderr.isatty()) as bar:
            while count := sum(self._advance(step, person=person) for step in steps):
                moved += count
                bar.update(max(0, total - sum(count_waiting(user=person).values()) - bar.n))
                if not until_done:
                    break
        for path in settings.BACKGROUND_WORK:
            self._finish(path, until_done=until_done)
        waiting = count_waiting(user=person)
        told = ", ".join(f"{stage} {rows}" for stage, rows in sorted(waiting.items()))
        self.stdout.write(f"{moved} stage changes; waiting: {told or 'nothing'}")

    def _find(self, name: str | None) -> User | None:
        if name is None:
            return None
        person = User.objects.filter(username=name).first()
        if person is None:
            raise CommandError(f"There is no user {name!r}.")
        return person

    def _open_steps(self) -> list[Step]:
        steps = list_steps()
        for step in steps:
            if not is_switch_on(step.switch):
                self.stdout.write(f"The switch {step.switch} is off: nothing becomes {step.gives}.")
        return [step for step in steps if is_switch_on(step.switch)]

    def _advance(self, step: Step, *, person: User | None) -> int:
        try:
            return advance(step, user=person)
        except WorkFailed as error:
            self.stderr.write(f"failed for good: {', '.join(error.units)}: {error}")
            return len(error.units)
        except (TransientError, WorkBroke) as error:
            self.stderr.write(f"will be tried again: {error}")
            return 1  # other rows may still be due

    def _finish(self, path: str, *, until_done: bool) -> None:
        work = import_string(path)
        work()
        if until_done:
            time.sleep(1.1)  # jobs gather for a second before they are due
            while work():  # one may ask for another
                time.sleep(1.1)
