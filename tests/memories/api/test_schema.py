"""The API's own description: complete, without a warning, and true to its addresses."""

import json
import re

import pytest
from django.core.management import call_command

from tests.factories.urls import list_operations

PROMISED = {
    "memories/": {"get", "post"},
    "memories/{id}/": {"get", "patch", "delete"},
    "memories/export/": {"get"},
    "memories/import/": {"post"},
    "search/": {"get"},
    "dashboard/": {"get"},
    "narrative/": {"get"},
    "auth/token/": {"post", "delete"},
    "graph/": {"get"},
    "graph/changes/": {"get"},
    "graph/relationships/": {"get"},
    "graph/relationships/{id}/why/": {"get"},
    "graph/ties/{id}/why/": {"get"},
    "graph/entities/": {"get"},
    "graph/entities/{id}/": {"get", "patch"},
    "graph/entities/{id}/merge/": {"post"},
    "graph/entities/{id}/split/": {"post"},
    "graph/entities/{id}/neighbours/": {"get"},
    "graph/stats/": {"get"},
    "graph/path/": {"get"},
    "integrations/providers/": {"get"},
    "integrations/connections/": {"get"},
    "integrations/connections/session/": {"post"},
    "integrations/connections/{id}/": {"get", "delete"},
    "integrations/connections/{id}/sync/": {"post"},
    "integrations/connections/{id}/pause/": {"post"},
    "integrations/runs/": {"get"},
    "integrations/runs/{id}/": {"get"},
    "integrations/runs/{id}/decision/": {"post"},
    "integrations/runs/{id}/undo/": {"post"},
    "integrations/failures/": {"get"},
}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """Paths of the schema with their methods; any warning of the generator is a failure."""
    file = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command("spectacular", file=str(file), format="openapi-json", validate=True, fail_on_warn=True)
    return json.loads(file.read_text())


def shorten(path):
    return path.removeprefix("/api/v1/").replace("{pk}", "{id}")


@pytest.mark.parametrize("path", PROMISED)
def test_a_promised_address_exists_with_its_methods(described, path):
    methods = {shorten(found): set(operations) for found, operations in described["paths"].items()}
    assert methods[path] >= PROMISED[path]


def test_every_address_is_described(described):
    found = {(shorten(path), method) for path, operations in described["paths"].items() for method in operations}
    assert found >= {(shorten(re.sub("<int:([a-z]+)>", r"{\1}", route)), method) for route, method in list_operations()}


def test_the_schema_is_served_to_whoever_asks(client, db):
    answer = client.get("/api/schema/", headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Life Graph"


def test_the_docs_load_no_foreign_script(client, db):
    page = client.get("/api/docs/").content.decode()
    assert "//cdn" not in page
    assert "<script>" not in page
    assert "/static/drf_spectacular_sidecar/" in page
