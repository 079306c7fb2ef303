import psycopg
from django.conf import settings

from config.local.load_watch import APPLICATION, Watch
from config.local.processes import wait_for


def test_connections_and_a_transaction_that_idles_are_seen_by_one_connection_of_its_own() -> None:
    url = settings.DATABASE_URL
    with psycopg.connect(url, application_name="made-up") as idler, Watch(url) as watch:
        idler.execute("SELECT 1")
        assert wait_for(lambda: watch.held.idle_in_transaction > 0.3, seconds=10)
    assert watch.held.idler == "made-up"
    assert watch.held.connections["made-up"] == watch.held.connections[APPLICATION] == 1
    assert watch.held.together >= 2


def test_a_server_that_is_away_is_asked_again() -> None:
    with Watch("postgresql://nobody@127.0.0.1:1/nothing") as watch:
        assert wait_for(lambda: watch.held.missed >= 2, seconds=10)
    assert watch.held.looks == 0


def test_without_a_database_nothing_is_watched() -> None:
    with Watch("") as watch:
        pass
    assert (watch.held.looks, watch.held.missed) == (0, 0)
