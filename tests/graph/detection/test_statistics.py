"""How much a word tells, frozen per epoch."""

import math

import pytest

from graph.detection.statistics import FEWEST, Statistics, count_statistics

TEXTS = [f"The kettle number {n}" for n in range(200)] + ["A heron by the kettle"]


def test_a_rare_word_tells_more_than_a_common_one():
    statistics = count_statistics(TEXTS)
    assert statistics.information("kettle") == 0.0
    assert statistics.information("heron") == pytest.approx(math.log(201))
    assert statistics.information("never seen") == pytest.approx(math.log(201))


def test_a_word_counts_once_a_memory():
    statistics = count_statistics(["heron heron heron", *TEXTS])
    assert statistics.information("heron") == pytest.approx(math.log(202 / 2))


def test_before_the_first_epoch_every_word_tells_the_same():
    assert Statistics().information("heron") == Statistics().information("kettle") == pytest.approx(math.log(FEWEST))


def test_statistics_come_back_from_storage_as_they_were():
    statistics = count_statistics(TEXTS)
    again = Statistics.from_bytes(statistics.to_bytes())
    assert again.memories == 201
    assert (again.sketch == statistics.sketch).all()


def test_the_stored_form_holds_no_word():
    assert b"heron" not in count_statistics(TEXTS).to_bytes()


def test_the_hash_of_a_token_is_the_same_in_every_process():
    assert count_statistics(["heron"]).sketch.nonzero()[0].tolist() == [19369]


@pytest.mark.parametrize("stored", [b"", b"not at all", Statistics().to_bytes()[:-9]])
def test_other_bytes_are_refused(stored):
    with pytest.raises(ValueError, match="statistics"):
        Statistics.from_bytes(stored)


def test_the_information_of_a_text_is_a_sum_and_its_length_a_mean():
    statistics = count_statistics(["heron kettle", "kettle"])
    assert statistics.total(["heron", "kettle"]) == pytest.approx(math.log(FEWEST) + math.log(FEWEST / 2))
    assert statistics.length == 1.5
    assert statistics.share("kettle") == pytest.approx(2 / FEWEST)
