"""Extraction from headers: the people and organisations that wrote or received a memory."""

import re
from collections import Counter
from collections.abc import Iterator

from memories.extraction.base import Document, Field, Kind, KnownName, Mention
from memories.extraction.gazetteer_words import FIRST_NAMES
from memories.extraction.keys import normalise_key, person_key
from memories.extraction.lexicon import (
    AMBIGUOUS,
    ORGANISATION_WORDS,
    TITLES,
    words_of,
)

_ADDRESS = re.compile(r"<?\b([\w.+%'-]+)@([\w-]+(?:\.[\w-]+)+)>?")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\s+(?:via|on behalf of)\s.*$|\s[|/–-]\s.*$")
_NOBODY = words_of(
    "noreply no-reply no_reply donotreply do-not-reply reply newsletter newsletters news info"
    " information support help helpdesk team billing notification notifications notify list"
    " lists mailer mailer-daemon daemon postmaster webmaster admin administrator contact"
    " hello hi sales service services customer customers customerservice office accounts account"
    " order orders invoice invoices update updates alert alerts bounce bounces unsubscribe"
    " marketing events jobs careers press privacy security feedback mail email enquiries"
    " inquiries booking bookings reservations reception subscriptions digest group groups"
    " announce community members undisclosed recipients recipient unknown me myself self all"
    " everyone staff company bot automated system calendar shop store"
)
_LOCAL_NAME = re.compile(r"([a-z]{2,})[._-](?:[a-z][._-])?([a-z]{2,})")
_LIST_HOSTS = ("googlegroups.", "groups.", "lists.", "list.", "mailman.", "news.", "newsletter")
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]*)*")


def header_mentions(document: Document) -> list[Mention]:
    """A mention per person or organisation among author and participants, author first."""
    found: dict[str, Mention] = {}
    for field, name, address in _parties(document):
        party = read_party(name, address)
        if party is not None:
            key, text, kind = party
            found.setdefault(key, Mention(key, text, kind, field, None, None))
    return list(found.values())


def _parties(document: Document) -> Iterator[tuple[Field, str, str]]:
    yield "author", document.author, ""
    for name, address in document.participants:
        yield "participants", name, address


def read_party(name: str, address: str) -> tuple[str, str, Kind] | None:
    """(key, text, kind) of one name and address; None if it is nobody in particular."""
    match = _ADDRESS.search(address) or _ADDRESS.search(name)
    local, host = (match[1].lower(), match[2].lower()) if match else ("", "")
    shown = _tidy(_ADDRESS.sub(" ", name))
    if shown and _names_nobody(shown):
        return None
    if shown and _is_organisation(shown):
        return normalise_key(shown), shown, "organisation"
    if _is_nobody(local, host):
        return None
    text = shown if _is_person_name(shown) else _name_from_local_part(local)
    if text:
        return person_key(text), text, "person"
    return (f"{local}@{host}", f"{local}@{host}", "person") if match else None


def header_names(mentions: list[Mention]) -> list[KnownName]:
    """What to look for in the same memory's text: full names, and first names if unique."""
    people = [mention for mention in mentions if "@" not in mention.text]
    names = [KnownName(mention.key, mention.text, mention.kind) for mention in people]
    firsts = Counter(_first_name(mention) for mention in people)
    for mention in people:
        first = _first_name(mention)
        if first and firsts[first] == 1:
            names.append(KnownName(mention.key, first, "person"))
    return names


def _first_name(mention: Mention) -> str:
    words = mention.text.split()
    if mention.kind != "person" or len(words) < 2 or len(words[0]) < 3 or "." in words[0]:
        return ""
    return "" if words[0].lower() in AMBIGUOUS | TITLES else words[0]


def _tidy(name: str) -> str:
    """A display name without quotes and asides, "Last, First" turned round."""
    plain = " ".join(_ASIDE.sub(" ", name.strip().strip("\"'")).split()).strip("\"' ,;")
    last, comma, first = plain.partition(",")
    if comma and first.strip() and "," not in first and len(last.split()) < 3:
        plain = f"{first.strip()} {last.strip()}"
    return plain.title() if plain.islower() or (plain.isupper() and " " in plain) else plain


def _is_organisation(name: str) -> bool:
    words = normalise_key(name).split()
    if name.startswith("The ") and words:
        return True
    return len(words) > 1 and words[-1] in ORGANISATION_WORDS and words[0] not in FIRST_NAMES


def _is_nobody(local: str, host: str) -> bool:
    parts = set(re.split(r"[._+-]", local)) | {local}
    return bool(parts & _NOBODY) or host.startswith(_LIST_HOSTS)


def _names_nobody(name: str) -> bool:
    return any(word in _NOBODY for word in normalise_key(name).split())


def _is_person_name(name: str) -> bool:
    words = name.split()
    if not 1 <= len(words) <= 5 or sum(map(len, words)) < 2:
        return False
    return all(_NAME_WORD.fullmatch(word) for word in words) and words[0][0].isupper()


def _name_from_local_part(local: str) -> str:
    match = _LOCAL_NAME.fullmatch(local)
    return f"{match[1].title()} {match[2].title()}" if match else ""
