from pathlib import Path

import pytest

from config.local import assets


def test_static_files_are_collected_again_when_one_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "STAMP", tmp_path / "stamp")
    page = tmp_path / "graph" / "static" / "graph.js"
    for path in (page, tmp_path / "config" / "staticfiles.py", tmp_path / "config" / "settings" / "base.py"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    assert not assets.are_collected()
    assets.remember_collected()
    assert assets.are_collected()
    page.write_text("newer")
    assert not assets.are_collected()
