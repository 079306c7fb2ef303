import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories.importers.prose import first_heading, plain_links


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Met [[Ana Ribeiro|Ana]] today", "Met Ana today"),
        ("Met [[Ana Ribeiro]].", "Met Ana Ribeiro."),
        ("[[Trip#Day one]] and [[#Plans]]", "Trip and Plans"),
        ("[[A]][[B]]", "AB"),
        ("![[boat.png]]The sea![[wave.jpg|300]]", "The sea"),
        ("![[Ana Ribeiro]] ![[day.md]]", "Ana Ribeiro day.md"),
        ("[[Dr. Who]] [[boat.png]]", "Dr. Who boat.png"),
        ("`[[code]]` [[word]]", "`[[code]]` word"),
        ("[[open [[two]] [single] [[]]", "[[open two [single] [[]]"),
        ("```\n[[code]]\n```\n[[word]]", "```\n[[code]]\n```\nword"),
        ("~~~~\n[[a]]\n~~~\n[[b]]\n~~~~\n[[c]]", "~~~~\n[[a]]\n~~~\n[[b]]\n~~~~\nc"),
        ("```inline``` [[word]]", "```inline``` word"),
    ],
)
def test_links_become_the_words_a_reader_sees(text: str, plain: str) -> None:
    assert plain_links(text) == plain


@given(st.text(alphabet="[]|#!`~\n a."))
def test_plain_text_stays_as_it_is_and_no_text_is_too_odd(text: str) -> None:
    assert plain_links(text) == text or "[[" in text
    assert "\n" not in first_heading(text)


@pytest.mark.parametrize("piece", ["[[", "`", "![[a|", "`` ", "[[a`", "# "])
def test_a_long_line_of_openings_takes_no_time(piece: str) -> None:
    text = piece * 200_000
    assert plain_links(text) == text
