import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memories.extraction.base import Document, KnownName, load_engine
from memories.extraction.mentions import MOST_PER_KEY
from memories.extraction.spacy_engine import LABELS

DIARY = (
    "Walked with Mr. Sheply to Westminster Hall, and thence to Fenchurch Street, where Sir W. "
    "Batten told me of the Duke of York\u2019s coming. Sheply dined with us at the King\u2019s Head Tavern."
)
MAIL = """Hi Marta,

Ana Ribeiro will be home on Monday 3 March at 10:30. Acme Roofing Ltd wants £450 in advance.
See https://acme.example/q and quote.pdf. The roof repair begins in Lisbon, says Tom Baker.

Best regards,
Ana

On Mon, 24 Feb 2025, Marta wrote:
> Dear Ana, Bob Hidden is in Madrid.
"""


def test_labels_become_the_four_kinds_and_the_rest_is_dropped():
    assert LABELS == {
        "PERSON": "person",
        "GPE": "place",
        "LOC": "place",
        "FAC": "place",
        "ORG": "organisation",
    }


def test_people_and_places_of_a_diary(reader):
    assert {"sheply", "w batten", "duke of york"} <= set(reader.keys(DIARY, "person"))
    assert {"westminster hall", "fenchurch street"} <= set(reader.keys(DIARY, "place"))
    assert "king's head tavern" in reader.keys(DIARY, "place")


def test_people_places_and_firms_of_a_mail(reader):
    assert reader.names(MAIL) >= {"ana ribeiro", "acme roofing ltd", "lisbon", "tom baker"}
    assert not reader.names(MAIL) & {"bob hidden", "madrid", "monday", "march"}


def test_a_title_is_shown_and_is_not_in_the_key(spacy_reader):
    mention = spacy_reader.read("I dined with Mr. Sheply's son.")[0]
    assert (mention.text, mention.key) == ("Mr. Sheply", "sheply")


@pytest.mark.parametrize(
    "text",
    [
        "We left at 8:35 p.m. on Tuesday, 3 May 1893, and came back in June.",
        "Dined. Thence home. Woke early. Walked, talked, and so to bed.",
        "It was Easter Day, and then Candlemas; before Christmas it snowed.",
        "Chapter XIV. Part II. See IX and III.",
        "The French and the Dutch fought; an Italian sang in Latin.",
        "He and She and They met Us. Who? Him. And I.",
        "Dear all,\nthanks!\n\nBest regards,\n",
        "See www.shop.example/Anna and mail Bob.Smith@shop.example or read Plan_Anna.docx.",
        "Commit 9f8e7d6c5b4a3f21, order A1234567, total EUR 45.00 or $50.",
        "SHOPPING LIST\nMILK AND BREAD\n",
        "W. and J. K. came. Sir W. too.",
        "His Majesty spoke to the King and the Captain, my Lord.",
        "**Bold** _words_ ## and | tables | here |",
        "From: Somebody Else\nSent: Monday\nSubject: Hello There\n",
    ],
)
def test_junk_is_no_entity(reader, text):
    assert reader.names(text) == set()


def test_topics_are_what_a_note_is_about(spacy_reader):
    text = "Choir practice tonight. My knee hurts again; the physio says rest. Made quince jam."
    topics = spacy_reader.keys(text, "topic")
    assert {"choir practice", "quince jam"} & set(topics)
    assert "knee" in spacy_reader.keys("The knee again. My knee hurts after the run.", "topic")


def test_topics_are_never_generic_and_never_more_than_five(reader):
    text = "The thing of the day was the way of the people. " * 3 + DIARY + MAIL
    topics = reader.keys(text, "topic")
    assert len(topics) <= 5
    assert not {"thing", "day", "way", "people", "morning"} & set(topics)


def test_a_known_topic_is_preferred(spacy_reader):
    text = (
        "They took a lantern, a violin and a barrel down to the cellar, and left the ladder, the "
        "saddle, the hammer, the kettle and the harness for us to carry up to the loft when we came."
    )
    assert "harness" not in spacy_reader.keys(text, "topic")
    known = (KnownName("harness", "harness", "topic"),)
    assert "harness" in spacy_reader.keys(text, "topic", known=known)


