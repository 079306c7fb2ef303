"""Related: what looks wrong with money and addresses. A list of things to look at, each with its reason; no score, and no verdict.

Three signs: the same payee and sum twice within three days under different references; a sender's domain one slip of the pen away
from one that is known; a known person with a new bank account or a new mail address. Silent where there are no sums or addresses.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from graph.detection.base import Telling
from graph.detection.text import amounts, strip_wrapping, strong_keys, whole
from memories.extraction.lexicon import words_of

PAID_TWICE_DAYS = 3
KNOWN_SENDER = 5  # memories from a domain, before another may be taken for it
KNOWN_PERSON = 3  # memories from a person at one address, before another address is new
SHORTEST_NAME = 4  # letters of a domain's name; shorter ones lie close together by nature

Kind = Literal["paid_twice", "lookalike_domain", "new_account", "new_address"]

# Offered to everyone: one letter between two of them is no sign of anything.
_PUBLIC = words_of(
    "gmail.com ymail.com mail.com email.com hotmail.com outlook.com gmx.de gmx.at gmx.ch gmx.net aol.com live.com web.de me.com"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_SORT_CODE = re.compile(r"\b(\d\d-\d\d-\d\d)\b\D{0,40}?\b(\d{8})\b")
_PAYEE = re.compile(r"\b(?:to|from|at|with|by)\s+(?:the\s+)?((?:[A-Z][\w&'’.-]*\s?){1,4})")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something to look at: its kind (which names the template of the reason), its memories in order of time, and the numbers."""

    kind: Kind
    memories: tuple[int, ...]
    numbers: Mapping[str, int] = field(default_factory=dict)


def explain_suspicion(suspicion: Suspicion) -> str:
    """The reason in plain English."""
    numbers = suspicion.numbers
    match suspicion.kind:
        case "paid_twice":
            days = numbers["days_apart"]
            apart = "on the same day" if days == 0 else f"{days} day{'' if days == 1 else 's'} apart"
            return (
                f"The same payee and the same sum, {apart}, under different references: perhaps it was charged twice."
            )
        case "lookalike_domain":
            return (
                f"The sender's domain is one letter away from one that {numbers['known']} memories came from:"
                " perhaps somebody poses as them."
            )
        case "new_account":
            return "A bank account that this sender has not named before: ask them in another way before paying."
    return f"A name known from {numbers['known']} memories writes from an address that is new: perhaps it is not them."


def find_suspicions(tellings: Iterable[Telling]) -> list[Suspicion]:
    """All suspicions in a person's memories, by kind and then in order of time."""
    ordered = sorted(tellings, key=lambda telling: telling.when)
    mails = [(telling, *sender) for telling in ordered if (sender := sender_of(telling))]
    return [*_paid_twice(ordered), *_lookalike_domains(mails), *_new_accounts(ordered), *_new_addresses(mails)]


def sender_of(telling: Telling) -> tuple[str, str] | None:
    """The name and the address of who wrote it, in lower case; None where no address is known."""
    people = [(_fold(name), _fold(address)) for name, address in telling.participants]
    author = _fold(telling.author)
    written = [person for person in people if author and author in person] or people[:1]
    return written[0] if written and "@" in written[0][1] else None


def _paid_twice(ordered: Sequence[Telling]) -> list[Suspicion]:
    """Pairs of one source: a note beside a receipt is no second payment."""
    payments: defaultdict[tuple[str, str, str], list[tuple[Telling, frozenset[str]]]] = defaultdict(list)
    for telling in ordered:
        text = whole(telling)
        references = frozenset(key for key in strong_keys(text) if key.startswith("ref:"))
        if not references:
            continue
        for payee in _payees(telling):
            for amount in sorted(amounts(text)):
                payments[payee, amount, telling.source].append((telling, references))
    found = {
        (a.id, b.id): Suspicion("paid_twice", (a.id, b.id), {"days_apart": b.day - a.day})
        for made in payments.values()
        for (a, mine), (b, theirs) in combinations(made, 2)
        if b.day - a.day <= PAID_TWICE_DAYS and not mine & theirs
    }
    return [found[pair] for pair in sorted(found)]


def _payees(telling: Telling) -> set[str]:
    """Who was paid: the sender's domain, else the names that stand after to, from, at, with, by."""
    sender = sender_of(telling)
    if sender:
        return {_domain(sender[1])}
    return {" ".join(match[1].split()).rstrip(".,").casefold() for match in _PAYEE.finditer(whole(telling))}


def _lookalike_domains(mails: Sequence[tuple[Telling, str, str]]) -> list[Suspicion]:
    seen = Counter(_domain(address) for _, _, address in mails)
    known = sorted(domain for domain, times in seen.items() if times >= KNOWN_SENDER)
    odd = {domain: like for domain in sorted(seen) if (like := _like(domain, known, seen=seen))}
    found = []
    for domain, like in odd.items():
        memories = tuple(telling.id for telling, _, address in mails if _domain(address) == domain)
        found.append(Suspicion("lookalike_domain", memories, {"known": seen[like], "times": len(memories)}))
    return found


def _like(domain: str, known: Sequence[str], *, seen: Mapping[str, int]) -> str | None:
    """The known domain that this much rarer one could be taken for."""
    if domain in _PUBLIC or len(domain.partition(".")[0]) < SHORTEST_NAME:
        return None
    near = (other for other in known if seen[other] >= KNOWN_SENDER * seen[domain])
    return next((other for other in near if DamerauLevenshtein.distance(domain, other, score_cutoff=1) == 1), None)


def _new_accounts(ordered: Sequence[Telling]) -> list[Suspicion]:
    known: dict[str, tuple[int, set[str]]] = {}
    found = []
    for telling in ordered:
        sender, named = sender_of(telling), accounts(strip_wrapping(telling.content))
        if not (sender and named):
            continue
        name = sender[0] or sender[1]
        first, before = known.setdefault(name, (telling.id, set()))
        if before and not named <= before:
            found.append(Suspicion("new_account", (first, telling.id), {"known": len(before)}))
        before |= named
    return found


def accounts(text: str) -> set[str]:
    """The bank accounts in a text: IBANs whose check digits are right (ISO 13616), and sort codes with account numbers."""
    ibans = {re.sub(r"\s", "", match.group()) for match in _IBAN.finditer(text)}
    return {iban for iban in ibans if _is_iban(iban)} | {
        f"{code} {number}" for code, number in _SORT_CODE.findall(text)
    }


def _is_iban(written: str) -> bool:
    turned = written[4:] + written[:4]
    return 15 <= len(written) <= 34 and int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _new_addresses(mails: Sequence[tuple[Telling, str, str]]) -> list[Suspicion]:
    """A full name (two words) known by other addresses only, as sender or receiver. The owner, who is in most mails, may have many."""
    taking_part = Counter(
        name for telling, _, _ in mails for name in {_fold(person[0]) for person in telling.participants}
    )
    known: defaultdict[str, Counter[str]] = defaultdict(Counter)
    first: dict[str, int] = {}
    found = []
    for telling, name, address in mails:
        before = known[name]
        is_owner = 2 * taking_part[name] > len(mails)
        if len(name.split()) > 1 and not is_owner and address not in before and before.total() >= KNOWN_PERSON:
            found.append(Suspicion("new_address", (first[name], telling.id), {"known": before.total()}))
        for person, theirs in telling.participants:
            first.setdefault(_fold(person), telling.id)
            known[_fold(person)][_fold(theirs)] += 1
    return found


def _fold(text: str) -> str:
    return text.casefold().strip()


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
