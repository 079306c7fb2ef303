import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from memories.management.carry import carry_batch, find_person, finish_background_work
from memories.pipeline import count_waiting, list_closed, list_steps


class Command(BaseCommand):
    help = "Carry due memories through the stages in this process; no worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", help="only this person's memories")
        parser.add_argument("--until-done", action="store_true", help="go on until nothing waits")

    def handle(self, *args: Any, user: str | None, until_done: bool, **options: Any) -> None:
        person = find_person(user)
        steps = list_steps()
        for sentence in list_closed(user=person):
            self.stdout.write(sentence)
        total = sum(count_waiting(user=person).values())
        moved = 0
        with tqdm(total=total, unit="memory", disable=not sys.stderr.isatty()) as bar:
            while count := sum(carry_batch(step, user=person, tell=self.stderr.write) for step in steps):
                moved += count
                bar.update(max(0, total - sum(count_waiting(user=person).values()) - bar.n))
                if not until_done:
                    break
        finish_background_work(tell=self.stderr.write, until_done=until_done)
        waiting = count_waiting(user=person)
        told = ", ".join(f"{stage} {rows}" for stage, rows in sorted(waiting.items()))
        self.stdout.write(f"{moved} stage changes; waiting: {told or 'nothing'}")
