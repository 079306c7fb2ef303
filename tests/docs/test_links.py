"""Every link and anchor of the documents leads somewhere, and what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(ROOT.glob("docs/*.md"))
LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", flags=re.MULTILINE | re.DOTALL)
ALERTS = re.compile(r"alert: (\w+)")


def list_anchors(page):
    """Anchors as GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.+)$", FENCE.sub("", page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def list_links(page):
    return [link for link in LINK.findall(FENCE.sub("", page.read_text())) if "://" not in link]


def leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in list_anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page):
    assert [link for link in list_links(page) if not leads_somewhere(page, link)] == []


def test_a_link_that_leads_nowhere_is_seen():
    page = ROOT / "docs" / "runbook.md"
    assert not leads_somewhere(page, "nowhere.md")
    assert not leads_somewhere(page, "backup.md#nowhere")
    assert leads_somewhere(page, "backup.md#restore")


def test_every_alert_has_a_chapter_of_the_runbook_and_every_chapter_an_alert():
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    alerts = ALERTS.findall((ROOT / "docs" / "monitoring" / "alerts.yml").read_text())
    assert sorted(re.findall(r"^## (LifeGraph\w+)$", runbook, flags=re.MULTILINE)) == sorted(alerts)
    assert len(alerts) > 10


@pytest.mark.parametrize("word", ["**Means:**", "**See:**", "**Switch off:**", "**Back:**", "**Not in danger:**"])
def test_the_chapter_of_an_alert_says_what_to_do(word):
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    chapters = re.split(r"^#+ ", runbook, flags=re.MULTILINE)
    silent = [it.split("\n")[0] for it in chapters if it.startswith("LifeGraph") and word not in it]
    assert silent == []
