"""The world of the drills: memories of five made-up people, the same for the same seed; their keys are the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from config.local.demo import generate_life
from config.local.demo.life import SMALLEST_LIFE
from memories.drafts import MemoryDraft, parse_draft
from memories.models import Memory, User
from memories.services.store import store_drafts

NAMES = ("ada", "bela", "cleo", "dora", "emil")
GUEST = "guest"
END = date(2026, 11, 1)
CHUNK = 50
Key = tuple[str, str, str]  # username, source, external_id


@dataclass(frozen=True, slots=True)
class World:
    """What each person has written, as records of the ndjson format, by time."""

    lives: dict[str, tuple[dict[str, object], ...]]

    @property
    def keys(self) -> set[Key]:
        return {(name, str(r["source"]), str(r["external_id"])) for name, life in self.lives.items() for r in life}

    def load(self) -> None:
        """Store everything through the store service, people in turn, as if they wrote side by side."""
        users = make_people()
        for name, part in self.take_turns():
            store_chunk(users[name], part)

    def take_turns(self) -> Iterator[tuple[str, list[dict[str, object]]]]:
        """Chunks of all people in turn."""
        longest = max(map(len, self.lives.values()))
        for begin in range(0, longest, CHUNK):
            for name, life in self.lives.items():
                if part := list(life[begin : begin + CHUNK]):
                    yield name, part


def make_world(*, seed: int, items: int) -> World:
    """Five lives of `items` memories together."""
    share = max(1, items // len(NAMES))
    return World(
        lives={
            name: generate_life(memories=max(share, SMALLEST_LIFE), end=END, seed=seed * 100 + place).records[:share]
            for place, name in enumerate(NAMES)
        }
    )


def store_chunk(user: User, records: Sequence[dict[str, object]]) -> None:
    """Store a person's records in one transaction."""
    store_drafts(user=user, drafts=[read_draft(record) for record in records], origin="drill")


def write_as_guest(texts: Sequence[str], *, begin: int = 0) -> set[Key]:
    """Memories of somebody who is in no digest, numbered from `begin`; returns their keys."""
    guest = User.objects.get_or_create(username=GUEST)[0]
    store_chunk(guest, [{"content": text, "external_id": f"guest-{n}"} for n, text in enumerate(texts, begin)])
    return {(GUEST, "note", f"guest-{n}") for n in range(begin, begin + len(texts))}


def make_people() -> dict[str, User]:
    """The people, made where they are not there."""
    return {name: User.objects.get_or_create(username=name, defaults={"is_active": True})[0] for name in NAMES}


def read_draft(record: dict[str, object]) -> MemoryDraft:
    return parse_draft(record, time_zone=ZoneInfo("UTC"), now=datetime(2026, 11, 1, tzinfo=UTC))


def read_keys() -> list[Key]:
    """Keys of all memories there are."""
    rows = Memory.objects.values_list("user__username", "source", "external_id")
    return [(name, source, external_id) for name, source, external_id in rows]
