"""Units and containers start what the Procfile starts, with settings that there are."""

import configparser
import re
import shlex

import pytest
import yaml
from django.conf import settings

from config.local.home import ROOT
from config.local.processes import read_procfile

FOLDER = ROOT / "docs" / "deployment"
PROCESSES = dict(read_procfile(ROOT / "Procfile"))
PLACES = {"$LIFEGRAPH_HOME": "/var/lib/life-graph", "${LIFEGRAPH_HOME}": "/var/lib/life-graph", "${PORT}": "$PORT"}


def read_unit(name):
    """A unit as section -> directive -> values; systemd lets a directive stand more than once."""
    found, section = {}, ""
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            directive, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(directive, []).append(value)
    return found


def read_compose():
    return yaml.safe_load((FOLDER / "compose.yml").read_text())


def split_procfile(command):
    """(variables, command) of a line of the Procfile, `env A=b … program arguments`; defaults stay apart."""
    words = shlex.split(command)
    assert words.pop(0) == "env"
    variables = {}
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    return variables, words


def level(words, *, host="127.0.0.1", port="$PORT"):
    """A command without the ways in which the three files name the same: folders, ports, defaults of variables."""
    text = " ".join(words)
    for old, new in PLACES.items():
        text = text.replace(old, new)
    text = re.sub(r"\$\{(\w+):-\w+\}", r"${\1}", text)
    return text.replace(f"--host {host}", "--host HOST").replace(f"--port {port}", "--port PORT")


def read_defaults(text):
    return dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))


def test_whatever_a_task_is_sent_to_a_process_takes_from():
    found = re.findall(r"--queues (\S+)", " ".join(PROCESSES.values()))
    taken = {queue for queues in found for queue in queues.split(",")}
    assert taken == {"celery"} | {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_unit_starts_what_the_procfile_starts(name):
    service = read_unit(f"life-graph-{name}.service")["Service"]
    (start,) = service["ExecStart"]
    variables, words = split_procfile(PROCESSES[name])
    assert level(shlex.split(start.removeprefix("/opt/life-graph/.venv/bin/"))) == level(words)
    given = dict(pair.split("=", 1) for line in service["Environment"] for pair in line.split())
    assert {key: read_defaults(value).get(key, value) for key, value in variables.items()}.items() <= given.items()
    assert read_defaults(PROCESSES[name]).items() <= given.items()


@pytest.mark.parametrize("name", PROCESSES)
def test_a_unit_stops_warmly_and_begins_again(name):
    service = read_unit(f"life-graph-{name}.service")["Service"]
    assert service["KillMode"] == ["mixed"]
    assert service["Restart"] == ["always"]
    assert 10 <= int(service["TimeoutStopSec"][0]) <= 600
    assert service["EnvironmentFile"] == ["/etc/life-graph/life-graph.env"]


def test_all_units_are_hardened_alike():
    hardening = [
        {
            key: value
            for key, value in read_unit(f"life-graph-{name}.service")["Service"].items()
            if re.match("Protect|Private|Restrict|System|Capa|NoNew", key)
        }
        for name in PROCESSES
    ]
    assert all(one == hardening[0] for one in hardening)
    assert hardening[0]["ProtectSystem"] == ["strict"]
    assert hardening[0]["CapabilityBoundingSet"] == [""]


def test_the_target_wants_every_process():
    (wanted,) = read_unit("life-graph.target")["Unit"]["Wants"]
    assert wanted.split() == [f"life-graph-{name}.service" for name in PROCESSES]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_starts_what_the_procfile_starts(name):
    service = read_compose()["services"][name]
    variables, words = split_procfile(PROCESSES[name])
    assert level(service["command"], host="0.0.0.0", port="8000") == level(words)
    told = {key: read_defaults(value).get(key, value) for key, value in variables.items()}
    assert told.items() <= service["environment"].items()


@pytest.mark.parametrize("name", [*PROCESSES, "migrate"])
def test_a_container_is_given_settings_that_there_are(name):
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    given = set(read_compose()["services"][name]["environment"])
    assert given - known <= {"DB_APPLICATION_NAME"}
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= given


def test_only_the_migration_has_the_owners_password():
    services = read_compose()["services"]
    assert [name for name in (*PROCESSES, "migrate") if "DATABASE_OWNER_URL" in services[name]["environment"]] == [
        "migrate"
    ]


def test_the_image_starts_the_web_as_the_procfile_does():
    (command,) = re.findall(r"^CMD (\[.*\])$", (FOLDER / "Containerfile").read_text(), flags=re.MULTILINE)
    _, words = split_procfile(PROCESSES["web"])
    assert level(yaml.safe_load(command), host="0.0.0.0", port="8000").replace(
        "--workers 2", "--workers ${WEB_PROCESSES}"
    ) == level(words)


def test_the_image_copies_every_room_and_every_file_of_the_drawing_library():
    text = (FOLDER / "Containerfile").read_text()
    copied = re.findall(r"^COPY (\w+) \1$", text, flags=re.MULTILINE)
    assert set(copied) == {"config", "memories", "graph", "integrations"}
    assets = yaml.safe_load((ROOT / "config" / "local" / "assets.json").read_text())
    assert [it["from"] for it in assets.values() if f"node_modules/{it['from']}" not in text] == []


def test_whatever_the_image_copies_is_let_through_to_its_build():
    let_through = set(re.findall(r"^!(.+)$", (FOLDER / "Containerfile.dockerignore").read_text(), flags=re.MULTILINE))
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (FOLDER / "Containerfile").read_text(), flags=re.MULTILINE)
    assert {name for line in copied for name in line.split()} == let_through


def test_the_example_of_the_environment_holds_settings_that_there_are():
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    given = re.findall(r"^([A-Z_]+)=", (FOLDER / "life-graph.env.example").read_text(), flags=re.MULTILINE)
    assert set(given) - known == {"DJANGO_SETTINGS_MODULE"}


def test_roles_on_a_server_are_those_of_the_embedded_one():
    embedded = (ROOT / "config" / "local" / "postgres.py").read_text()
    (powers,) = re.findall(r"CREATE ROLE \{APP\} LOGIN ([A-Z ]+)", embedded)
    script = (FOLDER / "roles.sql").read_text()
    assert f"CREATE ROLE lifegraph_app LOGIN {powers.strip()} CONNECTION LIMIT" in script
    assert "CREATE ROLE lifegraph_owner LOGIN NOSUPERUSER" in script
    assert "GRANT pg_read_all_stats TO lifegraph_app" in script
    assert "GRANT pg_read_all_stats TO {APP}" in embedded


def test_the_limit_of_the_role_is_the_budget():
    (limit,) = re.findall(r"CREATE ROLE lifegraph_app .* CONNECTION LIMIT (\d+)", (FOLDER / "roles.sql").read_text())
    (budget,) = re.findall(r"^#DB_CONNECTION_BUDGET=(\d+)", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert limit == budget


def test_the_pooler_works_in_transactions_and_leaves_room_for_commands():
    pooler = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
    pooler.read(FOLDER / "pgbouncer.ini")
    assert pooler["pgbouncer"]["pool_mode"] == "transaction"
    assert pooler["pgbouncer"]["auth_type"] == "scram-sha-256"
    assert pooler["pgbouncer"].getint("max_db_connections") == 14


def test_the_proxy_takes_what_the_product_takes_and_says_how_it_was_asked():
    text = (FOLDER / "nginx.conf").read_text()
    assert "client_max_body_size 64m;" in text
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text
