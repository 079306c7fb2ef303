"""Arrive: the way through Zoho Mail's folders, which are listed by offset, newest first.

Offsets shift: a mail that arrives pushes the others down (they come twice, harmless), one that is deleted or moved away pulls them up
(they would be skipped). So pages overlap, and a page that shows nothing of the one before is followed by a step back. A mail that is
moved to a folder that was listed already is shown by none, so where memories may be deleted by a listing it goes round twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from integrations.errors import CursorExpired, ProviderUnavailable
from integrations.providers.base import Cursor

LIMIT: Final = 200  # the largest page there is
OVERLAP: Final = 20
STEP: Final = LIMIT - OVERLAP
MOST: Final = 5_000_000  # mails in a folder; whoever shows more shows the same ones for ever
DAY: Final = 24 * 60 * 60 * 1000  # milliseconds, as all times here

Shown = Sequence[tuple[str, int]]  # ids and when they were received (0 = not told), as a page shows them


@dataclass(frozen=True, slots=True)
class Walk:
    """Where we are: in `folder` at offset `start` (from 1); '' means that the folders have to be asked for.

    `marks` has for each folder that was walked through the newest time it showed at its first page. `tail` are the oldest ids of
    the page before, `full` tells whether that page was, `newest` is the newest time of this folder's first page. With `again` a
    listing goes round once more before it is complete.
    """

    phase: Literal["listing", "changes"]
    account: str
    marks: Mapping[str, int] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    folder: str = ""
    start: int = 1
    newest: int = 0
    tail: tuple[str, ...] = ()
    full: bool = False
    again: bool = False


def write_walk(walk: Walk) -> Cursor:
    """The walk as JSON."""
    kept = asdict(walk)
    return {**kept, "waiting": list(walk.waiting), "done": list(walk.done), "tail": list(walk.tail)}


def read_walk(cursor: Cursor) -> Walk:
    """The walk a cursor tells of. Raises CursorExpired where it tells of none."""
    try:
        return Walk(
            phase=_phase(cursor["phase"]),
            account=_text(cursor["account"]),
            marks={_text(folder): int(mark) for folder, mark in cursor["marks"].items()},
            waiting=tuple(map(_text, cursor["waiting"])),
            done=tuple(map(_text, cursor["done"])),
            folder=str(cursor["folder"]),
            start=max(1, int(cursor["start"])),
            newest=int(cursor["newest"]),
            tail=tuple(map(_text, cursor["tail"])),
            full=bool(cursor["full"]),
            again=cursor.get("again") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CursorExpired("the kept place is not readable") from None


def _phase(value: Any) -> Literal["listing", "changes"]:
    return "listing" if value == "listing" else "changes"


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("an id is text")
    return value


def enter_folders(walk: Walk, folders: Sequence[str]) -> Walk:
    """Go into the first folder that was not walked through yet; where there is none, `folder` stays ''."""
    waiting = [folder for folder in folders if folder not in walk.done]
    return _enter(replace(walk, waiting=tuple(waiting)))


def leave_folder(walk: Walk) -> Walk:
    """Note the folder as walked through and go into the next."""
    marks = {**walk.marks, walk.folder: walk.newest}
    return _enter(replace(walk, marks=marks, done=(*walk.done, walk.folder)))


def _enter(walk: Walk) -> Walk:
    folder, waiting = (walk.waiting[0], walk.waiting[1:]) if walk.waiting else ("", ())
    return replace(walk, folder=folder, waiting=waiting, start=1, newest=0, tail=(), full=False)


def begin_last_round(walk: Walk) -> Walk:
    """Stand before all folders once more, for the last time."""
    return Walk(phase="listing", account=walk.account, marks=walk.marks)


def begin_changes(walk: Walk) -> Walk:
    """Stand before the newest pages of all folders; marks of folders that are gone are dropped."""
    marks = {folder: mark for folder, mark in walk.marks.items() if folder in walk.done}
    return Walk(phase="changes", account=walk.account, marks=marks)


def go_on(walk: Walk, shown: Shown) -> Walk:
    """Where to go after a page that showed this.

    Raises:
        ProviderUnavailable: the list has no end.
    """
    if walk.start == 1:
        walk = replace(walk, newest=max((received for _, received in shown), default=0))
    if _is_torn(walk, shown):
        return replace(walk, start=max(1, walk.start - STEP))
    if _is_end(walk, shown):
        return leave_folder(walk)
    if walk.start > MOST:
        raise ProviderUnavailable("the list has no end")
    return replace(walk, start=walk.start + STEP, tail=_oldest(shown), full=len(shown) >= LIMIT)


def _is_torn(walk: Walk, shown: Shown) -> bool:
    """A full page is followed by one that shows nothing of it again: mails between the two may be missing."""
    return walk.start > 1 and walk.full and not any(remote_id in walk.tail for remote_id, _ in shown)


def _is_end(walk: Walk, shown: Shown) -> bool:
    """A listing, by which memories may be deleted, ends with an empty page; for changes a short one or an old mail will do."""
    if walk.phase == "listing" or not shown:
        return not shown
    return len(shown) < LIMIT or any(0 < received < _bound(walk) for _, received in shown)


def _bound(walk: Walk) -> int:
    """How far back changes are read: a day before the mark; to the end where the mark is ahead of all there is.

    That is so when the newest mails were moved away, and when the mark is from the future, where it would hide what came since.
    """
    mark = walk.marks.get(walk.folder, 0)
    return mark - DAY if mark <= walk.newest + DAY else 0


def _oldest(shown: Shown) -> tuple[str, ...]:
    return tuple(remote_id for remote_id, _ in sorted(shown, key=lambda one: -one[1])[-OVERLAP:])
