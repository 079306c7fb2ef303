import json
import os
import shlex
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.home import ROOT, Home, HomeError
from config.local.postgres import Limits, first_statements, limit_connections, read_limits
from config.local.run import Run
from config.local.staging import PLAN, Staging, choose_staging

URL = "https://127.0.0.1:8443/"
SERVERS = {
    "DATABASE_URL": "postgresql://app:p'w@127.0.0.1:1/x",
    "DATABASE_OWNER_URL": "postgresql://owner:made-up@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
READ = "import json, importlib; m = importlib.import_module({module!r}); print(json.dumps({{n: repr(getattr(m, n)) for n in dir(m) if n.isupper()}}))"


@pytest.fixture
def staging(home: Home) -> Staging:
    home.make()
    return Staging.prepare(home, url=URL)


def test_staging_has_the_settings_of_production(staging: Staging) -> None:
    environment = {**os.environ, **staging.settings(), **SERVERS}
    told = [
        subprocess.run(
            [sys.executable, "-c", READ.format(module=f"config.settings.{name}")],
            env=environment, cwd=ROOT, capture_output=True, check=True, text=True,
        ).stdout
        for name in ("staging", "production")
    ]  # fmt: skip
    assert told[0] == told[1]
    settings = json.loads(told[0])
    assert settings["DEBUG"] == "False"
    assert settings["WAFFLE_SWITCH_DEFAULT"] == settings["WAFFLE_FLAG_DEFAULT"] == "False"


def test_secrets_and_certificate_are_made_once_and_closed_to_others(staging: Staging) -> None:
    again = Staging.prepare(staging.home, url=URL)
    assert again == staging
    assert len(set(staging.kept.values())) == 2
    assert min(map(len, staging.kept.values())) > 50
    for closed in (staging.home.path / "secrets.json", staging.certificate.key):
        assert closed.stat().st_mode & 0o777 == 0o600


def test_the_certificate_is_this_machines_and_its_key_is_what_the_web_server_reads(staging: Staging) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(staging.certificate.chain, staging.certificate.key)
    assert staging.certificate.key.read_text().startswith("-----BEGIN PRIVATE KEY-----")  # PKCS#8
    ssl.create_default_context(cafile=staging.certificate.authority)


def test_a_shell_reads_the_environment_of_commands_back(staging: Staging, tmp_path: Path) -> None:
    environment = {
        **staging.environment(),
        **SERVERS,
        "NANGO_SECRET_KEY": "a b",
        "LIFEGRAPH_HOME": str(tmp_path / "a b"),
    }
    staging.write_env(environment)
    script = f"set -a; . {shlex.quote(str(staging.env))}; set +a; {shlex.quote(sys.executable)} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    shell = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.defpath}
    )
    told = json.loads(shell.stdout)
    assert staging.env.stat().st_mode & 0o777 == 0o600
    assert {
        **SERVERS,
        "NANGO_SECRET_KEY": "a b",
        "DJANGO_SETTINGS_MODULE": "config.settings.staging",
    }.items() <= told.items()
    assert told["LIFEGRAPH_HOME"] == str(tmp_path / "a b")
    assert told["STAGING_URL"] == URL
    assert not [name for name in told if name.startswith("GRANIAN")]


def test_a_home_of_something_else_is_refused(home: Home) -> None:
    home.make()
    (home.path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(HomeError, match="LIFEGRAPH_HOME"):
        Staging.prepare(home, url=URL)


def test_limits_stay_with_the_home_and_bind_the_applications_role(home: Home) -> None:
    home.make()
    assert read_limits(home) == Limits()
    limit_connections(home, PLAN)
    (home.path / "postgres" / "data").mkdir(parents=True)
    limit_connections(home, PLAN)
    assert read_limits(home) == Limits(of_server=20, of_role=20)
    passwords = {"lifegraph_app": "made-up", "lifegraph_owner": "made-up"}
    statements = first_statements(passwords, limits=PLAN)
    assert [line for line in statements if "CONNECTION LIMIT 20" in line and "lifegraph_app" in line]
    assert [line for line in first_statements(passwords, limits=Limits()) if "CONNECTION LIMIT -1" in line]


def test_servers_that_the_environment_names_are_never_staging(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, url in SERVERS.items():
        monkeypatch.setenv(name, url)
    monkeypatch.setenv("LIFEGRAPH_HOME", "")
    monkeypatch.setenv("PORT", "")
    choose_staging()
    assert not SERVERS.keys() & os.environ.keys()
    assert os.environ["LIFEGRAPH_HOME"] == str(ROOT / ".lifegraph" / "staging")
    assert os.environ["PORT"] == "8443"


def test_the_processes_get_productions_settings_and_the_web_its_certificate(staging: Staging) -> None:
    run = Run(staging.home, port=8443, staging=True)
    environment = run.environment()
    assert run.url == URL
    assert environment["DJANGO_SETTINGS_MODULE"] == "config.settings.staging"
    assert environment["GRANIAN_SSL_CERTIFICATE"] == str(staging.certificate.chain)
    assert environment["SECURE_HSTS_SECONDS"] == "0"


def test_who_starts_it_is_told_what_to_do_next(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(staging.home.path.parent)
    told = "\n".join(staging.tell())
    assert "( set -a; . home/staging.env; .venv/bin/python manage.py rollout status )" in told
    assert "home/staging.json" in told
