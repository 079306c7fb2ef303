"""Demo person: one made-up life, as the memories that a few sources would tell of it.

Six years of Nell Hartley, who repairs bridges, sings on Tuesdays and has a bad knee:
hand-written episodes carry the arcs, plants (what recurs, has seasons, causes, copies)
are told between them, and ordinary days fill the rest.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.local.demo.causes import cause_parts, stated_parts
from config.local.demo.diary import Diary, plan_notes, shrink
from config.local.demo.drafts import Draft, Part
from config.local.demo.echoes import copies, copies_wanted, event_tellings, templated_notes
from config.local.demo.episodes import Episode, read_episodes
from config.local.demo.files import write_file
from config.local.demo.grammar import load_grammar
from config.local.demo.mails import thread
from config.local.demo.pen import Pen
from config.local.demo.plan import Plan
from config.local.demo.records import number_drafts, record
from config.local.demo.recurring import recurring_parts
from config.local.demo.seasons import habit_parts, season_parts
from config.local.demo.silence import silenced_layers
from config.local.demo.timeline import make_timeline, writing_days
from config.local.demo.truth import tell_truth

__all__ = ["FULL_LIFE", "DemoLife", "generate_life"]

FULL_LIFE: Final = 1500  # memories with which every plant has its full size
SHARES: Final[Mapping[str, float]] = {  # of all memories; notes are the rest
    "gmail": 0.155,
    "zoho_mail": 0.13,
    "gdrive": 0.08,
    "dropbox": 0.045,
}
SMALLEST_LIFE: Final = 50
FRIDAY: Final = 4
TELLERS: Final = (  # the later ones prefer days on which there is something to tell
    recurring_parts,
    habit_parts,
    cause_parts,
    season_parts,
    stated_parts,
)
THREAD: Final = 4  # mails at most
WRITING_SHARE: Final = 0.6  # of all days


@dataclass(frozen=True, slots=True)
class DemoLife:
    """A life: `records` by time, each in the shape of the ndjson format plus `account`
    (the mail address of the synced source, '' for notes), and what was planted.
    """

    records: tuple[dict[str, object], ...]
    truth: dict[str, object]


def generate_life(*, memories: int = FULL_LIFE, end: date, seed: int = 7) -> DemoLife:
    """Write six years of memories, the last on the day before `end`.

    The same arguments give the same life, bit for bit. Below `FULL_LIFE` the plants
    shrink with the life; `truth["silenced_layers"]` says which layers can then find
    nothing, and why. Above it there is more ordinary life.

    Raises:
        ValueError: for fewer than 50 memories.
    """
    if memories < SMALLEST_LIFE:
        raise ValueError(f"a life has at least {SMALLEST_LIFE} memories")
    writer = Writer.start(memories=memories, end=end, seed=seed)
    drafts = writer.write()
    number_drafts(drafts, rng=writer.diary.rng)
    truth = tell_truth(drafts, timeline=writer.diary.timeline)
    truth |= {"memories": len(drafts), "seed": seed}
    truth["silenced_layers"] = silenced_layers(truth)
    return DemoLife(tuple(record(draft) for draft in drafts), truth)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes all the drafts of one life."""

    memories: int
    diary: Diary
    episodes: Sequence[Episode]

    @classmethod
    def start(cls, *, memories: int, end: date, seed: int) -> "Writer":
        """Set up timeline, pen and the episodes that a life of this size tells."""
        rng = random.Random(seed)  # noqa: S311  (a story, not a secret)
        timeline = make_timeline(end=end)
        told = read_episodes(timeline)
        wanted = round(len(told) * min(1, memories / FULL_LIFE))
        chosen = [told[place * len(told) // wanted] for place in range(wanted)]
        pen = Pen(grammar=load_grammar(), rng=rng)
        for episode in chosen:
            for draft in episode.drafts:
                pen.remember(draft.content)
        return cls(memories, Diary(timeline, pen, rng, chosen), chosen)

    @property
    def scale(self) -> float:
        """Size of the plants, 1.0 in a full life."""
        return min(1.0, self.memories / FULL_LIFE)

    def write(self) -> list[Draft]:
        """Write everything, sorted by time."""
        drafts = [draft for episode in self.episodes for draft in episode.drafts]
        drafts += event_tellings(self.diary, scale=self.scale)
        drafts += templated_notes(self.diary, scale=self.scale)
        plan = plan_notes(self._parts())
        for source in SHARES:
            drafts += self._fill(source, drafts)
        room = self.memories - len(drafts) - copies_wanted(self.scale)
        plan = shrink(plan, room=room - 1)
        plan += [(day, []) for day in self._days(room - len(plan) - 1)]
        plan.append((self.diary.timeline.last, []))
        plan.sort(key=lambda note: note[0])
        drafts += [self.diary.note(day, parts) for day, parts in plan]
        drafts += copies(drafts, diary=self.diary, scale=self.scale)
        missing = self.memories - len(drafts)
        drafts += [self.diary.note(day) for day in self._days(missing)]
        return sorted(drafts, key=lambda draft: (draft.when, draft.source))

    def _parts(self) -> list[Part]:
        diary = self.diary
        plan = Plan(diary.timeline, diary.pen, diary.rng, self.scale)
        for tell in TELLERS:
            plan.add(tell(plan))
        return plan.parts

    def _days(self, count: int) -> list[date]:
        """Draw days of ordinary diary writing, each once while there are enough."""
        days: list[date] = []
        rng = self.diary.rng
        while len(days) < count:
            more = writing_days(self.diary.timeline, share=WRITING_SHARE, rng=rng)
            days += rng.sample(more, min(len(more), count - len(days)))
        return sorted(days)

    def _fill(self, source: str, drafts: Sequence[Draft]) -> list[Draft]:
        """Write threads or files of a source until it has its share of the life."""
        share = round(self.memories * SHARES[source])
        room = share - sum(draft.source == source for draft in drafts)
        written: list[Draft] = []
        for day in self._days(room):
            if len(written) >= room:
                break
            written += self._piece(source, day, most=min(THREAD, room - len(written)))
        return written

    def _piece(self, source: str, day: date, *, most: int) -> list[Draft]:
        if source == "zoho_mail":  # offices rest at weekends
            day -= timedelta(days=max(0, day.weekday() - FRIDAY))
        if source in ("gmail", "zoho_mail"):
            return list(thread(self.diary, source=source, day=day, most=most))
        return [write_file(self.diary, source=source, day=day)]
