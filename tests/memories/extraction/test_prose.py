from hypothesis import given
from hypothesis import strategies as st

from memories.extraction.prose import PIECE_CHARACTERS, pieces


def text_of(text: str) -> str:
    return " ".join(" ".join(piece.text for piece in pieces(text)).split())


def test_addresses_links_files_and_hashes_are_blanked():
    text = "See https://a.example/x?y=1 or bob@b.example, report.pdf and 9f8e7d6c5b4a now"
    assert text_of(text) == "See or , and now"


def test_markdown_signs_are_blanked():
    assert text_of("## Plans\n\n- [ ] call **Tom** about `x.py`") == "Plans call Tom about"


def test_a_quoted_mail_is_left_out_with_its_attribution():
    mail = "Yes.\n\nOn Mon, 3 Mar 2025 at 10:00, Ana <a@b.example>\nwrote:\n> Hi Bob\n> Bye\n"
    assert text_of(mail) == "Yes."


def test_a_quotation_without_attribution_is_read():
    assert text_of("> To be or not") == "To be or not"


def test_shouted_lines_are_left_out():
    assert text_of("SHOPPING LIST\nEggs from Tom") == "Eggs from Tom"


def test_hard_wrapped_lines_are_one_piece_and_list_items_are_several():
    wrapped = "We walked along the river for an hour and then, at the mill, we met Ana\nRibeiro at the bridge."
    assert len(pieces(wrapped)) == 1
    assert len(pieces("- eggs\n- milk")) == 2


def test_a_line_set_like_a_title_is_a_headline():
    assert [piece.headline for piece in pieces("Weekly Team Review\n\nAna came late today.")] == [
        True,
        False,
    ]


def test_a_long_text_is_cut_at_the_ends_of_sentences():
    found = pieces("Ana walked to the bridge and back. " * 400)
    assert all(len(piece.text) <= PIECE_CHARACTERS for piece in found)
    assert all(piece.text.rstrip().endswith(".") for piece in found)


@given(st.text(alphabet="Ab1 .\n>-#*@/:\u2019—é\t", max_size=300))
def test_every_letter_of_a_piece_stands_at_its_offset(text):
    for piece in pieces(text):
        original = text[piece.start : piece.start + len(piece.text)]
        assert len(original) == len(piece.text)
        assert all(here == there for here, there in zip(piece.text, original, strict=True) if here.isalnum())
