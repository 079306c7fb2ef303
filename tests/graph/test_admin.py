"""Operators' pages of the graph: how fresh the view is."""

import pytest

from graph.admin import describe_lag
from graph.models import Refresh
from graph.services.refresh import Lag, refresh_view

LIST = "/admin/graph/refresh/"


@pytest.mark.django_db(transaction=True)
def test_the_page_of_refreshes_says_on_top_how_far_the_view_is_behind(admin_client):
    refresh = refresh_view()
    page = admin_client.get(LIST).content.decode()
    assert "The last refresh began 0:00:0" in page
    assert "0 rows of the log came since." in page
    assert f"{LIST}{refresh.pk}/change/" in page


def test_a_view_that_was_never_refreshed_is_said_to_be_so(admin_client):
    Refresh.objects.all().delete()
    assert "The view was never refreshed" in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("lag", "sentence"),
    [
        (Lag(seconds=None, dirty=3), "The view was never refreshed; 3 rows of the log wait for it."),
        (Lag(seconds=192.4, dirty=1), "The last refresh began 0:03:12 ago; 1 row of the log came since."),
        (Lag(seconds=90_000.0, dirty=0), "The last refresh began 1 day, 1:00:00 ago; 0 rows of the log came since."),
    ],
)
def test_the_lag_is_a_sentence(lag, sentence):
    assert describe_lag(lag) == sentence
