"""Arrive: what an invitation says (iCalendar, RFC 5545), as lines of text."""

import re
from datetime import datetime
from typing import Final

from memories.content.sound import sound_text

_FOLD: Final = re.compile(r"\n[ \t]")
_PROPERTY: Final = re.compile(r"([A-Za-z-]+)(?:;(?:[^\":\n]|\"[^\"\n]*+\")*+)?:(.*)")
_ESCAPED: Final = re.compile(r"\\([nN\\;,])")
_TOLD: Final = ("SUMMARY", "DTSTART", "LOCATION", "DESCRIPTION")
_LABELS: Final = {"DTSTART": "When: ", "LOCATION": "Where: "}


def event_to_text(calendar: str) -> str:
    """The first event's title, when it starts, where it is and what is said of it, a line or more each; '' where there is none."""
    said: dict[str, str] = {}
    opened: list[str] = []
    for line in _FOLD.sub("", sound_text(calendar)).split("\n"):
        match = _PROPERTY.match(line)
        name, value = (match[1].upper(), match[2].strip()) if match else ("", "")
        if name == "BEGIN":
            opened.append(value.upper())
        elif name == "END" and opened and opened.pop() == "VEVENT":
            break
        elif name in _TOLD and opened and opened[-1] == "VEVENT":  # and not the alarm in it
            said.setdefault(name, _ESCAPED.sub(_unescape, value))
    said["DTSTART"] = _read_time(said.get("DTSTART", ""))
    return "\n".join(_LABELS.get(name, "") + said[name] for name in _TOLD if said.get(name, "").strip())


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] in "nN" else match[1]


def _read_time(written: str) -> str:
    """20260303T180000Z as 2026-03-03 18:00 UTC; without the Z it is the time where the event is."""
    for form, told in (
        ("%Y%m%dT%H%M%SZ", "%Y-%m-%d %H:%M UTC"),
        ("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"),
        ("%Y%m%d", "%Y-%m-%d"),
    ):
        try:
            return datetime.strptime(written, form).strftime(told)  # noqa: DTZ007 -- it is only written anew
        except ValueError:
            continue
    return written
