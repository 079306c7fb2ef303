"""The connections page."""

from memories.importers import IMPORTERS
from memories.models import User


def test_the_connections_page_shows_the_command_that_reads_files(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/connections/").content.decode()
    assert "/static/integrations/connections.js" in page
    assert "import_memories PATH --user ingrid" in page


def test_who_is_not_logged_in_sees_no_connections(client, db):
    answer = client.get("/connections/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_page_names_the_files_that_can_be_read(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/connections/").content.decode()
    named = {"markdown": "Markdown", "ndjson": "ndjson", "mbox": "mbox", "eml": "eml", "csv": "CSV", "json": "JSON"}
    assert {importer.name for importer in IMPORTERS} == set(named)
    assert all(words in page for words in named.values())


def test_connections_are_changed_over_the_api_alone(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    assert client.post("/connections/").status_code == 405
