import pytest

from memories.extraction.base import (
    Document,
    ExtractionEngine,
    Kind,
    KnownName,
    Mention,
    load_engine,
)


def document(content: str, *, title: str = "", author: str = "", participants=()) -> Document:
    return Document(1, title, content, author, tuple(participants))


class Reader:
    """One engine and short questions to it."""

    def __init__(self, engine: ExtractionEngine) -> None:
        self.engine = engine

    def read(self, content: str, *, known: tuple[KnownName, ...] = (), **headers) -> list[Mention]:
        return self.engine.extract([document(content, **headers)], known=known)[0]

    def keys(self, content: str, kind: Kind, **more) -> list[str]:
        """Keys of that kind, each once, in the order of the text."""
        found = self.read(content, **more)
        return list(dict.fromkeys(mention.key for mention in found if mention.kind == kind))

    def names(self, content: str, **more) -> set[str]:
        """Keys of everything but topics."""
        return {each.key for each in self.read(content, **more) if each.kind != "topic"}


@pytest.fixture(scope="session")
def spacy_reader() -> Reader:
    return Reader(load_engine("spacy"))


@pytest.fixture(scope="session")
def rules_reader() -> Reader:
    return Reader(load_engine("rules"))


@pytest.fixture(params=["spacy", "rules"])
def reader(request: pytest.FixtureRequest) -> Reader:
    return request.getfixturevalue(f"{request.param}_reader")
