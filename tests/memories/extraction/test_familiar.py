from memories.extraction.base import KnownName
from memories.extraction.familiar import SeenName, familiar_names


def test_a_name_seen_often_is_known_under_its_commonest_kind():
    seen = [
        SeenName("creed", "Mr. Creed", "person", 9),
        SeenName("creed", "Creed", "organisation", 2),
    ]
    assert familiar_names(seen) == [KnownName("creed", "Creed", "person")]


def test_a_name_that_two_kinds_share_is_not_known():
    seen = [SeenName("swan", "Swan", "place", 5), SeenName("swan", "Swan", "person", 5)]
    assert familiar_names(seen) == []


def test_a_single_word_must_be_seen_more_often_than_a_phrase():
    seen = [
        SeenName("quill", "Quill", "person", 3),
        SeenName("ana ribeiro", "Ana Ribeiro", "person", 3),
    ]
    assert [known.key for known in familiar_names(seen)] == ["ana ribeiro"]


def test_a_title_that_is_in_the_key_is_looked_for():
    seen = [SeenName("mrs pepys", "Mrs. Pepys", "person", 9)]
    assert familiar_names(seen) == [KnownName("mrs pepys", "Mrs. Pepys", "person")]
