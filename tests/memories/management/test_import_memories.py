from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from memories.models import Memory, User

pytestmark = pytest.mark.django_db

GOOD = '{"external_id": "%d", "occurred_at": "2024-07-03", "content": "Rain."}'


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana")


def write(folder: Path, *lines: str) -> Path:
    path = folder / "memories.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(path: Path, *options: str, user: str = "ana") -> list[str]:
    out = StringIO()
    call_command("import_memories", str(path), "--user", user, *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("ana")
def test_the_last_line_counts_and_each_skip_has_its_reason(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD % 1, '{"title": "x"}', GOOD % 2)
    assert run(path) == [
        "line 2: content: is missing",
        "created 2, updated 0, unchanged 0, skipped 1",
    ]
    assert run(path)[-1] == "created 0, updated 0, unchanged 2, skipped 1"


@pytest.mark.usefixtures("ana")
def test_a_dry_run_says_so_and_writes_nothing(tmp_path: Path) -> None:
    assert run(write(tmp_path, GOOD % 1), "--dry-run") == [
        "Dry run: nothing was written",
        "created 1, updated 0, unchanged 0, skipped 0",
    ]
    assert not Memory.objects.exists()


@pytest.mark.usefixtures("ana")
def test_beyond_a_hundred_reasons_the_rest_is_counted(tmp_path: Path) -> None:
    lines = run(write(tmp_path, GOOD % 1, *["{"] * 103))
    assert lines[99].startswith("line 101: ")
    assert lines[100:] == [
        "and 3 more",
        "created 1, updated 0, unchanged 0, skipped 103",
    ]


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize("line", ["{", ""])
def test_a_file_of_which_nothing_could_be_read_is_an_error(tmp_path: Path, line: str) -> None:
    with pytest.raises(CommandError, match=r"Nothing in .* could be read") as caught:
        run(write(tmp_path, line))
    assert caught.value.returncode == 1


@pytest.mark.usefixtures("ana")
def test_format_and_source_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD % 1).rename(tmp_path / "memories.txt")
    run(path, "--format", "ndjson", "--source", "diary")
    assert Memory.objects.get().source == "diary"


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--format", "xml"], "'xml' is no known format; known formats are: ndjson"),
        (["--source", "My Diary"], "The source 'My Diary' must be 1 to 32"),
    ],
)
def test_an_unknown_format_or_an_odd_source_is_said(tmp_path: Path, options: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(write(tmp_path, GOOD % 1), *options)


@pytest.mark.usefixtures("ana")
def test_a_missing_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file or folder at"):
        run(tmp_path / "nowhere.ndjson")


def test_an_unknown_user_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no user named 'nobody'"):
        run(write(tmp_path, GOOD % 1), user="nobody")


@pytest.mark.usefixtures("ana")
def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("Rain.")
    (tmp_path / "bad\x1b[2J.md").write_text("")
    assert run(tmp_path)[0] == "bad?[2J.md: content: is missing"
