"""Extraction's last step: candidates of one memory become its mentions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from memories.extraction.base import Document, Field, Kind, KnownName, Mention
from memories.extraction.candidates import Candidate, Trust
from memories.extraction.gazetteer import Gazetteer
from memories.extraction.gazetteer_words import FIRST_NAMES, PLACES
from memories.extraction.headers import header_mentions, header_names
from memories.extraction.junk import is_doubtful
from memories.extraction.keys import normalise_key, person_key
from memories.extraction.lexicon import TITLES
from memories.extraction.names import judge
from memories.extraction.noticing import Noticed, notice
from memories.extraction.prose import Piece, pieces
from memories.extraction.topics import Phrase, choose_topics, is_about_something, phrase_key
from memories.extraction.words import Word

MOST_PER_KEY = 20
_KINDS: tuple[Kind, ...] = ("person", "place", "organisation")
_VOTES = {Trust.CONTEXT: 0, Trust.MODEL: 1, Trust.RULE: 2, Trust.TITLE: 5, Trust.KNOWN: 1000}


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """A piece as an engine read it: candidates unjudged, `phrases` runs that may be topics."""

    field: Field
    piece: Piece
    words: Sequence[Word]
    candidates: Sequence[Candidate]
    phrases: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A judged candidate and where it stands."""

    at: int
    candidate: Candidate
    key: str

    def overlaps(self, other: "Found") -> bool:
        return self.candidate.first < other.candidate.last and (other.candidate.first < self.candidate.last)


def document_pieces(document: Document) -> Iterator[tuple[Field, Piece]]:
    """What there is to read: the title's pieces, then the content's."""
    for piece in pieces(document.title):
        yield "title", piece
    for piece in pieces(document.content):
        yield "content", piece


def assemble(
    document: Document, read: Sequence[ReadPiece], *, known: Gazetteer, topics: frozenset[str]
) -> list[Mention]:
    """All mentions of a document: names in the text, topics, then people in the headers."""
    headers = header_mentions(document)
    names = _names(read, known=known, headers=Gazetteer(header_names(headers)))
    names, noticed = _with_noticed(read, names)
    found = [_mention(document, read[name.at], name) for name in names]
    found += _topic_mentions(document, read, names, noticed, topics=topics)
    found.sort(key=lambda mention: (mention.field != "title", mention.start or 0))
    return [*_thinned(found), *headers]


def _with_noticed(read: Sequence[ReadPiece], names: Sequence[Found]) -> tuple[list[Found], list[tuple[int, Noticed]]]:
    """The names and what the vocabulary finds, (piece, topic): of two that overlap, one is left."""
    by_piece: dict[int, list[Found]] = defaultdict(list)
    for name in names:
        by_piece[name.at].append(name)
    kept: list[Found] = []
    noticed: list[tuple[int, Noticed]] = []
    for at, each in enumerate(read):
        seen = notice(each.piece.text, each.words, headline=each.piece.headline or each.field == "title")
        seen = [topic for topic in seen if not any(_names_it(name.candidate, topic) for name in by_piece[at])]
        noticed += [(at, topic) for topic in seen]
        kept += [name for name in by_piece[at] if not any(_holds(topic, name.candidate) for topic in seen)]
    return kept, noticed


def _names_it(part: Candidate, topic: Noticed) -> bool:
    """Whether the words of the vocabulary are a name here, or of one: "Mr. Frost", "Easter Road"."""
    if part.last <= topic.first or topic.last <= part.first:
        return False
    if part.first < topic.first or topic.last < part.last:
        return True
    known = part.trust is Trust.KNOWN and part.last - part.first == 1
    return part.last - part.first == topic.last - topic.first and (known or not topic.firm)


def _holds(topic: Noticed, part: Candidate) -> bool:
    """Whether the topic's words hold the name: "George" in "St. George's day"."""
    return topic.first <= part.first and part.last <= topic.last


