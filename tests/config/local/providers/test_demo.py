import pytest

from config.local.providers.demo import open_nango
from config.local.providers.server import Request

KEYS = {"secret_key": "secret", "webhook_key": "webhook", "webhook_url": ""}


@pytest.fixture(autouse=True)
def made(home, monkeypatch):
    home.make()
    monkeypatch.setenv("DEMO_MEMORIES", "50")


def list_seqs(nango):
    return {key: [(entry.seq, entry.id) for entry in account.journal] for key, account in nango.world.accounts.items()}


def test_accounts_are_filled_in_the_same_order_at_every_start(home):
    first, again = open_nango(home, **KEYS), open_nango(home, **KEYS)
    assert {provider for provider, _ in first.world.accounts} == {"gmail", "zoho_mail", "gdrive", "dropbox"}
    assert list_seqs(first) == list_seqs(again)


def test_connections_outlive_a_restart(home):
    nango = open_nango(home, **KEYS)
    [account] = nango.world.of("gmail")
    connection = nango.connect(account, tags={"end_user_id": "1"})
    [kept] = open_nango(home, **KEYS).connections.values()
    assert (kept.nango_id, kept.tags, kept.created) == (connection.nango_id, connection.tags, connection.created)
    assert kept.account.address == account.address
    assert (home.path / "demo-connections.json").stat().st_mode & 0o777 == 0o600


def test_a_connection_that_was_given_back_stays_away(home):
    nango = open_nango(home, **KEYS)
    connection = nango.connect(nango.world.of("gmail")[0], tags={})
    asked = {"authorization": "Bearer secret"}
    params = (("provider_config_key", "google-mail"),)
    nango.answer(Request("DELETE", f"/connections/{connection.nango_id}", params, asked))
    assert open_nango(home, **KEYS).connections == {}
