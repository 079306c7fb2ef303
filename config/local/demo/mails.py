"""Demo person: threads of mail, private (gmail) and at work (zoho_mail)."""

import random
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from config.local.demo.diary import MONTH_NAMES, Diary, tidy
from config.local.demo.drafts import Draft, Mark
from config.local.demo.people import CAST, Person
from config.local.demo.timeline import at

__all__ = ["forward", "thread"]

FAMILY: Final = frozenset({"mum", "dad", "james", "priya", "dot", "gladys", "dan"})
BRIEF: Final = frozenset({"dad", "ruth", "karen", "munro", "hilary", "gladys"})  # no small talk
QUOTE_ODDS: Final = 0.3
NEWS_ODDS: Final = 0.75
REPLY_NEWS_ODDS: Final = 0.4
SIGNATURE_ODDS: Final = 0.5
SIGNATURES: Final[Mapping[str, str]] = {
    "me": "Nell Hartley\nLarkfield Engineers",
    "ruth": "Dr Ruth Abernathy\nDirector, Larkfield Engineers",
    "okafor": "Tom Okafor\nLarkfield Engineers, Queen Square, Bristol",
    "sunita": "Sunita Rao\nLarkfield Engineers",
    "gareth": "Gareth Price\nHighways and Structures, Avon Vale Council",
}


@dataclass(frozen=True, slots=True)
class Route:
    """Who wrote the first mail of a thread, and to whom."""

    sender: str
    receivers: tuple[str, ...]

    def turn(self, number: int) -> "Route":
        """Answer the route of the n-th mail: sender and first receiver take turns."""
        if number % 2 == 0:
            return self
        first, *others = self.receivers
        return Route(first, (self.sender, *others))


def thread(diary: Diary, *, source: str, day: date, most: int) -> Iterator[Draft]:
    """Write a thread of up to `most` mails that begins on a day."""
    today = diary.day(day)
    told = diary.pen.write(source, facts=today.facts, values=today.values)
    head, subject, *bodies = (piece.strip() for piece in told.split(" ~~ "))
    route = _read_route(head)
    when = at(day, diary.rng.randint(7, 20), diary.rng.randrange(60))
    answered: Draft | None = None
    for number, body in enumerate(bodies[:most]):
        if when.date() > diary.timeline.last:
            return
        turn = route.turn(number)
        draft = Draft(
            when=when,
            source=source,
            content=_letter(
                diary,
                turn,
                body=body,
                source=source,
                day=day,
                odds=REPLY_NEWS_ODDS if answered else NEWS_ODDS,
            ),
            title=subject if answered is None else f"Re: {subject}",
            author=CAST[turn.sender],
            to=tuple(CAST[key] for key in turn.receivers),
            answers=answered,
        )
        if answered and diary.rng.random() < QUOTE_ODDS:
            draft.content += "\n\n" + _quote(answered)
        yield draft
        answered = draft
        when = _later(when, source=source, rng=diary.rng)


def _read_route(head: str) -> Route:
    sender, receivers = head.split(">")
    return Route(sender, tuple(receivers.split(",")))


def _letter(diary: Diary, route: Route, *, body: str, source: str, day: date, odds: float) -> str:
    """Put greeting, news, name and now and then a signature round a body."""
    tone = _tone(route, source=source)
    facts = diary.timeline.facts(day)
    hello = _hello(diary, route, tone=tone, day=day)
    news = _news(diary, route, tone=tone, day=day) if diary.rng.random() < odds else ()
    bye = diary.pen.write(f"bye.{tone}", facts=facts)
    sign = _sign(route.sender, source=source, rng=diary.rng)
    closing = f"{bye}\n{sign}" if diary.rng.random() < 0.6 else sign
    return "\n\n".join((hello, _stopped(tidy(body)), *news, closing))


