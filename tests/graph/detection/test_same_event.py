"""The same event on several platforms."""

import pytest

from graph.detection.same_event import block_keys, judge_same_event
from graph.detection.statistics import count_statistics
from tests.graph.detection.tellings import tell

MAIL = "Your tickets for the St Matthew Passion are attached, order XS-68829: two seats, £277.48."
NOTE = "Two tickets for the passion under order XS-68829. £277.48! A present to ourselves."
BACKGROUND = [f"Went to the office, number {n}, and walked home with a letter" for n in range(400)]
STATISTICS = count_statistics([*BACKGROUND, MAIL, NOTE])
INFORMATION = {1: 0.1, 2: 5.0, 3: 4.5, 4: 4.0}


def judge(a, b):
    return judge_same_event(a, b, statistics=STATISTICS, information=INFORMATION)


def test_a_receipt_and_the_note_beside_it_are_one_event():
    line = judge(tell(2, NOTE, day=20_001, entities=(1, 2)), tell(1, MAIL, source="mail", entities=(1, 2, 3)))
    assert (line.source, line.target, line.type, line.method) == (1, 2, "same_event", "fellegi_sunter")
    assert line.confidence == line.evidence["p"] > 0.99
    assert line.evidence["entities"] == [1, 2]
    assert (line.evidence["shared_keys"], line.evidence["conflicting_keys"]) == (2, 0)


def test_another_reference_and_another_sum_are_another_event():
    other = NOTE.replace("XS-68829", "VT-29920").replace("277.48", "108.48")
    assert judge(tell(1, MAIL, source="mail"), tell(2, other)) is None


@pytest.mark.parametrize(
    "other", [{"source": "mail"}, {"day": 20_015}], ids=["on the same platform", "more than two weeks later"]
)
def test_some_pairs_are_never_asked_about(other):
    assert judge(tell(1, MAIL, source="mail"), tell(2, NOTE, **other)) is None


def test_a_copy_is_no_second_report():
    assert judge(tell(1, MAIL, source="mail"), tell(2, MAIL, source="file")) is None


def test_common_words_are_no_evidence():
    assert judge(tell(1, BACKGROUND[0], source="mail"), tell(2, BACKGROUND[1])) is None


def test_a_confirmation_is_of_the_day_it_names():
    note = tell(2, "Roof survey with Agnes, slates fine, gutter wants paint before winter", day=20_010, entities=(2, 3))
    mail = "This confirms the roof survey{}. Agnes asks for the ladder, and somebody to hold the spaniel."
    undated = judge(tell(1, mail.format(""), source="mail", entities=(2, 3)), note)
    dated = judge(tell(1, mail.format(" on 14 October"), source="mail", entities=(2, 3)), note)
    assert undated is None
    assert (dated.evidence["named_day"], dated.evidence["days_apart"]) == (1, 10)


def test_well_known_entities_of_its_own_on_each_side_speak_against_it():
    mail, note = "About the roof survey of the vestry next week", "The survey went well, coffee afterwards"
    plain = judge(tell(1, mail, source="mail", entities=(2,)), tell(2, note, day=20_002, entities=(2,)))
    apart = judge(tell(1, mail, source="mail", entities=(2, 3)), tell(2, note, day=20_002, entities=(2, 4)))
    assert plain is not None
    assert apart is None


def test_memories_meet_by_rare_entities_and_strong_keys():
    keys = block_keys(tell(1, MAIL, entities=(1, 2)), information=INFORMATION)
    assert keys == {2, "ref:xs68829", "sum:277.48 gbp"}


def test_evidence_holds_numbers_and_ids_alone():
    line = judge(tell(1, MAIL, source="mail"), tell(2, NOTE))
    assert {type(value) for value in line.evidence.values()} <= {int, float, list}
