"""manage.py export_memories: one file, whole or not there."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from graph.models import EntityEvent, Leaf
from memories.management.commands import export_memories
from memories.models import Memory
from tests.factories import MemoryFactory
from tests.factories.graph import relate_now, write
from tests.factories.integrations import ConnectionFactory


def run(path, *options, user="ana"):
    out = StringIO()
    call_command("export_memories", str(path), "--user", user, *options, stdout=out)
    return out.getvalue()


def test_all_that_is_the_persons_is_in_the_file_and_nothing_of_anybody_elses(user, other_user, tmp_path):
    mine = MemoryFactory(user=user)
    MemoryFactory(user=other_user)
    assert "1 records" in run(tmp_path / "a.ndjson")
    (line,) = (tmp_path / "a.ndjson").read_text().splitlines()
    assert json.loads(line)["external_id"] == mine.external_id


def test_only_its_owner_may_read_the_file(user, tmp_path):
    (tmp_path / "a.ndjson.part").touch(mode=0o644)
    run(tmp_path / "a.ndjson")
    assert (tmp_path / "a.ndjson").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_written_over_only_by_force(user, tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text("mine")
    with pytest.raises(CommandError, match="--force writes over it"):
        run(path)
    assert path.read_text() == "mine"
    run(path, "--force")
    assert path.read_text() == ""


def test_an_export_that_breaks_leaves_the_old_file_and_no_part_of_the_new(user, tmp_path, monkeypatch):
    def lines(**_rest):
        yield b"{}\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export_memories, "write_lines", lines)
    (tmp_path / "a.ndjson").write_text("old")
    with pytest.raises(CommandError, match="cannot be written: No space left"):
        run(tmp_path / "a.ndjson", "--force")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_link_in_the_way_is_not_followed(user, tmp_path):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "a.ndjson.part").symlink_to(tmp_path / "kept")
    with pytest.raises(CommandError, match="cannot be written"):
        run(tmp_path / "a.ndjson")
    assert (tmp_path / "kept").read_text() == "kept"


@pytest.mark.parametrize(("path", "reason"), [("", "is there already"), ("no/a.ndjson", "cannot be written")])
def test_a_place_where_no_file_can_be_is_said_in_a_sentence(user, tmp_path, path, reason):
    with pytest.raises(CommandError, match=reason):
        run(tmp_path / path)


def test_an_unknown_user_is_said_in_a_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="There is no user named 'nobody'"):
        run(tmp_path / "a.ndjson", user="nobody")


def test_import_memories_reads_back_memories_and_what_the_person_said_of_names(user, other_user, tmp_path):
    relate_now(write(user, "Ana Silva", "Rui Costa", source="gmail", account="ana@post.example"))
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.get(key="rui costa"))
    ConnectionFactory(user=other_user, account="ana@post.example")
    ConnectionFactory(user=user, account="ana@post.example")
    run(tmp_path / "a.ndjson")
    for outcome in ("created 1, updated 0, unchanged 0", "created 0, updated 0, unchanged 1"):
        out = StringIO()
        call_command("import_memories", str(tmp_path / "a.ndjson"), user=other_user.username, stdout=out)
        done = "created" if outcome.startswith("created 1") else "unchanged"
        assert out.getvalue() == f"{outcome}, skipped 0, connection unchanged 1, entity_event {done} 1\n"
    mine, theirs = Memory.objects.get(user=user), Memory.objects.get(user=other_user)
    assert (theirs.account, theirs.content) == (mine.account, mine.content)
    assert EntityEvent.objects.get(user=other_user).entity.key == "rui costa"