def test_a_known_name_is_found_where_no_rule_or_model_finds_it(reader):
    text = "so then zaphira and Quill came by with ana ribeiro"
    known = (
        KnownName("quill", "Quill", "person"),
        KnownName("ana ribeiro", "Ana Ribeiro", "person"),
    )
    assert set(reader.keys(text, "person", known=known)) == {"quill", "ana ribeiro"}


def test_a_known_single_word_is_matched_in_its_case_only(reader):
    known = (KnownName("rose", "Rose", "person"),)
    assert reader.keys("we saw a rose and then Rose herself", "person", known=known) == ["rose"]
    assert reader.keys("the sun rose early", "person", known=known) == []


def test_a_known_kind_wins_over_the_model(reader):
    text = "We spent two weeks in London with the children."
    known = (KnownName("london", "London", "organisation"),)
    assert reader.keys(text, "organisation", known=known) == ["london"]
    assert reader.keys(text, "place", known=known) == []


def test_the_longest_name_wins(reader):
    known = (KnownName("york", "York", "place"), KnownName("new york", "New York", "place"))
    assert reader.keys("we flew to New York in the morning", "place", known=known) == ["new york"]


def test_a_header_name_is_found_in_the_same_memory_by_first_name(reader):
    found = reader.read("lunch with Oriana was fun", participants=[("Oriana Vale", "")])
    assert [(each.key, each.field) for each in found if each.kind == "person"] == [
        ("oriana vale", "content"),
        ("oriana vale", "participants"),
    ]


def test_one_name_has_one_kind_in_one_memory(spacy_reader):
    text = "Creed came. Mr. Creed and I walked. I told Creed so. Creed agreed, at Creed\u2019s."
    kinds = {each.kind for each in spacy_reader.read(text) if each.key == "creed"}
    assert kinds == {"person"}


def test_a_possessive_is_outside_the_span(reader):
    found = [each for each in reader.read("We met at Tom Baker\u2019s house.") if each.kind == "person"]
    assert [each.text for each in found] == ["Tom Baker"]


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "…", "—" * 50, "\u200b", "😀 😀"])
def test_a_text_without_words_has_no_mentions(reader, text):
    assert reader.read(text, title=text, author=text) == []


def test_a_name_is_listed_a_bounded_number_of_times(rules_reader):
    found = rules_reader.read("I saw Tom Baker today. " * 100)
    assert sum(each.key == "tom baker" for each in found) == MOST_PER_KEY


def test_a_million_characters_are_read_to_the_end(spacy_reader, monkeypatch):
    monkeypatch.setattr("memories.extraction.spacy_engine.MODEL_CHARACTERS", 10_000)
    text = "we went on and on. " * 55_000 + "Then Quill came."
    known = (KnownName("quill", "Quill", "person"),)
    found = spacy_reader.read(text[-1_000_000:], known=known)
    assert [each.key for each in found if each.kind == "person"] == ["quill"]


def test_a_memory_reads_the_same_alone_and_in_a_batch(spacy_reader):
    texts = [DIARY, MAIL, "Tom is ill.", DIARY.replace("Sheply", "Creed"), ""] * 3
    documents = [Document(at, "Notes", text, "Ana Ribeiro", ()) for at, text in enumerate(texts)]
    together = spacy_reader.engine.extract(documents, known=())
    alone = [spacy_reader.engine.extract([each], known=())[0] for each in documents]
    assert together == alone


WORDS = st.sampled_from(
    [
        *(
            [
                "Ana",
                "Ribeiro",
                "Mr.",
                "Mrs.",
                "Sir",
                "W.",
                "Lisbon",
                "the",
                "of",
                "in",
                "and",
                "Street",
                "walked",
                "roof",
                "repair",
            ]
        ),
        *(["King’s", "“hello”", "—", "O’Brien", "é", "😀", ">", "#", "-", "*", ".", ",", ":"]),
        *(["https://x.example", "a@b.example", "ﬁne", "St.", "Hall", "March", "Ltd"]),
        *("\n", "\n\n", "\t", " "),
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, max_size=40), st.sampled_from(["spacy", "rules"]))
def test_the_text_of_a_mention_is_exactly_its_span(words, engine):
    content = " ".join(words)
    document = Document(1, content[:30], content, "", ())
    for mention in load_engine(engine).extract([document], known=())[0]:
        assert mention.key
        assert mention.text == getattr(document, mention.field)[mention.start : mention.end]
