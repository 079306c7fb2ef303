import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from memories.importers import ImporterError, Skip
from memories.models import Lane, Memory, Tombstone, User
from memories.services import imports
from memories.services.imports import ImportReport, Progress, import_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", time_zone="Europe/Lisbon")


def write(folder: Path, *lines: dict[str, object] | str) -> Path:
    path = folder / "memories.ndjson"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def rain(number: int, **more: object) -> dict[str, object]:
    day = f"2024-07-{number:02}"
    return {"external_id": str(number), "occurred_at": day, "content": "Rain."} | more


def counts(report: ImportReport) -> Sequence[int]:
    return (report.created, report.updated, report.unchanged, report.skipped)


def test_every_line_becomes_a_memory_of_the_person(tmp_path: Path, ana: User) -> None:
    report = import_path(user=ana, path=write(tmp_path, rain(1), rain(2)))
    assert counts(report) == (2, 0, 0, 0)
    assert Memory.objects.filter(user=ana, origin=report.origin).count() == 2
    assert report.origin.startswith("import:")


def test_days_are_those_of_the_persons_time_zone(tmp_path: Path, ana: User) -> None:
    import_path(user=ana, path=write(tmp_path, rain(3)))
    memory = Memory.objects.get(user=ana)
    assert memory.occurred_at.isoformat() == "2024-07-02T23:00:00+00:00"
    assert memory.occurred_on.isoformat() == "2024-07-03"


def test_a_second_import_doubles_nothing(tmp_path: Path, ana: User) -> None:
    path = write(tmp_path, rain(1), rain(2), {"content": "Sun.", "occurred_at": "2024"})
    import_path(user=ana, path=path)
    assert counts(import_path(user=ana, path=path)) == (0, 0, 3, 0)
    assert Memory.objects.filter(user=ana).count() == 3


def test_a_changed_line_updates_its_memory(tmp_path: Path, ana: User) -> None:
    import_path(user=ana, path=write(tmp_path, rain(1), rain(2)))
    path = write(tmp_path, rain(1), rain(2, content="Sun."))
    assert counts(import_path(user=ana, path=path)) == (0, 1, 1, 0)
    assert Memory.objects.get(user=ana, external_id="2").content == "Sun."


def test_a_memory_without_a_time_keeps_the_one_it_got(tmp_path: Path, ana: User) -> None:
    path = write(tmp_path, {"content": "Rain."})
    import_path(user=ana, path=path)
    first = Memory.objects.get(user=ana).occurred_at
    assert counts(import_path(user=ana, path=path)) == (0, 0, 1, 0)
    assert Memory.objects.get(user=ana).occurred_at == first


def test_a_bad_line_is_named_and_the_rest_is_stored(tmp_path: Path, ana: User) -> None:
    path = write(tmp_path, rain(1), "{", {"title": "x"}, rain(2))
    report = import_path(user=ana, path=path)
    assert counts(report) == (2, 0, 0, 2)
    assert report.skips[1] == Skip("line 3", "content: is missing")


def test_reasons_are_kept_up_to_a_bound_and_counted_beyond(tmp_path: Path, ana: User) -> None:
    report = import_path(user=ana, path=write(tmp_path, *["{"] * 1_002))
    assert (report.skipped, len(report.skips), report.read) == (1_002, 1_000, 0)


def test_what_the_person_erased_is_not_brought_back(tmp_path: Path, ana: User) -> None:
    Tombstone.objects.create(user=ana, source="note", external_id="1")
    report = import_path(user=ana, path=write(tmp_path, rain(1), rain(2)))
    assert (report.created, report.erased) == (1, 1)
    assert list(Memory.objects.values_list("external_id", flat=True)) == ["2"]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(tmp_path: Path, ana: User) -> None:
    import_path(user=ana, path=write(tmp_path, rain(1), rain(2)))
    lines: list[dict[str, object] | str] = [
        rain(1),
        rain(2, content="Sun."),
        rain(3),
        "{",
        rain(3, content="Snow."),
    ]
    path = write(tmp_path, *lines)
    foretold = import_path(user=ana, path=path, dry_run=True)
    assert Memory.objects.filter(user=ana, content="Rain.").count() == 2
    assert counts(foretold) == counts(import_path(user=ana, path=path)) == (1, 2, 1, 1)


def test_an_import_of_one_person_leaves_another_alone(tmp_path: Path, ana: User) -> None:
    rui = User.objects.create_user("rui")
    path = write(tmp_path, rain(1))
    import_path(user=rui, path=path)
    assert counts(import_path(user=ana, path=path)) == (1, 0, 0, 0)
    assert Memory.objects.filter(user=rui).count() == 1


def test_a_source_is_for_memories_that_name_none(tmp_path: Path, ana: User) -> None:
    path = write(tmp_path, rain(1), rain(2, source="gmail"))
    import_path(user=ana, path=path, source="diary")
    sources = Memory.objects.order_by("external_id").values_list("source", flat=True)
    assert list(sources) == ["diary", "gmail"]


def test_an_odd_source_is_said_in_a_sentence(tmp_path: Path, ana: User) -> None:
    with pytest.raises(ImporterError, match="The source 'A b' must be 1 to 32 of"):
        import_path(user=ana, path=write(tmp_path, rain(1)), source="A b")


def test_an_unknown_importer_is_said_in_a_sentence(tmp_path: Path, ana: User) -> None:
    with pytest.raises(ImporterError, match="'x' is no known format"):
        import_path(user=ana, path=write(tmp_path, rain(1)), importer_name="x")


def test_batches_are_bounded_by_number_and_by_characters(
    tmp_path: Path, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def store(*, drafts: Sequence[object], **_rest: object) -> list[str]:
        sizes.append(len(drafts))
        return ["created"] * len(drafts)

    monkeypatch.setattr(imports, "store_drafts", store)
    long: dict[str, object] = {"content": "x" * 900_000}
    import_path(user=ana, path=write(tmp_path, *[rain(1)] * 501, *[long] * 6))
    assert sizes == [500, 6, 1]


def test_what_is_imported_stands_behind_what_is_new(tmp_path: Path, ana: User) -> None:
    import_path(user=ana, path=write(tmp_path, rain(1)))
    assert Memory.objects.get(user=ana).lane == Lane.BULK


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path, ana: User) -> None:
    path = write(tmp_path, rain(1), "", "{", rain(2))
    steps: list[Progress] = []
    import_path(user=ana, path=path, on_progress=steps.append)
    size = path.stat().st_size
    assert steps[-1] == Progress(done=size, total=size, unit="B")


def test_a_folder_of_notes_is_imported_by_its_paths(tmp_path: Path, ana: User) -> None:
    (tmp_path / "2024-07-03.md").write_text("Met [[Ana Ribeiro|Ana]].")
    report = import_path(user=ana, path=tmp_path)
    memory = Memory.objects.get(user=ana, origin=report.origin)
    assert (memory.external_id, memory.content) == ("2024-07-03.md", "Met Ana.")
    assert memory.metadata == {"path": "2024-07-03.md", "tags": []}