def _names(read: Sequence[ReadPiece], *, known: Gazetteer, headers: Gazetteer) -> list[Found]:
    lower_words = {word.lower for each in read for word in each.words if not word.capital}
    found: list[Found] = []
    doubtful: list[Found] = []
    for at, each in enumerate(read):
        told = [*_hits(headers, each), *_hits(known, each), *each.candidates]
        for candidate in told:
            for part in judge(each.words, candidate, lower_words=lower_words):
                name = Found(at, part, part.key or _key(each.words, part))
                (doubtful if _needs_support(each, part) else found).append(name)
    guesses = [name for name in found if name.candidate.trust is Trust.CONTEXT]
    found = [name for name in found if name.candidate.trust is not Trust.CONTEXT]
    found += _supported(doubtful, by=found)
    found = _without_overlaps(found)
    found = _without_overlaps([*found, *_unclaimed(guesses, found=found, doubtful=doubtful)])
    found += _again(read, found, lower_words=lower_words)
    return _agreed(read, _without_overlaps(found))


def _hits(gazetteer: Gazetteer, read: ReadPiece) -> list[Candidate]:
    return [
        Candidate(hit.first, hit.last, hit.known.kind, Trust.KNOWN, hit.known.key)
        for hit in gazetteer.find(read.words)
        if hit.known.kind != "topic"
    ]


def _needs_support(read: ReadPiece, part: Candidate) -> bool:
    if is_doubtful(read.words, part):
        return True
    first = read.words[part.first].lower
    listed = first in FIRST_NAMES or first in PLACES
    return read.piece.headline and part.trust is Trust.MODEL and not listed


def _supported(doubtful: Sequence[Found], *, by: Sequence[Found]) -> list[Found]:
    """Doubtful names that the text gives once more, in another place."""
    keys = {name.key for name in by}
    places = Counter(key for key, _, _ in {(n.key, n.at, n.candidate.first) for n in doubtful})
    return [name for name in doubtful if name.key in keys or places[name.key] > 1]


def _unclaimed(guesses: Sequence[Found], *, found: Sequence[Found], doubtful: Sequence[Found]) -> list[Found]:
    """Guessed persons of full name whose words nobody claims, save for a part of the name."""
    return [
        guess
        for guess in guesses
        if guess.candidate.kind == "person"
        and guess.candidate.last - guess.candidate.first > 1
        and all(_gives_way(other, guess) for other in [*found, *doubtful])
    ]


def _gives_way(other: Found, guess: Found) -> bool:
    if other.at != guess.at or not other.overlaps(guess):
        return True
    part, whole = other.candidate, guess.candidate
    inside = whole.first <= part.first and part.last <= whole.last
    single = part.last - part.first == 1 and part.kind == "organisation"
    return inside and part.trust is Trust.MODEL and (part.kind == "person" or single)


def _surface(words: Sequence[Word], part: Candidate) -> str:
    return "".join((word.gap if index else "") + word.text for index, word in enumerate(words[part.first : part.last]))


def _key(words: Sequence[Word], part: Candidate) -> str:
    surface = _surface(words, part)
    return person_key(surface) if part.kind == "person" else normalise_key(surface)


def _without_overlaps(found: Iterable[Found]) -> list[Found]:
    """The longest of names that overlap; of equally long ones the most trusted."""
    by_piece: dict[int, list[Found]] = defaultdict(list)
    for name in sorted(found, key=_precedence):
        if not any(name.overlaps(other) for other in by_piece[name.at]):
            by_piece[name.at].append(name)
    return [name for at in sorted(by_piece) for name in by_piece[at]]


def _precedence(name: Found) -> tuple[int, int, int, int, int]:
    part = name.candidate
    length = part.last - part.first
    return (name.at, -length, -part.trust, part.first, _KINDS.index(part.kind))


def _agreed(read: Sequence[ReadPiece], found: Sequence[Found]) -> list[Found]:
    """One kind for one name in one memory: what is known, then titles, then the majority."""
    votes: dict[str, Counter[Kind]] = defaultdict(Counter)
    for name in found:
        votes[name.key][name.candidate.kind] += _VOTES[name.candidate.trust]
    return [_relabelled(read[name.at].words, name, votes[name.key]) for name in found]


