"""Demo person: external ids in the shapes the four providers hand out."""

import random
from datetime import datetime
from typing import Final

__all__ = ["IdMaker"]

HEX: Final = "0123456789abcdef"
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DRIVE_LENGTH: Final = 33
DROPBOX_LENGTH: Final = 22


class IdMaker:
    """Makes ids that are unique over the whole life."""

    def __init__(self, *, rng: random.Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()

    def external_id(self, source: str, when: datetime) -> str:
        """Make an id as the source would: notes are named by day and number."""
        makers = {
            "note": self._note,
            "gmail": self._gmail,
            "zoho_mail": self._zoho,
            "gdrive": self._drive,
            "dropbox": self._dropbox,
        }
        made = makers[source](when)
        while made in self.taken:
            made = makers[source](when)
        self.taken.add(made)
        return made

    def message_id(self, domain: str) -> str:
        """Make a Message-ID (RFC 5322, 3.6.4)."""
        return f"<{self._letters(HEX, 20)}@{domain}>"

    def _note(self, when: datetime) -> str:
        """Number the notes of a day; asked again, take the next number."""
        number = 1
        while f"note-{when:%Y-%m-%d}-{number}" in self.taken:
            number += 1
        return f"note-{when:%Y-%m-%d}-{number}"

    def _gmail(self, when: datetime) -> str:
        """Gmail ids are 64-bit numbers that grow with time, in hex."""
        stamp = int(when.timestamp() * 1000) << 20
        return f"{stamp + self.rng.randrange(1 << 20):016x}"

    def _zoho(self, when: datetime) -> str:
        stamp = int(when.timestamp() * 1000)
        return f"{stamp}{self.rng.randrange(10**6):06d}"

    def _drive(self, _when: datetime) -> str:
        return "1" + self._letters(ALPHABET, DRIVE_LENGTH - 1)

    def _dropbox(self, _when: datetime) -> str:
        return "id:" + self._letters(ALPHABET, DROPBOX_LENGTH)

    def _letters(self, alphabet: str, length: int) -> str:
        return "".join(self.rng.choice(alphabet) for _ in range(length))
