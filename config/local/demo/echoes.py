"""Demo person: the same thing twice, and things that only look the same.

One event on several platforms (with look-alikes under other numbers), near-duplicates
of notes, mails and files, and templated notes that are no duplicates of one another.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from config.local.demo.diary import Diary, tidy
from config.local.demo.drafts import Draft, Mark
from config.local.demo.files import file_metadata
from config.local.demo.mails import forward
from config.local.demo.people import CAST, Person
from config.local.demo.timeline import at

__all__ = ["copies", "copies_wanted", "event_tellings", "templated_notes"]

EVENTS: Final = 24
LOOK_ALIKES: Final = 10
TEMPLATED: Final = 30
NOTE_COPIES: Final = 15
FORWARDS: Final = 12
FILE_COPIES: Final = 15
FILE_ODDS: Final = 0.65
REF: Final = "<REF>"
SUM: Final = "<SUM>"
COPY_WORDS: Final = 25  # a note must have so many to be worth copying

EDITS: Final = (
    ("I've", "I have"),
    ("It's", "It is"),
    (" and ", " & "),
    ("tonight", "this evening"),
    (" the ", " teh "),
    (" which ", " that "),
    (". ", ".  "),
    ("didn't", "did not"),
    (" with ", " wth "),
)


@dataclass(frozen=True, slots=True)
class Event:
    """What is said about one event, `REF` and `SUM` still open."""

    merchant: Person
    subject: str
    mail: str
    note: str
    file_title: str
    file: str


def event_tellings(diary: Diary, *, scale: float) -> Iterator[Draft]:
    """Tell of bookings, repairs and deliveries by mail, in the diary and as a file."""
    rng = diary.rng
    days = [day for day in diary.timeline.days() if diary.timeline.writes_on(day)]
    alike = round(LOOK_ALIKES * scale)
    for number, day in enumerate(sorted(rng.sample(days, round(EVENTS * scale))), 1):
        event = _event(diary, day=day)
        yield from _tellings(event, diary=diary, day=day, number=number)
        if number <= alike:
            near = min(day + timedelta(days=rng.randint(2, 9)), diary.timeline.last)
            yield from _look_alike(event, diary=diary, day=near, number=number)


def _event(diary: Diary, *, day: date) -> Event:
    today = diary.day(day)
    values = today.values | {"ref": REF, "sum": SUM}
    told = diary.pen.write("event", facts=today.facts, values=values)
    sender, *texts = (piece.strip() for piece in told.split(" ~~ "))
    return Event(_merchant(sender), *texts)


def _numbers(rng: random.Random) -> tuple[str, str]:
    """Draw a booking number and a price."""
    letters = rng.choice("ABCDEFGHKLMNPRSTVWXYZ") + rng.choice("QRSTX")
    price = f"£{rng.randint(24, 290)}.{rng.randrange(5, 100):02d}"
    return f"{letters}-{rng.randint(10_000, 99_999)}", price


def _tellings(event: Event, *, diary: Diary, day: date, number: int) -> Iterator[Draft]:
    rng, (ref, price) = diary.rng, _numbers(diary.rng)
    mark = Mark("event", f"event-{number}", f"{ref}::{price}", number)
    hour, minute = rng.randint(8, 19), rng.randrange(60)
    yield _mail(event, when=at(day, hour, minute), mark=mark)
    yield _diary_note(event.note, when=at(day, hour + 2, minute), mark=mark)
    if rng.random() < FILE_ODDS:
        source = rng.choice(("gdrive", "dropbox"))
        yield _receipt(event, source=source, when=at(day, hour + 1, minute), mark=mark)


def _look_alike(event: Event, *, diary: Diary, day: date, number: int) -> Iterator[Draft]:
    """Tell another event of the same kind, under a number and a price of its own."""
    ref, price = _numbers(diary.rng)
    mark = Mark("look_alike", f"look-alike-{number}", f"{ref}::{price}", number)
    note = diary.pen.write("again", facts=diary.day(day).facts, values={"ref": REF, "sum": SUM})
    yield _mail(event, when=at(day, 9, 30), mark=mark)
    yield _diary_note(note, when=at(day, 20, 10), mark=mark)


def _numbered(text: str, mark: Mark) -> str:
    ref, price = mark.role.split("::")
    return tidy(text.replace(REF, ref).replace(SUM, price))


def _mail(event: Event, *, when: datetime, mark: Mark) -> Draft:
    return Draft(
        when=when,
        source="gmail",
        content=_numbered(event.mail, mark),
        title=_numbered(event.subject, mark),
        author=event.merchant,
        to=(CAST["me"],),
        marks=[mark],
    )


def _diary_note(text: str, *, when: datetime, mark: Mark) -> Draft:
    return Draft(
        when=when,
        source="note",
        content=_numbered(text, mark),
        author=CAST["me"],
        marks=[mark],
    )


def _receipt(event: Event, *, source: str, when: datetime, mark: Mark) -> Draft:
    title = _numbered(event.file_title, mark)
    return Draft(
        when=when,
        source=source,
        content=_numbered(event.file, mark),
        title=title,
        author=CAST["me"],
        marks=[mark],
        metadata=file_metadata(source=source, kind="pdf", folder="Papers", title=title),
    )


def _merchant(sender: str) -> Person:
    """Read `Name <address>`; a firm is named one way only."""
    name, address = sender.rstrip(">").split(" <")
    return Person(name=name, addresses=(address,), forms={name: 1}, sign=name)


def templated_notes(diary: Diary, *, scale: float) -> Iterator[Draft]:
    """Write notes that differ in figures and dates only: no duplicates."""
    days = [day for day in diary.timeline.days() if diary.timeline.writes_on(day)]
    for day in sorted(diary.rng.sample(days, round(TEMPLATED * scale))):
        today = diary.day(day)
        told = diary.pen.write("template", facts=today.facts, values=today.values)
        title, text = told.split(" ~~ ")
        yield Draft(
            when=at(day, diary.rng.randint(18, 21), diary.rng.randrange(60)),
            source="note",
            content=text,
            title=title,
            author=CAST["me"],
            marks=[Mark("not_duplicate", title)],
        )


def copies_wanted(scale: float) -> int:
    """How many copies a life of this scale has, where there is enough to copy."""
    return sum(round(count * scale) for count in (NOTE_COPIES, FORWARDS, FILE_COPIES))


def copies(drafts: Sequence[Draft], *, diary: Diary, scale: float) -> Iterator[Draft]:
    """Copy some notes, mails and files; marks the originals too."""
    rng = diary.rng
    plain = [d for d in drafts if not d.marks and d.when.date() < diary.timeline.last]
    notes = [d for d in drafts if d.source == "note" and _worth_copying(d)]
    mails = [d for d in plain if d.source == "gmail" and d.author not in (CAST["me"], CAST["dan"])]
    files = [d for d in plain if d.source == "gdrive"]
    for number, draft in enumerate(_some(notes, NOTE_COPIES * scale, rng=rng), 1):
        draft.marks.append(Mark("duplicate", f"note-{number}", "original"))
        yield _edited(draft, number=number, rng=rng, last=diary.timeline.last)
    for number, draft in enumerate(_some(mails, FORWARDS * scale, rng=rng), 1):
        draft.marks.append(Mark("duplicate", f"forward-{number}", "original"))
        receiver = _receiver(draft, facts=diary.timeline.facts(draft.when.date()))
        yield _clamped(forward(draft, to=receiver, rng=rng, number=number), diary.timeline.last)
    for number, draft in enumerate(_some(files, FILE_COPIES * scale, rng=rng), 1):
        draft.marks.append(Mark("duplicate", f"file-{number}", "original"))
        yield _in_dropbox(draft, number=number, rng=rng, last=diary.timeline.last)


def _worth_copying(draft: Draft) -> bool:
    """Tell whether a note is long enough, and no part of another plant."""
    free = all(mark.layer == "told" for mark in draft.marks)
    return free and len(draft.content.split()) >= COPY_WORDS


def _some(drafts: list[Draft], count: float, *, rng: random.Random) -> list[Draft]:
    return rng.sample(drafts, min(len(drafts), round(count)))


def _receiver(draft: Draft, *, facts: frozenset[str]) -> Person:
    """Dan, once there is Dan; his own mails go to Mum."""
    if "dan" in facts and draft.author is not CAST["dan"]:
        return CAST["dan"]
    return CAST["mum"]


def _edited(draft: Draft, *, number: int, rng: random.Random, last: date) -> Draft:
    """Write the note again with a few small edits, as a second device would save it."""
    content = draft.content
    for old, new in rng.sample(EDITS, 4):
        content = content.replace(old, new, 1)
    if content == draft.content:
        content += " Goodnight."
    again = Draft(
        when=draft.when + timedelta(minutes=rng.randint(3, 2500)),
        source="note",
        content=content,
        title=draft.title,
        author=draft.author,
        marks=[Mark("duplicate", f"note-{number}", "copy")],
    )
    return _clamped(again, last)


def _in_dropbox(draft: Draft, *, number: int, rng: random.Random, last: date) -> Draft:
    path = str(draft.metadata["path"]).strip("/")
    copy = Draft(
        when=draft.when + timedelta(minutes=rng.randint(5, 2500)),
        source="dropbox",
        content=draft.content,
        title=draft.title,
        author=draft.author,
        marks=[Mark("duplicate", f"file-{number}", "copy")],
        metadata=file_metadata(
            source="dropbox",
            kind=str(draft.metadata["kind"]),
            folder=path.rpartition("/")[0],
            title=draft.title,
        ),
    )
    return _clamped(copy, last)


def _clamped(draft: Draft, last: date) -> Draft:
    """Keep a copy inside the life."""
    if draft.when.date() > last:
        draft.when = at(last, 23, draft.when.minute)
    return draft
