import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories.extraction.base import normalise_key
from memories.extraction.keys import person_key, singular, topic_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ana  Ribeiro", "ana ribeiro"),
        ("the Duke of York", "duke of york"),
        ("Harper\u2019s", "harper"),
        ("St. James's", "st james"),
        ("“Lisbon”,", "lisbon"),
        ("\ufb01nland", "finland"),
        ("U.S.", "us"),
        ("Booking.com", "booking.com"),
        ("…", ""),
    ],
)
def test_a_key_is_one_spelling_of_a_name(text, key):
    assert normalise_key(text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Mr. Sheply", "sheply"),
        ("Dr. Ana Ribeiro", "ana ribeiro"),
        ("Mrs. Pepys", "mrs pepys"),
        ("Miss Lucy Westenra", "lucy westenra"),
        ("Mrs. W. Pen", "mrs w pen"),
        ("Sir W. Batten", "w batten"),
        ("Sir William", "sir william"),
        ("my Lord Sandwich", "lord sandwich"),
        ("Lady Batten", "lady batten"),
        ("Uncle Fenner", "uncle fenner"),
        ("Mr.", "mr"),
    ],
)
def test_a_title_stays_in_a_person_key_only_where_it_tells_two_apart(text, key):
    assert person_key(text) == key


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("jars", "jar"),
        ("berries", "berry"),
        ("boxes", "box"),
        ("knives", "knife"),
        ("glass", "glass"),
        ("physics", "physics"),
        ("bus", "bus"),
    ],
)
def test_a_noun_is_put_in_the_singular(plural, one):
    assert singular(plural) == one


def test_only_the_head_of_a_topic_is_put_in_the_singular():
    assert topic_key("Solar Panels") == "solar panel"
    assert topic_key("sales reports") == "sales report"


@given(st.text(max_size=40))
def test_a_key_of_a_key_without_possessive_is_itself(text):
    key = normalise_key(text.replace("'", "").replace("\u2019", "").replace(" ", ""))
    assert normalise_key(key) == key
