"""Narrative: a life in chapters, a year each, every sentence with the memories it rests on. No language model."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from memories.models import Memory, User

KIND_SENTENCES = (
    ("person", "The people named most were {}."),
    ("place", "It took place above all in {}."),
    ("organisation", "{} came up again and again."),
    ("topic", "What was on your mind: {}."),
)
MOST_NAMED = 4
MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """What the narrative needs of a memory."""

    id: int
    day: date
    title: str
    source: str
    names: tuple[tuple[str, str], ...]


def narrate(*, user: User) -> dict[str, Any]:
    """`{"chapters": [{"title", "from", "to", "sentences": [{"text", "memories"}]}]}`, the latest year first."""
    rows = Memory.objects.for_user(user).order_by("occurred_on", "pk")
    years: dict[int, list[Line]] = defaultdict(list)
    for pk, day, title, source, entities in rows.values_list("pk", "occurred_on", "title", "source", "entities"):
        named = [mention for mention in entities or [] if mention["field"] != "author"]  # who tells is not told of
        names = tuple({(mention["kind"], mention["text"]) for mention in named})
        years[day.year].append(Line(id=pk, day=day, title=title, source=source, names=names))
    return {"chapters": [write_chapter(year, lines=lines) for year, lines in sorted(years.items(), reverse=True)]}


def write_chapter(year: int, *, lines: Sequence[Line]) -> dict[str, Any]:
    """One year, told by counting; each sentence cites its memories."""
    sentences = [_open(year, lines=lines), *_name_most_named(lines), *_recall_titles(lines)]
    return {"title": str(year), "from": lines[0].day, "to": lines[-1].day, "sentences": sentences}


def _open(year: int, *, lines: Sequence[Line]) -> dict[str, Any]:
    days = len({line.day for line in lines})
    count = f"{len(lines)} memor{'y' if len(lines) == 1 else 'ies'}"
    text = f"{year} holds {count} on {days} day{'' if days == 1 else 's'}."
    return {"text": text, "memories": [lines[0].id, lines[-1].id] if len(lines) > 1 else [lines[0].id]}


def _name_most_named(lines: Sequence[Line]) -> list[dict[str, Any]]:
    sentences = []
    for kind, pattern in KIND_SENTENCES:
        naming: dict[str, list[int]] = defaultdict(list)
        for line in lines:
            for name in sorted(text for named, text in line.names if named == kind):
                naming[name].append(line.id)
        most = Counter({name: len(ids) for name, ids in sorted(naming.items()) if len(ids) > 1}).most_common(MOST_NAMED)
        if most:
            text = pattern.format(join_names([name for name, _ in most]))
            sentences.append({"text": text, "memories": [naming[name][-1] for name, _ in most]})
    return sentences


def _recall_titles(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """A few things with a title, spread over the year, so that a chapter is more than counts."""
    titled = [line for line in lines if line.title]
    step = max(1, len(titled) // MOST_NOTES)
    return [
        {"text": f"On {line.day.day} {line.day:%B}: “{line.title}”.", "memories": [line.id]}
        for line in titled[step // 2 :: step][:MOST_NOTES]
    ]


def join_names(names: Sequence[str]) -> str:
    """Names as a person lists them: `A`, `A and B`, `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
