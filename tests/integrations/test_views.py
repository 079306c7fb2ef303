"""The connections page."""

from memories.models import User


def test_the_connections_page_shows_the_command_that_reads_files(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/connections/").content.decode()
    assert "/static/integrations/connections.js" in page
    assert "import_memories PATH --user ingrid" in page
