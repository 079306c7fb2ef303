"""Extraction's keys: the one spelling under which mentions of the same name meet.

The rule for honorifics. `text` keeps them ("Mr. Sheply"), for display; the key of a person
1. drops titles that say nothing about which bearer is meant (Mr, Dr, Captain, ...): "sheply";
2. keeps those that tell two bearers of one name apart before a single name or an initial
   ("mrs pepys", "miss murray", "sir william") and drops them before a full name, which does
   that already ("Miss Lucy Westenra" is "lucy westenra", "Sir W. Batten" is "w batten");
3. always keeps rank and kin, which are part of the name ("lord sandwich", "uncle fenner").
"My" before a rank is dropped: "my Lord Crew" is "lord crew".
"""

import re
import unicodedata

from memories.extraction.lexicon import FEMALE_TITLES, SILENT_TITLES

_POSSESSIVE = re.compile(r"(?<=\w)'s$|(?<=s)'$")
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)")
_DOT = re.compile(r"\.(?=\s|$)|(?<=\b\w)\.(?=\w\b)")
_OUTER = re.compile(r"^[\W_]+|[\W_]+$")
_IRREGULAR = {
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "wives": "wife",
    "knives": "knife",
    "leaves": "leaf",
    "shelves": "shelf",
    "loaves": "loaf",
    "lives": "life",
    "halves": "half",
    "calves": "calf",
    "wolves": "wolf",
    "people": "people",
    "women": "woman",
    "men": "man",
    "shoes": "shoe",
    "movies": "movie",
    "cookies": "cookie",
    "ties": "tie",
    "pies": "pie",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "buses": "bus",
    "gases": "gas",
    "lenses": "lens",
    "series": "series",
    "species": "species",
    "news": "news",
    "maths": "maths",
    "physics": "physics",
    "glasses": "glasses",
    "clothes": "clothes",
    "trousers": "trousers",
    "scissors": "scissors",
    "taxes": "tax",
    "boxes": "box",
    "axes": "axe",
}


def normalise_key(text: str) -> str:
    """The key of a name: NFKC, caseless, no possessive, article, dots or outer punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    key = _OUTER.sub("", " ".join(folded.split()))
    key = _POSSESSIVE.sub("", key)
    key = _ARTICLE.sub("", key)
    return _OUTER.sub("", _DOT.sub("", key))


def person_key(text: str) -> str:
    """The key of a person: `normalise_key` with honorifics by the rule above."""
    words = normalise_key(text).split()
    if len(words) > 2 and words[0] == "my":
        words = words[1:]
    while len(words) > 1 and words[0] in SILENT_TITLES:
        words = words[1:]
    if words and _title_says_nothing(words[0], words[1:]):
        words = words[1:]
    return " ".join(words)


def _title_says_nothing(title: str, name: list[str]) -> bool:
    if title == "sir":
        return len(name) >= 2
    return title in FEMALE_TITLES and len(name) >= 2 and len(name[0]) > 1


def topic_key(text: str) -> str:
    """The key of a topic: `normalise_key` with its last word, the head, in the singular."""
    words = normalise_key(text).split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def singular(noun: str) -> str:
    """The singular of a lower-case English noun, by suffix and a short table."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if len(noun) < 4 or noun.endswith(("ss", "us", "is", "ous")) or not noun.endswith("s"):
        return noun
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    if noun.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return noun[:-2]
    return noun[:-1]
