"""What the documents name is there: commands with their options, settings, metrics, switches, and statements that run."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db import connection, transaction

from config.rollout.phases import PHASES

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(ROOT.glob("docs/*.md"))
FILES = [*PAGES, *(path for path in sorted(ROOT.glob("docs/deployment/*")) if path.is_file())]
CODE = [path for app in ("config", "memories", "graph", "integrations") for path in (ROOT / app).rglob("*.py")]
COMMAND = re.compile(r"(?:manage\.py|\blg) ([a-z_]+)((?: +[^`\n|#;)]*)?)")
SETTING = re.compile(
    r"\b((?:DB|DATABASE|REDIS|NANGO|LOG|METRICS|EXTRACTION|LLM|EMAIL|ALERT|BACKFILL|SECRET|SECURE|ALLOWED|CSRF|LIFEGRAPH|PROMETHEUS|WEB"
    r"|WORKER|GRAPH|SYNC|UPLOAD|DEMO)_[A-Z_]*[A-Z])\b"
)
METRIC = re.compile(r"\blifegraph_(?!app\b|owner\b|restored\b|broken\b)[a-z_]+")
SQL = re.compile(r"^ *```sql\n(.*?)^ *```", flags=re.MULTILINE | re.DOTALL)
READ = re.compile(r"""(?:env\.\w+\(\s*|environ(?:\.get\(|\[)|getenv )["']?([A-Z][A-Z_]+)""")


def list_commands():
    found = {match.groups() for page in FILES for match in COMMAND.finditer(page.read_text())}
    return sorted((name, tuple(sorted(set(re.findall(r"(?<!\S)--[a-z-]+", rest))))) for name, rest in found)


def list_options(name):
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    return set(command.create_parser("manage.py", name)._option_string_actions)


@pytest.mark.parametrize(("name", "options"), list_commands())
def test_a_command_that_the_documents_name_exists_with_its_options(name, options):
    assert name in get_commands()
    assert set(options) <= list_options(name)


def test_commands_are_found_in_the_documents():
    assert {name for name, _ in list_commands()} >= {
        "rollout",
        "backfill_entities",
        "connection_report",
        "migrate",
        "check",
    }


def test_every_phase_that_the_runbook_turns_exists():
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    turned = set(re.findall(r"rollout (?:advance|rollback) (\w+)", runbook)) - {"PHASE"}
    assert turned <= {word for phase in PHASES for word in (phase.name, str(phase.number))}
    assert {"2", "3", "4", "syncs"} <= turned


@cache
def list_known_settings():
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    compose = (ROOT / "docs" / "deployment" / "compose.yml").read_text()
    named |= set(re.findall(r"\$\{([A-Z_]+)", compose))
    code = "\n".join(path.read_text() for path in CODE)
    return named | set(READ.findall(code)) | {name for name in dir(settings) if name.isupper()}


@pytest.mark.parametrize("page", FILES, ids=lambda page: page.name)
def test_a_setting_that_a_document_names_is_known(page):
    of_a_shell = {"SUPERUSER_URL", "RESTORED_OWNER_URL"}
    assert set(SETTING.findall(page.read_text())) - of_a_shell <= list_known_settings()


def test_a_metric_that_a_document_names_is_made_somewhere():
    code = "\n".join(path.read_text() for path in CODE)
    made = set(re.findall(r'"(lifegraph_[a-z_]+)"', code))
    named = {name for page in PAGES for name in METRIC.findall(page.read_text())}
    assert named <= made | {f"{name}_{part}" for name in made for part in ("bucket", "count", "sum")}
    assert len(named) > 10


def test_a_switch_that_the_runbook_names_is_one():
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    named = set(re.findall(r"\b(?:sync|enrich|extract|relate|refresh|backfill)_[a-z_]+\b", runbook))
    others = {"refresh_enriched_relationships", "backfill_memories"}
    assert named - others <= set(settings.SWITCHES)


def list_statements():
    for page in PAGES:
        for number, block in enumerate(SQL.findall(page.read_text())):
            if "ALTER DATABASE" not in block:
                yield pytest.param(block, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("block", list(list_statements()))
def test_a_statement_of_the_documents_runs_as_the_application(block, db):
    statements = [it.strip() for it in block.split(";") if it.strip() not in ("", "BEGIN", "COMMIT")]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert statements


def test_switching_by_hand_switches_everything_off_and_is_written_down(db):
    (block,) = (it for it in SQL.findall((ROOT / "docs" / "runbook.md").read_text()) if "waffle_switch" in it)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE waffle_switch SET active = true")
        cursor.execute("UPDATE memories_flag SET everyone = true")
        for statement in [it.strip() for it in block.split(";") if it.strip() not in ("", "BEGIN", "COMMIT")]:
            cursor.execute(statement)
        found = cursor.fetchall()
        cursor.execute("SELECT name FROM waffle_switch WHERE active ORDER BY name")
        left = {name for (name,) in cursor.fetchall()}
    assert {(after, by, reason) for *_, after, by, reason in found if by == "ana"} == {
        ("off", "ana", "web is down"),
        ("nobody", "ana", "web is down"),
    }
    assert left == {it for it in settings.SWITCHES if re.match(r"enrich_(?!relationships)|sync_(?!providers)", it)}
