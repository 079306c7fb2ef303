"""Offsets, marks and snippets in the browser: the server counts code points, JavaScript does not."""

import pytest

TEXT = "import('/static/memories/text.js')"


@pytest.fixture
def module(page, transactional_db):
    page.goto("/accounts/first-user/")
    return lambda expression: page.evaluate(f"{TEXT}.then((text) => {expression})")


def test_offsets_behind_an_emoji_are_those_of_code_points(module):
    mentions = "[{field: 'content', start: 2, end: 5}]"
    assert module(
        f"text.spansOf('😀 Ana', {mentions}, 'content').map((span) => '😀 Ana'.slice(span.start, span.end))"
    ) == ["Ana"]


def test_of_two_overlapping_mentions_the_longer_first_one_is_marked(module):
    mentions = "[{start: 0, end: 3}, {start: 0, end: 8}, {start: 4, end: 8}]"
    spans = module(f"text.spansOf('Ana Berg', {mentions}, 'content').map(({{start, end}}) => [start, end])")
    assert spans == [[0, 8]]


def test_a_name_is_marked_as_a_whole_word_only(module):
    spans = module("text.spansOfNames('Ana met Anatole. ANA left.', ['Ana']).map((span) => span.start)")
    assert spans == [0, 17]


def test_a_snippet_begins_near_the_place_that_matters(module):
    snippet = module("text.snippetAround('word '.repeat(200) + 'Ana Berg ' + 'word '.repeat(200), 1000)")
    assert "Ana Berg" in snippet["text"]
    assert len(snippet["text"]) <= 220
