import pytest

from memories.extraction.base import ENGINES, UnknownEngineError, load_engine


def test_an_engine_is_loaded_once():
    assert load_engine("rules") is load_engine("rules")


def test_an_unknown_engine_is_refused_with_the_names_that_exist():
    with pytest.raises(UnknownEngineError, match=r"'magic'.*rules, spacy"):
        load_engine("magic")


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_an_engine_says_which_version_it_is(name):
    assert load_engine(name).version.startswith(name)