def _relabelled(words: Sequence[Word], name: Found, votes: Counter[Kind]) -> Found:
    kind = max(_KINDS, key=lambda kind: (votes[kind], -_KINDS.index(kind)))
    part = name.candidate
    if kind == part.kind or part.trust >= Trust.TITLE:
        return name
    part = replace(part, kind=kind)
    return Found(name.at, part, part.key or _key(words, part))


def _again(read: Sequence[ReadPiece], found: Sequence[Found], *, lower_words: set[str]) -> list[Found]:
    """Further places where the names of this memory stand, which the engine passed over."""
    own = Gazetteer(
        KnownName(name.key, surface, name.candidate.kind)
        for name in found
        for surface in _spellings(read[name.at].words, name.candidate)
    )
    return [
        Found(at, part, part.key or _key(each.words, part))
        for at, each in enumerate(read)
        for hit in _hits(own, each)
        for part in judge(each.words, replace(hit, trust=Trust.MODEL), lower_words=lower_words)
    ]


def _spellings(words: Sequence[Word], part: Candidate) -> list[str]:
    first = part.first
    while first < part.last - 1 and words[first].lower in TITLES:
        first += 1
    untitled = _surface(words, replace(part, first=first))
    if first == part.first or person_key(untitled) == person_key(_surface(words, part)):
        return [untitled]
    return [_surface(words, part)]


def _mention(document: Document, read: ReadPiece, name: Found) -> Mention:
    part = name.candidate
    return _span(document, read, part.first, part.last, key=name.key, kind=part.kind)


def _span(document: Document, read: ReadPiece, first: int, last: int, *, key: str, kind: Kind) -> Mention:
    start = read.piece.start + read.words[first].start
    end = read.piece.start + read.words[last - 1].end
    source = document.title if read.field == "title" else document.content
    return Mention(key, source[start:end], kind, read.field, start, end)


def _topic_mentions(
    document: Document,
    read: Sequence[ReadPiece],
    names: Sequence[Found],
    noticed: Sequence[tuple[int, Noticed]],
    *,
    topics: frozenset[str],
) -> list[Mention]:
    """The chosen key phrases and all that is noticed; a phrase inside the latter is the same thing."""
    phrases = _phrases(read, names)
    length = sum(len(each.words) for each in read)
    chosen = set(choose_topics(phrases, length=length, known=topics))
    inside = {(at, index) for at, each in noticed for index in range(each.first, each.last)}
    found = [
        _span(document, read[p.piece], p.first, p.last, key=p.key, kind="topic")
        for p in phrases
        if p.key in chosen and not all((p.piece, index) in inside for index in range(p.first, p.last))
    ]
    return [*found, *(_noticed_mention(document, read[at], each) for at, each in noticed)]


def _phrases(read: Sequence[ReadPiece], names: Sequence[Found]) -> list[Phrase]:
    """The runs that may be topics, less the names in them."""
    taken = {(name.at, index) for name in names for index in range(name.candidate.first, name.candidate.last)}
    name_keys = {name.key for name in names}
    phrases, position = [], 0
    for at, each in enumerate(read):
        for first, last in each.phrases:
            while first < last and (at, first) in taken:
                first += 1
            key = phrase_key(each.words[first:last]) if first < last else ""
            if key and (at, last - 1) not in taken and key not in name_keys:
                headline = each.piece.headline or each.field == "title"
                phrases.append(Phrase(key, at, first, last, position + first, headline))
        position += len(each.words)
    return [phrase for phrase in phrases if is_about_something(phrase.key)]


def _noticed_mention(document: Document, read: ReadPiece, noticed: Noticed) -> Mention:
    start, end = read.piece.start + noticed.start, read.piece.start + noticed.end
    source = document.title if read.field == "title" else document.content
    return Mention(noticed.key, source[start:end], "topic", read.field, start, end)


def _thinned(mentions: Sequence[Mention]) -> list[Mention]:
    counts: Counter[tuple[str, Kind]] = Counter()
    kept = []
    for mention in mentions:
        counts[mention.key, mention.kind] += 1
        if counts[mention.key, mention.kind] <= MOST_PER_KEY:
            kept.append(mention)
    return kept
