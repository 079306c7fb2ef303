import pytest

from memories.extraction.base import Document
from memories.extraction.headers import header_mentions, header_names, read_party


def mentions(author: str = "", *participants: tuple[str, str]):
    return header_mentions(Document(1, "", "", author, participants))


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("Ana Ribeiro", "ana@example.org", ("ana ribeiro", "Ana Ribeiro")),
        ("Ribeiro, Ana", "", ("ana ribeiro", "Ana Ribeiro")),
        ("Dr. Ana Ribeiro", "", ("ana ribeiro", "Dr. Ana Ribeiro")),
        ("ana ribeiro", "", ("ana ribeiro", "Ana Ribeiro")),
        ("Ana Ribeiro (via Docs)", "", ("ana ribeiro", "Ana Ribeiro")),
        ("", "ana.ribeiro@example.org", ("ana ribeiro", "Ana Ribeiro")),
        ("", "hrod17@example.org", ("hrod17@example.org", "hrod17@example.org")),
        ("ana@example.org", "ana@example.org", ("ana@example.org", "ana@example.org")),
    ],
)
def test_a_person_is_read_from_name_and_address(name, address, expected):
    assert read_party(name, address) == (*expected, "person")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", "no-reply@shop.example"),
        ("Shop", "newsletter@shop.example"),
        ("Billing Team", "x@shop.example"),
        ("", "neighbours@lists.example.org"),
        ("", "invoices+march@shop.example"),
        ("", ""),
        ("!!!", ""),
    ],
)
def test_lists_and_machines_are_nobody(name, address):
    assert read_party(name, address) is None


def test_a_company_in_a_header_is_an_organisation():
    assert read_party("Acme Roofing Ltd", "x@acme.example") == (
        "acme roofing ltd",
        "Acme Roofing Ltd",
        "organisation",
    )


def test_author_and_participants_are_mentioned_once_without_a_span():
    found = mentions("Ana Ribeiro <ana@x.example>", ("Ana Ribeiro", "ana@x.example"), ("Tom", ""))
    assert [(each.key, each.field, each.start) for each in found] == [
        ("ana ribeiro", "author", None),
        ("tom", "participants", None),
    ]


def test_first_names_are_looked_for_only_where_one_person_has_them():
    two_anas = mentions("Ana Ribeiro", ("Ana Costa", ""), ("Tomas Silva", ""))
    assert {known.name for known in header_names(two_anas)} == {
        "Ana Ribeiro",
        "Ana Costa",
        "Tomas Silva",
        "Tomas",
    }
