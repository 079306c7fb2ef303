import pytest

from memories.extraction.base import KnownName
from memories.extraction.noticing import notice
from memories.extraction.observances import NOT_AFTER, NOT_BEFORE, SPELLINGS
from memories.extraction.prose import pieces
from memories.extraction.words import split_words


def noticed(text: str) -> list[str]:
    """Keys of what the vocabulary alone finds, in the order of the text."""
    return [
        each.key
        for piece in pieces(text)
        for each in notice(piece.text, split_words(piece.text), headline=piece.headline)
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("5th (Lord’s day). Up and to church.", "lord's day"),
        ("on the Lords day we rested", "lord's day"),
        ("It was LORD'S-DAY again, and cold.", "lord's day"),
        ("They mean to keep Christmasse at home.", "christmas"),
        ("25th (Christmas-day). Up early.", "christmas"),
        ("off to Mum's on Christmas Eve", "christmas eve"),
        ("14th (St. Valentine’s day). Rose late.", "valentine's day"),
        ("a card for Valentine's Day", "valentine's day"),
        ("She was my valentine this year.", "valentine's day"),
        ("Paid the rent at Ladyday.", "lady day"),
        ("It being St. Andrew’s-day, all wore crosses.", "st andrew's day"),
        ("drinks for St Georges Day", "st george's day"),
        ("We broke the fast at Eid al-Fitr.", "eid"),
        ("lit the third candle of Chanukah", "hanukkah"),
        ("fireworks on Bonfire Night", "guy fawkes night"),
        ("what shall we do on New Year’s Eve?", "new year's eve"),
        ("Frosts all week, said the radio.", "frost"),
        ("a frosty morning by the lake", "frost"),
        ("Snow fell all night.", "snow"),
        ("my hay-fever is back", "hay fever"),
        ("a thunderstorm after lunch", "thunder"),
        ("Grandma's birthdays are always loud.", "birthday"),
    ],
)
def test_spellings_of_one_thing_have_one_key(text, key):
    assert noticed(text) == [key]


@pytest.mark.parametrize(
    "text",
    [
        "Captain Lent sailed; so did Lenthall, with plenty of rope.",
        "I lent Tom the ladder. Lent him the saw too.",
        "Lent John my drill and took a walk.",
        "Money lent to friends is lost.",
        "We met Mr. Frost and old Frost's dog.",
        "Frost rang about the invoice.",
        "then Snow came by with the keys",
        "Bobby Valentine pitched, and Valentine Okafor kept score.",
        "hail a taxi, buy ice cream and a lightning cable",
        "it was the twelfth day of the trip and a good friday evening",
        "I had an epiphany with the advent of spring",
        "may day by day be better than my mother's day was",
        "We passed Allhallows Church and Midsummer Common.",
        "in at St Mary's day centre until noon",
        "a flood of mails, and all taken by storm",
        "hands as cold as ice, as quick as lightning, a baptism of fire",
        "iced buns, a brainstorm, a snowball-sized scone",
    ],
)
def test_names_verbs_and_other_senses_are_not_noticed(text):
    assert noticed(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The first day of Lent; fish again.",
        "gave up chocolate for lent",
        "Lent begins tomorrow.",
        "Ash and ale, for Lent. This morning rain.",
        "There are no plays on Fridays in Lent.",
    ],
)
def test_lent_is_the_fast_where_its_capital_or_its_neighbours_say_so(text):
    assert noticed(text) == ["lent"]


def test_a_longer_spelling_goes_before_a_shorter_one():
    assert noticed("after Chinese New Year and New Year's Day, a new year") == [
        "chinese new year",
        "new year's day",
        "new year",
    ]


def test_the_vocabulary_names_every_spelling_once_and_excludes_for_its_own_keys_only():
    texts = [(spelling.text, spelling.case) for spelling in SPELLINGS]
    assert len(texts) == len(set(texts))
    assert NOT_AFTER.keys() | NOT_BEFORE.keys() <= {spelling.key for spelling in SPELLINGS}


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: f"{spelling.case.value}-{spelling.text}")
def test_every_spelling_is_found_as_it_is_written(spelling):
    shown = spelling.text if spelling.case.value != "proper" else spelling.text.capitalize()
    assert noticed(f"so it was this {shown}, then") == [spelling.key]


def test_both_engines_notice_and_say_exactly_where(reader):
    text = "5th (Lord’s day). A hard frost, and so to church."
    found = {mention.key: mention for mention in reader.read(text) if mention.key in {"lord's day", "frost"}}
    assert {key: (each.kind, text[each.start : each.end]) for key, each in found.items()} == {
        "lord's day": ("topic", "Lord’s day"),
        "frost": ("topic", "frost"),
    }


def test_a_title_in_capitals_is_read(reader):
    assert "frost" in reader.keys("Up early.", "topic", title="First Frost of the Year")


def test_a_person_of_that_name_wins_over_the_weather(reader):
    text = "Mr. Frost dined here. Then Frost sang."
    assert reader.keys(text, "person") == ["frost"]
    assert reader.keys(text, "topic") == []


def test_a_known_person_of_that_name_wins_over_the_feast(reader):
    known = (KnownName("valentine", "Valentine", "person"),)
    found = reader.read("a walk with Valentine and the dog", known=known)
    assert [(each.key, each.kind) for each in found if each.text == "Valentine"] == [("valentine", "person")]


def test_a_feast_holds_the_name_in_it(reader):
    found = reader.read("It being St. George’s day, the King rode out; on Guy Fawkes Night it rained.")
    assert [each.text for each in found] == ["St. George’s day", "Guy Fawkes Night"]


def test_what_is_noticed_takes_no_room_from_the_key_phrases(spacy_reader):
    text = "Choir practice and the knee. "
    alone = spacy_reader.keys(text, "topic")
    assert spacy_reader.keys(text + "Snow, fog and thunder at Easter.", "topic") == [
        *alone,
        "snow",
        "fog",
        "thunder",
        "easter",
    ]


def test_what_lies_beyond_the_models_reach_is_noticed(spacy_reader, monkeypatch):
    monkeypatch.setattr("memories.extraction.spacy_engine.MODEL_CHARACTERS", 1_000)
    assert spacy_reader.keys("we went on. " * 500 + "It was Easter.", "topic")[-1:] == ["easter"]
