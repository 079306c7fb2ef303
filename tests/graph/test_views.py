"""The graph page: a shell that loads the drawing library and our modules."""

from memories.models import User


def test_the_graph_page_loads_the_drawing_library_before_our_modules(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/graph/").content.decode()
    places = [page.index(f"/static/{name}") for name in ("vendor/graphology", "vendor/sigma", "graph/graph.js")]
    assert places == sorted(places)


def test_the_graph_page_offers_a_table_beside_the_drawing(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/graph/").content.decode()
    assert 'id="as-table"' in page
    assert 'id="table-view"' in page
