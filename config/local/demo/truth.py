"""Demo person: what was planted, for tests and benchmarks, as plain JSON."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from config.local.demo.causes import CHAINS
from config.local.demo.drafts import Draft, Mark
from config.local.demo.people import CAST, DEMO_PERSON, Person
from config.local.demo.places import ORGANISATIONS, PLACES
from config.local.demo.recurring import RULES, slots
from config.local.demo.seasons import HABITS, SEASONS
from config.local.demo.timeline import Timeline

__all__ = ["tell_truth"]

FORWARD_CUES: Final = frozenset({"led to", "resulted in", "That is why"})
SHARED_FIRST_NAMES: Final = (("bellamy", "okafor"),)
FORGOTTEN: Final = ("caro",)

Marked = list[tuple[Draft, Mark]]


def tell_truth(drafts: Sequence[Draft], *, timeline: Timeline) -> dict[str, object]:
    """Gather the plants by layer; members are external ids, oldest first."""
    marked = [(draft, mark) for draft in drafts for mark in draft.marks]
    return {
        "person": {
            "username": DEMO_PERSON.username,
            "display_name": DEMO_PERSON.display_name,
            "time_zone": DEMO_PERSON.time_zone,
        },
        "first_day": timeline.first.isoformat(),
        "last_day": timeline.last.isoformat(),
        "recurrences": _recurrences(marked, timeline=timeline),
        "seasons": _seasons(marked, timeline=timeline),
        "causes": _causes(marked),
        "chains": _chains(marked),
        "stated_causes": _stated(marked),
        "patterns": _patterns(marked),
        "threads": _threads(drafts),
        "same_events": _events(marked, layer="event"),
        "look_alikes": _events(marked, layer="look_alike"),
        "duplicates": _duplicates(marked),
        "not_duplicates": _not_duplicates(marked),
        "people": _people(drafts),
        "shared_first_names": [[CAST[key].name for key in keys] for keys in SHARED_FIRST_NAMES],
        "organisations": {name: list(forms) for name, forms in ORGANISATIONS.items()},
        "places": {name: list(forms) for name, forms in PLACES.items()},
        "forgotten_ties": [_forgotten(drafts, key) for key in FORGOTTEN],
        "episodes": _ids(draft for draft, mark in marked if mark.layer == "told"),
    }


def _ids(drafts: Iterable[Draft]) -> list[str]:
    return [draft.external_id for draft in drafts]


def _days(drafts: Iterable[Draft]) -> list[str]:
    return list(dict.fromkeys(draft.when.date().isoformat() for draft in drafts))


def _of(marked: Marked, layer: str, key: str, role: str = "") -> list[Draft]:
    """The drafts of a plant, or of one role in it."""
    return [draft for draft, mark in marked if (mark.layer, mark.key) == (layer, key) and role in ("", mark.role)]


def _recurrences(marked: Marked, *, timeline: Timeline) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for rule in RULES:
        members = _of(marked, "recurrence", rule.key)
        if members:
            asked = slots(rule, timeline=timeline)
            found.append(
                {
                    "key": rule.key,
                    "keyword": rule.keyword,
                    "rrule": rule.rrule,
                    "label": rule.label,
                    "starts": asked[0].isoformat(),
                    "ends": asked[-1].isoformat(),
                    "stopped": timeline.day(*rule.stop) <= timeline.last,
                    "slots": len(asked),
                    "on_rule": _ids(_of(marked, "recurrence", rule.key, "rule")),
                    "noise": _ids(_of(marked, "recurrence", rule.key, "noise")),
                    "members": _ids(members),
                    "days": _days(members),
                }
            )
    return found


def _seasons(marked: Marked, *, timeline: Timeline) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for season in SEASONS:
        members = _of(marked, "season", season.key)
        if members:
            winter = 12 in season.months and 1 in season.months
            years = sorted(
                {timeline.story_year(draft.when.date()) + (winter and draft.when.month == 12) for draft in members}
            )
            found.append(
                {
                    "key": season.key,
                    "keyword": season.keyword,
                    "months": list(season.months),
                    "season_years": len(years),
                    "members": _ids(members),
                    "days": _days(members),
                }
            )
    return found


def _causes(marked: Marked) -> list[dict[str, object]]:
    """Pair every step of a chain with the next one."""
    found: list[dict[str, object]] = []
    for chain in CHAINS:
        for cause, effect in zip(chain.steps, chain.steps[1:], strict=False):
            first = _instances(marked, chain.key, cause.key)
            then = _instances(marked, chain.key, effect.key)
            if not first:
                continue
            found.append(
                {
                    "key": f"{cause.key}-{effect.key}",
                    "basis": "precedence",
                    "cause": _side(marked, chain.key, cause.key, cause.keyword),
                    "effect": _side(marked, chain.key, effect.key, effect.keyword),
                    "lag_days": list(effect.lag),
                    "probability": effect.odds,
                    "pairs": [
                        [first[number].external_id, then[number].external_id] for number in first if number in then
                    ],
                }
            )
    return found


def _instances(marked: Marked, key: str, role: str) -> dict[int, Draft]:
    return {
        mark.instance: draft
        for draft, mark in marked
        if (mark.layer, mark.key, mark.role) == ("cause", key, role) and mark.instance
    }


def _side(marked: Marked, key: str, role: str, keyword: str) -> dict[str, object]:
    members = _of(marked, "cause", key, role)
    return {"key": role, "keyword": keyword, "members": _ids(members)}


def _chains(marked: Marked) -> list[dict[str, object]]:
    """Chains of three steps or more, with the occurrences that ran to the end."""
    found: list[dict[str, object]] = []
    for chain in CHAINS:
        steps = [_instances(marked, chain.key, step.key) for step in chain.steps]
        whole = [n for n in steps[0] if all(n in step for step in steps)]
        if len(steps) > 2 and whole:
            found.append(
                {
                    "key": chain.key,
                    "steps": [step.keyword for step in chain.steps],
                    "instances": [[s[n].external_id for s in steps] for n in whole],
                }
            )
    return found


def _stated(marked: Marked) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for draft, mark in marked:
        if mark.layer == "stated":
            first, second = mark.role.split("::")
            forward = mark.key in FORWARD_CUES
            found.append(
                {
                    "external_id": draft.external_id,
                    "cue": mark.key,
                    "cause": first if forward else second,
                    "effect": second if forward else first,
                }
            )
    return found


def _patterns(marked: Marked) -> list[dict[str, object]]:
    return [
        {
            "key": habit.key,
            "topic": habit.topic,
            "person": habit.person,
            "place": habit.place,
            "weekday": habit.weekday,
            "part_of_day": habit.part_of_day,
            "members": _ids(_of(marked, "pattern", habit.key)),
        }
        for habit in HABITS
        if _of(marked, "pattern", habit.key)
    ]


def _threads(drafts: Sequence[Draft]) -> list[dict[str, object]]:
    threads: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.thread_id:
            threads.setdefault(draft.thread_id, []).append(draft)
    return [
        {"thread_id": key, "source": mails[0].source, "members": _ids(mails)}
        for key, mails in threads.items()
        if len(mails) > 1
    ]


def _groups(marked: Marked, layer: str) -> dict[str, Marked]:
    groups: dict[str, Marked] = {}
    for draft, mark in marked:
        if mark.layer == layer:
            groups.setdefault(mark.key, []).append((draft, mark))
    return groups


def _events(marked: Marked, *, layer: str) -> list[dict[str, object]]:
    """Tellings of one event each; a look-alike names the event it resembles."""
    found: list[dict[str, object]] = []
    for key, group in _groups(marked, layer).items():
        telling = group[0][1]
        found.append(
            {
                "key": key,
                "event": f"event-{telling.instance}",
                "strong_keys": telling.role.split("::"),
                "sources": list(dict.fromkeys(draft.source for draft, _ in group)),
                "members": _ids(draft for draft, _ in group),
            }
        )
    return found


def _duplicates(marked: Marked) -> list[dict[str, object]]:
    return [
        {"kind": key.partition("-")[0], "members": _ids(draft for draft, _ in group)}
        for key, group in _groups(marked, "duplicate").items()
    ]


def _not_duplicates(marked: Marked) -> list[dict[str, object]]:
    return [
        {"template": key, "members": _ids(draft for draft, _ in group)}
        for key, group in _groups(marked, "not_duplicate").items()
    ]


def _people(drafts: Sequence[Draft]) -> dict[str, dict[str, list[str]]]:
    """The ways everybody is really written in this life, and their addresses."""
    text = "\n".join(draft.content for draft in drafts)
    headers = {draft.account_name for draft in drafts}
    return {
        person.name: {
            "surface_forms": [form for form in person.spellings if _names(form, text) or form in headers],
            "addresses": list(person.addresses),
        }
        for person in CAST.values()
    }


def _forgotten(drafts: Sequence[Draft], key: str) -> dict[str, object]:
    person = CAST[key]
    members = [draft for draft in drafts if _concerns(draft, person)]
    return {
        "person": person.name,
        "last_mail": max((d.when.isoformat() for d in members if d.author is person), default=""),
        "members": _ids(members),
    }


def _concerns(draft: Draft, person: Person) -> bool:
    """Somebody wrote, was written to, or is named in it."""
    if draft.author is person or person in draft.to:
        return True
    return any(_names(form, draft.content) for form in person.spellings)


def _names(form: str, text: str) -> bool:
    """Tell whether a text names somebody so, as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None
