import tracemalloc
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.importers import Found, ImportContext, ImporterError, Size, Skip
from memories.importers.mail import EmlImporter, MboxImporter

FROM = "From 1790@xxx Tue Mar 03 10:00:00 +0000 2026"
MAIL = "From: Ana <ana@x.org>\nMessage-ID: <1@x>\nDate: Tue, 3 Mar 2026 10:00:00 +0000\nSubject: Boat\n\nSix?\n"


def context(progress: list[int] | None = None) -> ImportContext:
    return ImportContext(
        time_zone=ZoneInfo("UTC"),
        now=datetime(2026, 4, 1, tzinfo=UTC),
        source="mail",
        advance=(progress if progress is not None else []).append,
    )


def read_mbox(folder: Path, text: str, *, progress: list[int] | None = None) -> list[Found | Skip]:
    path = folder / "All mail.mbox"
    path.write_bytes(text.encode())
    return list(MboxImporter().read(path, context=context(progress)))


def contents(items: list[Found | Skip]) -> list[str]:
    return [item.draft.content for item in items if isinstance(item, Found)]


def test_a_mail_of_an_mbox_becomes_a_memory(tmp_path: Path) -> None:
    (item,) = read_mbox(tmp_path, f"{FROM}\n{MAIL}")
    assert isinstance(item, Found)
    assert (item.where, item.draft.source, item.draft.account, item.draft.external_id) == (
        "mail 1",
        "mail",
        "",
        "<1@x>",
    )
    assert item.draft.occurred_at == datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mails_are_parted_where_a_from_line_follows_a_blank_one(tmp_path: Path, end: str) -> None:
    text = "\n".join(
        [FROM, "Subject: 1", "", "one", "", "From - Tue Mar  3 10:00:00 2026", "Subject: 2", "", "two", ""]
    )
    assert contents(read_mbox(tmp_path, text.replace("\n", end))) == ["one", "two"]


@pytest.mark.parametrize("line", ["From here on it rains.", "From Ana at 10:00\nI heard nothing", "From: Ana"])
def test_a_line_of_text_that_begins_with_from_parts_nothing(tmp_path: Path, line: str) -> None:
    assert contents(read_mbox(tmp_path, f"{FROM}\nSubject: 1\n\none\n\n{line}\n")) == [f"one\n\n{line}"]


def test_a_from_that_was_quoted_for_the_mbox_is_unquoted(tmp_path: Path) -> None:
    text = f"{FROM}\nSubject: 1\n\n>From the start\n>>From a quote\n> From nobody\n"
    assert contents(read_mbox(tmp_path, text)) == ["From the start\n>From a quote\n> From nobody"]


def test_gmails_thread_and_labels_are_kept(tmp_path: Path) -> None:
    head = "X-GM-THRID: 1790000000000000000\nX-Gmail-Labels: =?UTF-8?Q?Caf=C3=A9,Inbox?=\n"
    (item,) = read_mbox(tmp_path, f"{FROM}\n{head}{MAIL}")
    assert isinstance(item, Found)
    assert item.draft.thread_id == f"{1790000000000000000:x}"
    assert item.draft.metadata == {"labels": ["Café", "Inbox"]}


def test_drafts_spam_and_trash_are_left_out_and_named(tmp_path: Path) -> None:
    text = "\n".join(f"{FROM}\nX-Gmail-Labels: {label},Unread\n{MAIL}" for label in ("Drafts", "Spam", "Trash"))
    assert read_mbox(tmp_path, text) == [
        Skip("mail 1", "is a draft"),
        Skip("mail 2", "is spam"),
        Skip("mail 3", "is in the trash"),
    ]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ("Entwürfe", "is a draft"), ("Brouillons,Ouvert", "is a draft"), ("Borradores", "is a draft"), ("Rascunhos", "is a draft"),
        ("Bozze", "is a draft"), ("下書き", "is a draft"), ("Entwu\u0308rfe", "is a draft"), ("Черновики", "is a draft"),
        ("Wichtig,Papierkorb", "is in the trash"), ("Corbeille", "is in the trash"), ("Papelera", "is in the trash"),
        ("Lixeira", "is in the trash"), ("Bin", "is in the trash"), ("Çöp Kutusu", "is in the trash"), ("垃圾桶", "is in the trash"),
        ("迷惑メール", "is spam"), ("Спам", "is spam"),
    ],
)  # fmt: skip
def test_what_gmail_leaves_out_is_known_in_its_owners_language(tmp_path: Path, labels: str, reason: str) -> None:
    encoded = f"=?UTF-8?B?{b64encode(labels.encode()).decode()}?="
    assert read_mbox(tmp_path, f"{FROM}\nX-Gmail-Labels: {encoded}\n{MAIL}") == [Skip("mail 1", reason)]


def test_a_label_that_only_holds_such_a_word_leaves_nothing_out(tmp_path: Path) -> None:
    assert contents(read_mbox(tmp_path, f"{FROM}\nX-Gmail-Labels: Drafts of the novel,Inbox\n{MAIL}")) == ["Six?"]


def test_a_mail_that_holds_nothing_is_named_and_ends_nothing(tmp_path: Path) -> None:
    items = read_mbox(tmp_path, f"{FROM}\nX: y\n\n\n{FROM}\n{MAIL}")
    assert items[0] == Skip("mail 1", "holds no text")
    assert contents(items) == ["Six?"]


def test_every_byte_counts_as_progress(tmp_path: Path) -> None:
    progress: list[int] = []
    text = f"{FROM}\n{MAIL}\n{FROM}\n{MAIL}"
    read_mbox(tmp_path, text, progress=progress)
    size = MboxImporter().measure(tmp_path / "All mail.mbox")
    assert (sum(progress), size) == (len(text), Size(total=len(text), unit="B"))


def test_no_more_than_a_mail_is_held(tmp_path: Path) -> None:
    path = tmp_path / "big.mbox"
    path.write_text(f"{FROM}\n{MAIL}{'x' * 200_000}\n\n" * 100)
    tracemalloc.start()
    read = sum(1 for _ in MboxImporter().read(path, context=context()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 100
    assert peak < 5_000_000


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 50, b"From \n" * 100, b"\n" * 1_000, b"x" * 200_000])
def test_an_mbox_of_anything_at_all_ends(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    items = list(MboxImporter().read(tmp_path / "a", context=context()))
    assert len(items) <= 1


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImporterError, match="cannot be read"):
        list(MboxImporter().read(tmp_path, context=context()))


def test_mails_of_a_folder_are_read_in_order_and_named_by_their_path(tmp_path: Path) -> None:
    for name in ("b.eml", "a/1.EML", ".hidden/x.eml", "note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(MAIL.replace("Six?", name))
    items = list(EmlImporter().read(tmp_path, context=context()))
    assert [item.where for item in items] == ["b.eml", "a/1.EML"]
    assert contents(items) == ["b.eml", "a/1.EML"]
    assert EmlImporter().measure(tmp_path) == Size(total=2, unit="file")


def test_a_mail_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(MAIL)
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "a.eml").symlink_to(tmp_path / "secret")
    assert list(EmlImporter().read(tmp_path / "mails", context=context())) == [
        Skip("a.eml", "is a link, and links are not followed")
    ]


def test_a_single_mail_keeps_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(MAIL)
    (item,) = EmlImporter().read(tmp_path / "a.eml", context=context())
    assert isinstance(item, Found)
    assert item.draft.metadata == {"path": "a.eml"}
