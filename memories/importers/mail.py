"""Arrive: mails in an mbox file (a mail program's folder, a Google Takeout) or as .eml files, one or a folder of them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from unicodedata import normalize

from memories.content import ContentError
from memories.content.headers import Head, read_header
from memories.content.mime import MAX_RAW, draft_mail, read_head
from memories.drafts import DraftError
from memories.importers.base import Found, ImportContext, ImporterError, Size, Skip

PIECE: Final = 64 * 1024  # bytes; a longer line is read in pieces
_FROM_LINE: Final = re.compile(rb"From \S*.*\d\d:\d\d")
_HEADER: Final = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_QUOTED_FROM: Final = re.compile(rb">+From ")
# A Takeout names what Gmail leaves out of all mail in the language of its owner, and nothing else in it tells; a sync leaves it
# out too. The names are those of Gmail's folders over IMAP, as mail programs' tables list them: English, German, French,
# Spanish, Portuguese, Italian, Dutch, Polish, Czech, Danish, Norwegian, Swedish, Finnish, Russian, Ukrainian, Turkish,
# Japanese, Korean, Chinese.
_DRAFTS: Final = (
    "drafts", "entwürfe", "brouillons", "borradores", "rascunhos", "bozze", "concepten", "wersje robocze", "koncepty", "kladder",
    "utkast", "luonnokset", "черновики", "чернетки", "taslaklar", "下書き", "임시보관함", "草稿",
)  # fmt: skip
_SPAM: Final = ("spam", "søppelpost", "roskaposti", "спам", "迷惑メール", "스팸함", "스팸", "垃圾邮件", "垃圾郵件")
_TRASH: Final = (
    "trash", "bin", "papierkorb", "corbeille", "papelera", "lixeira", "lixo", "cestino", "prullenbak", "kosz", "koš", "papirkurv",
    "papperskorgen", "roskakori", "корзина", "кошик", "çöp kutusu", "ゴミ箱", "휴지통", "已删除邮件", "垃圾桶",
)  # fmt: skip
_LEFT_OUT: Final = (
    dict.fromkeys(_DRAFTS, "is a draft") | dict.fromkeys(_SPAM, "is spam") | dict.fromkeys(_TRASH, "is in the trash")
)


class MboxImporter:
    """Reads an mbox file as a stream: no more than one mail is held at a time."""

    name: Final = "mbox"

    def can_read(self, path: Path) -> bool:
        if not path.is_file() or path.suffix.lower() == ".mbox":
            return path.is_file()
        try:
            with path.open("rb") as file:
                return _FROM_LINE.match(file.readline(PIECE)) is not None
        except OSError:
            return False

    def measure(self, path: Path) -> Size:
        return Size(total=path.stat().st_size, unit="B")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Skip]:
        try:
            with path.open("rb") as file:
                for number, mail in enumerate(_mails(file), 1):
                    yield _read_mail(bytes(mail.raw), where=f"mail {number}", context=context, metadata={})
                    context.advance(mail.size)
        except OSError as error:
            raise ImporterError(f"{path} cannot be read: {error.strerror}") from error


class EmlImporter:
    """Reads one mail, or every mail below a folder, sorted; hidden folders are passed over."""

    name: Final = "eml"

    def can_read(self, path: Path) -> bool:
        if path.is_dir():
            return any(isinstance(found, Path) for found in _files(path))
        return path.suffix.lower() == ".eml"

    def measure(self, path: Path) -> Size:
        return Size(total=sum(1 for _ in _files(path)), unit="file")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Skip]:
        for found in _files(path):
            yield found if isinstance(found, Skip) else _read_file(found, root=path, context=context)
            context.advance(1)


@dataclass(slots=True)
class _Mail:
    """A mail of an mbox: its first `MAX_RAW` bytes, and how many it has with the line above it."""

    size: int = 0
    raw: bytearray = field(default_factory=bytearray)

    def add(self, line: bytes, *, is_whole: bool) -> None:
        self.size += len(line)
        if len(self.raw) < MAX_RAW:
            is_quoted = is_whole and line.startswith(b">") and _QUOTED_FROM.match(line)
            self.raw += line[1:] if is_quoted else line


def _mails(file: BinaryIO) -> Iterator[_Mail]:
    """Part the file where, after a blank line, a "From " line stands above a header."""
    mail, after_blank, starts_line = _Mail(), True, True
    line = file.readline(PIECE)
    while line:
        following = file.readline(PIECE)
        if after_blank and starts_line and _FROM_LINE.match(line) and _HEADER.match(following):
            if mail.size:
                yield mail
            mail = _Mail(size=len(line))
        else:
            mail.add(line, is_whole=starts_line)
        after_blank = starts_line and line in (b"\n", b"\r\n")
        starts_line = line.endswith(b"\n")
        line = following
    if mail.size:
        yield mail


def _files(root: Path) -> Iterator[Path | Skip]:
    """The mails below a folder, and what cannot be listed."""
    if not root.is_dir():
        yield root
        return
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unlisted.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if name.lower().endswith(".eml") and name[0] != ".")
    for error in unlisted:
        yield Skip(_name(Path(error.filename), root=root), "is a folder that cannot be listed")


def _name(path: Path, *, root: Path) -> str:
    relative = path.relative_to(root if root.is_dir() else root.parent)
    return os.fsencode(relative.as_posix()).decode(errors="replace")


def _read_file(path: Path, *, root: Path, context: ImportContext) -> Found | Skip:
    where = _name(path, root=root)
    if path != root and path.is_symlink():
        return Skip(where, "is a link, and links are not followed")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_RAW)
    except OSError as error:
        return Skip(where, f"cannot be read: {error.strerror}")
    return _read_mail(raw, where=where, context=context, metadata={"path": where})


def _read_mail(raw: bytes, *, where: str, context: ImportContext, metadata: dict[str, object]) -> Found | Skip:
    head = read_head(raw)
    labels = [label.strip() for label in read_header(head, "x-gmail-labels").split(",") if label.strip()]
    left_out = next((_LEFT_OUT[name] for name in map(_label_name, labels) if name in _LEFT_OUT), None)
    if left_out:
        return Skip(where, left_out)
    try:
        draft = draft_mail(
            raw,
            source=context.source,
            account="",
            external_id="",
            thread_id=_thread(head),
            received_at=None,
            metadata=metadata | ({"labels": labels} if labels else {}),
            time_zone=context.time_zone,
            now=context.now,
        )
    except (ContentError, DraftError) as error:
        return Skip(where, str(error))
    return Found(where, draft)


def _label_name(label: str) -> str:
    return normalize("NFC", label).lower()


def _thread(head: Head) -> str:
    """Gmail's thread, written as its API does: in hexadecimal."""
    number = read_header(head, "x-gm-thrid")
    return f"{int(number):x}" if re.fullmatch(r"[0-9]{1,20}", number) else ""