def _hello(diary: Diary, route: Route, *, tone: str, day: date) -> str:
    if len(route.receivers) > 1 and diary.rng.random() < 0.5:
        return diary.rng.choice(("Dear both,", "Hello both,", "Both,"))
    to = _called(route.receivers[0], rng=diary.rng)
    facts = diary.timeline.facts(day)
    return diary.pen.write(f"hello.{tone}", facts=facts, values={"to": to})


def _news(diary: Diary, route: Route, *, tone: str, day: date) -> tuple[str, ...]:
    """Add what else there is to say; Nell's own news is a scene of her day."""
    if route.sender == "me" and tone != "work":
        scene = diary.scene(day)[1]
        names = {form for key in route.receivers for form in CAST[key].forms}
        return () if any(name in scene for name in names) else (scene,)
    section = "news.mum" if route.sender == "mum" else f"news.{tone}"
    if not diary.pen.knows(section) or route.sender in BRIEF:
        return ()
    today = diary.day(day)
    return (tidy(diary.pen.write(section, facts=today.facts, values=today.values)),)


def _stopped(body: str) -> str:
    return f"{body}." if body[-1].isalnum() else body


def _tone(route: Route, *, source: str) -> str:
    if source == "zoho_mail":
        return "work"
    if FAMILY & {route.sender, *route.receivers}:
        return "family"
    return "friend"


def _called(key: str, *, rng: random.Random) -> str:
    """How somebody is addressed: the usual way, now and then another."""
    if key == "me":
        return "Nell"
    forms = list(CAST[key].forms)
    short = [form for form in forms if " " not in form or form.startswith(("Mrs", "Aunt"))]
    return short[0] if rng.random() < 0.8 else rng.choice(short[:2])


def _sign(key: str, *, source: str, rng: random.Random) -> str:
    if source == "zoho_mail" and rng.random() < SIGNATURE_ODDS:
        return SIGNATURES.get(key, CAST[key].sign)
    if key == "me":
        return rng.choice(("Nell", "N", "N x")) if source == "gmail" else "Nell"
    return CAST[key].sign


def _later(when: datetime, *, source: str, rng: random.Random) -> datetime:
    """Answer the time of the next mail: the same day or within two."""
    if when.hour < 18 and rng.random() < 0.5:
        return when + timedelta(minutes=rng.randint(7, 240))
    day = when.date() + timedelta(days=rng.randint(1, 2))
    if source == "zoho_mail":
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
    return at(day, rng.randint(8, 18), rng.randrange(60))


def _quote(draft: Draft) -> str:
    """Quote a mail below an answer, as mail programs do."""
    name = draft.author.name if draft.author else ""
    when = f"{draft.when.day} {MONTH_NAMES[draft.when.month - 1]} {draft.when.year}"
    lines = [
        wrapped
        for line in draft.content.split("\n\nOn ")[0].splitlines()
        for wrapped in (textwrap.wrap(line, 68) or [""])
    ]
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"On {when}, {name} wrote:\n{quoted}"


def forward(draft: Draft, *, to: Person, rng: random.Random, number: int) -> Draft:
    """Pass a mail on with a line above it and the whole of it quoted."""
    remarks = (
        *("For you.", "See below!", "Thought you'd want this.", "As discussed."),
        *("Have a look.", "FYI", "You will enjoy this.", "Before I forget."),
    )
    name = draft.author.name if draft.author else ""
    address = draft.author.address if draft.author else ""
    content = (
        f"{remarks[number % len(remarks)]}\n\n"
        "---------- Forwarded message ----------\n"
        f"From: {name} <{address}>\nSubject: {draft.title}\n\n{draft.content}"
    )
    return Draft(
        when=draft.when + timedelta(minutes=rng.randint(20, 2000)),
        source=draft.source,
        content=content,
        title=f"Fwd: {draft.title.removeprefix('Re: ')}",
        author=CAST["me"],
        to=(to,),
        marks=[Mark("duplicate", f"forward-{number}", "copy")],
    )
