"""SQL of the installation as files; a file that a migration has run is never edited, a new version is a new file."""

from pathlib import Path


def read_sql(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
