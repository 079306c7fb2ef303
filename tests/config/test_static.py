"""Static files and pages under the strictest rules of production: hashed names, no inline script or style."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOMS = ("config", "memories", "graph", "integrations")
TEMPLATES = sorted(path for room in ROOMS for path in (settings.BASE_DIR / room / "templates").rglob("*.html"))
SCRIPTS = sorted(
    path for room in ROOMS for path in (settings.BASE_DIR / room / "static").rglob("*.js") if "vendor" not in path.parts
)


@pytest.fixture
def collected(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.staticfiles.ManifestStorage"}}
    settings.STATIC_ROOT = tmp_path
    strangers = ["admin", "rest_framework", "drf_spectacular_sidecar", "vendor"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=strangers)
    return tmp_path


def test_every_import_between_our_modules_gets_its_hashed_name(collected: Path):
    hashed = [path for path in collected.rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    addresses = [(path, found) for path in hashed for found in re.findall(r'from "(\.[^"]+)"', path.read_text())]
    assert len(hashed) == len(SCRIPTS)
    assert addresses
    for path, address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.js$", address), f"{path.name} imports {address}"
        assert (path.parent / address).is_file()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style(path: Path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_writes_texts_as_text_only(path: Path):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, path.read_text())


def test_only_one_script_talks_to_the_server():
    assert [path.name for path in SCRIPTS if "fetch(" in path.read_text()] == ["api.js"]
