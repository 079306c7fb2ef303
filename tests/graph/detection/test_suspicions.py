"""What looks wrong with money and addresses."""

import pytest

from graph.detection.suspicions import Suspicion, accounts, explain_suspicion, find_suspicions
from tests.graph.detection.tellings import tell

OWNER = ("Nora Ibsen", "nora@post.example")


def mail(number, content="Hello", *, address="desk@vanhire.example", name="Van Hire", day=20_000):
    return tell(number, content, day=day, source="mail", author=name, participants=((name, address), OWNER))


def test_the_same_sum_twice_under_different_references_is_looked_at():
    bills = [mail(1, "Van VX-1234, £124.48."), mail(2, "Van VX-5678, £124.48.", day=20_002)]
    assert find_suspicions(bills) == [Suspicion("paid_twice", (1, 2), {"days_apart": 2})]


@pytest.mark.parametrize(
    "second",
    [
        mail(2, "Van VX-1234, £124.48.", day=20_002),
        mail(2, "Van VX-5678, £124.48.", day=20_004),
        mail(2, "Van VX-5678, £99.48."),
        mail(2, "Van VX-5678, £124.48.", address="desk@other.example"),
    ],
    ids=["a reminder of the same", "later", "another sum", "another payee"],
)
def test_other_bills_are_as_they_should_be(second):
    assert find_suspicions([mail(1, "Van VX-1234, £124.48."), second]) == []


def test_payees_are_found_in_notes_too():
    notes = [tell(n, f"Paid £12.50 to Rufus Varga, reference {n}1234") for n in (1, 2)]
    assert [found.kind for found in find_suspicions(notes)] == ["paid_twice"]


def test_a_domain_one_letter_away_from_a_known_one_is_looked_at():
    mails = [mail(n, address="desk@vanhire.example") for n in range(1, 7)] + [mail(7, address="desk@vanhlre.example")]
    found = [suspicion for suspicion in find_suspicions(mails) if suspicion.kind == "lookalike_domain"]
    assert found == [Suspicion("lookalike_domain", (7,), {"known": 6, "times": 1})]


def test_public_providers_look_alike_by_nature():
    mails = [mail(n, address=f"a{n}@gmail.com", name=f"a{n}") for n in range(1, 7)] + [
        mail(7, address="b@ymail.com", name="b")
    ]
    assert find_suspicions(mails) == []


def test_a_known_sender_with_another_account_is_looked_at():
    first, other = "GB82 WEST 1234 5698 7654 32", "DE89 3704 0044 0532 0130 00"
    mails = [mail(1, f"Our account: {first}"), mail(2, f"As before, {first}"), mail(3, f"From now on {other}, please")]
    assert find_suspicions(mails) == [Suspicion("new_account", (1, 3), {"known": 1})]


def test_accounts_are_those_with_right_check_digits():
    text = "GB82 WEST 1234 5698 7654 32, GB83 WEST 1234 5698 7654 32, sort code 12-34-56, account 12345678"
    assert accounts(text) == {"GB82WEST12345698765432", "12-34-56 12345678"}


def test_a_known_name_with_a_new_address_is_looked_at():
    mails = [mail(n, name="Agnes Abbott", address="agnes@home.example") for n in (1, 2, 3)]
    mails += [
        mail(4, name="Agnes Abbott", address="agnes@quick.example"),
        mail(5, name="Rufus Varga", address="r@x.example"),
    ]
    mails += [mail(n, name=f"Zelda {n}", address=f"{n}@y.example") for n in range(6, 12)]
    assert find_suspicions(mails) == [Suspicion("new_address", (1, 4), {"known": 3})]


def test_the_owner_may_have_many_addresses():
    mails = [mail(n, name="Nora Ibsen", address="nora@post.example") for n in (1, 2, 3)]
    assert find_suspicions([*mails, mail(4, name="Nora Ibsen", address="nora@work.example")]) == []


def test_without_sums_and_addresses_there_is_nothing_to_say():
    assert find_suspicions([tell(1, "A quiet day"), tell(2, "Another, £12.50 for tea")]) == []


@pytest.mark.parametrize(
    ("suspicion", "words"),
    [
        (Suspicion("paid_twice", (1, 2), {"days_apart": 0}), "on the same day"),
        (Suspicion("paid_twice", (1, 2), {"days_apart": 1}), "1 day apart"),
        (Suspicion("lookalike_domain", (7,), {"known": 6, "times": 1}), "one letter away from one that 6 memories"),
        (Suspicion("new_account", (1, 3), {"known": 1}), "not named before"),
        (Suspicion("new_address", (1, 4), {"known": 3}), "known from 3 memories"),
    ],
)
def test_each_suspicion_says_its_reason(suspicion, words):
    assert words in explain_suspicion(suspicion)
