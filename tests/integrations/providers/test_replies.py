import pytest

from integrations.errors import ProviderUnavailable
from integrations.providers.base import Reply
from integrations.providers.replies import quote_part, read_json, read_list, read_object, read_text


def test_an_object_is_read():
    assert read_json(Reply(b'{"a": [1]}')) == {"a": [1]}


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b'{"a": [', b"[]", b"null", b'"x"', b"\xff\xfe{", b'{"a":' + b"[" * 100_000, b"<html>"]
)
def test_a_cut_or_odd_body_is_worth_another_attempt(body):
    with pytest.raises(ProviderUnavailable):
        read_json(Reply(body))


@pytest.mark.parametrize("value", [{}, "x", 3, [1], [{}, None]])
def test_what_is_no_list_of_objects_is_not_taken_for_an_empty_one(value):
    with pytest.raises(ProviderUnavailable, match="'files'"):
        read_list({"files": value}, "files", required=False)


def test_a_missing_list_is_empty_only_where_the_caller_says_so():
    assert read_list({}, "files", required=False) == []
    with pytest.raises(ProviderUnavailable):
        read_list({}, "files")


@pytest.mark.parametrize("value", [None, "", 7, ["x"]])
def test_a_text_that_is_needed_is_text(value):
    with pytest.raises(ProviderUnavailable, match="'id'"):
        read_text({"id": value}, "id")


def test_an_id_that_came_as_a_number_is_not_trusted_even_where_it_may_be_absent():
    assert read_text({}, "id", required=False) == ""
    with pytest.raises(ProviderUnavailable):
        read_text({"id": 9007199254740993}, "id", required=False)


def test_an_object_is_asked_for_by_name():
    assert read_object({"data": {"a": 1}}, "data") == {"a": 1}
    with pytest.raises(ProviderUnavailable, match="'data'"):
        read_object({"data": []}, "data")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a?b#c@d", "a%3Fb%23c%40d"),
        ("é ", "%C3%A9%20"),
        ("1.5", "1.5"),
    ],
)
def test_a_part_of_a_path_names_nothing_but_itself(text, quoted):
    assert quote_part(text) == quoted
