"""Whether the static files have to be collected again: hashing and compressing all of them takes seconds."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from config.local.home import ROOT

STAMP = ROOT / "staticfiles" / ".collected-from"


def are_collected() -> bool:
    """Tell whether `staticfiles` was made from the files as they are now."""
    return STAMP.exists() and STAMP.read_text() == fingerprint()


def remember_collected() -> None:
    STAMP.write_text(fingerprint())


def fingerprint() -> str:
    """Return a hash over the name, size and time of every file that the static files are made from."""
    facts = ((str(path), path.stat()) for path in sorted(_sources()))
    lines = (f"{name} {fact.st_size} {fact.st_mtime_ns}\n" for name, fact in facts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sources() -> Iterator[Path]:
    yield from (path for path in ROOT.glob("*/static/**/*") if path.is_file())
    yield from (ROOT / "config" / name for name in ("staticfiles.py", "settings/base.py"))
    packages = Path(sys.prefix) / "life-graph.json"  # set-up's note of what is installed
    yield packages if packages.exists() else Path(sys.prefix) / "pyvenv.cfg"
