import pytest

from memories.extraction.acquaintances import acquaintances
from memories.extraction.base import KnownName
from memories.extraction.words import split_words


def told(text: str) -> list[str]:
    """The spans found by the words beside them alone, as text."""
    words = split_words(text)
    return [text[words[each.first].start : words[each.last - 1].end] for each in acquaintances(words)]


@pytest.mark.parametrize(
    "text",
    [
        "Met Wilhelmina Vandersteen at the cafe.",
        "Talked to Wilhelmina Vandersteen about Acme",
        "Wilhelmina Vandersteen rang.",
        "Yesterday Wilhelmina Vandersteen came.",
        "I called Wilhelmina Vandersteen twice",
        "Thanked Wilhelmina Vandersteen for the jam",
        "Wrote to Wilhelmina Vandersteen's mother",
        "Lunch in the garden with Wilhelmina Vandersteen",
        "a postcard from Wilhelmina Vandersteen",
    ],
)
def test_a_full_name_beside_words_of_meeting_or_telling_is_a_person(text):
    assert told(text) == ["Wilhelmina Vandersteen"]


@pytest.mark.parametrize(
    "text",
    [
        "Met Xanthe Plumtree and Ottoline Prang today",
        "Met Xanthe Plumtree, Ottoline Prang and Tom today",
        "Xanthe Plumtree and Ottoline Prang came",
        "Met Tom, Xanthe Plumtree, and Ottoline Prang",
    ],
)
def test_people_listed_together_are_all_found(text):
    assert told(text) == ["Xanthe Plumtree", "Ottoline Prang"]


def test_what_follows_a_comma_is_no_person_without_an_and():
    assert told("Met Xanthe Plumtree, Market Harborough") == ["Xanthe Plumtree"]


def test_what_a_sentence_said_before_a_caller_is_no_person():
    assert told("We left Ardnave Saligo and Xanthe Plumtree rang") == ["Xanthe Plumtree"]


def test_particles_belong_to_a_name():
    assert told("Wilhelmina van der Steen said no") == ["Wilhelmina van der Steen"]


@pytest.mark.parametrize(
    "text",
    [
        "Met Vandersteen. Vandersteen rang.",
        "a book called Zorba Grigorakis",
        "Met Plumtree Road and Prang Museum. Called Quill Energy.",
        "Opened an account with Triodos Direkt",
        "Told New York and Costa Rica. Oxford Zenith called.",
        "Storm Eunice came. The Xanthe Plumtree called. Poor Prang rang.",
        "Met Monday Morning. Asked Good Old Tom. Told Octopus Energy.",
        "Met ZORBA BLUM and Wrote To Zorba Blum Kazan Quill",
        "We saw that Royal Ardnave Saligo called",
        "Saw Zorba Grigorakis. Visited Ardnave Saligo.",
    ],
)
def test_single_words_places_firms_films_and_ordinary_words_are_nobody(text):
    assert told(text) == []


def test_people_the_model_does_not_know_are_found_beside_those_it_knows(reader):
    text = "Met Wilhelmina Vandersteen at the Boathouse Cafe in Dundee with Amara Osei."
    assert reader.keys(text, "person") == ["wilhelmina vandersteen", "amara osei"]
    assert "boathouse cafe" in reader.keys(text, "place")


def test_a_name_the_model_read_in_part_is_read_whole(spacy_reader):
    assert spacy_reader.keys("Wilhelmina Vandersteen called.", "person") == ["wilhelmina vandersteen"]


def test_a_guessed_person_yields_to_what_is_known(reader):
    known = (KnownName("xanthe plumtree", "Xanthe Plumtree", "organisation"),)
    assert reader.keys("Talked to Xanthe Plumtree", "organisation", known=known) == ["xanthe plumtree"]
    assert reader.keys("Talked to Xanthe Plumtree", "person", known=known) == []


def test_a_noun_after_the_name_makes_it_a_brand(spacy_reader):
    assert spacy_reader.names("Told Xanthe Plumtree customers about it") == set()


def test_a_name_ends_in_no_common_noun(spacy_reader):
    assert spacy_reader.keys("Fish dinner with Tartare Sauce", "person") == []


@pytest.mark.parametrize("text", ["Wilhelmina Vandersteen rang.", "Mum rang.", "Met up with Tom", "She rang again."])
def test_a_verb_is_no_topic(spacy_reader, text):
    assert spacy_reader.keys(text, "topic") == []


def test_what_rang_is_a_topic_without_its_verb(spacy_reader):
    assert spacy_reader.keys("The telephone rang.", "topic") == ["telephone"]
