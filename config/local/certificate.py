"""A certificate for this machine's own name, so that staging speaks https as production does. Its authority signs nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from config.local.processes import write_closed

NAMES = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: the authority to trust, the certificate, its key (PKCS#8, as the web server wants it)."""

    authority: Path
    chain: Path
    key: Path

    @classmethod
    def find(cls, folder: Path) -> Self:
        """The folder's, made the first time."""
        found = cls(authority=folder / "authority.pem", chain=folder / "web.pem", key=folder / "web.key")
        if not found.key.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            found.make()
        return found

    def make(self) -> None:
        """Write the three files, the key last and for the owner's eyes alone. The authority's own key is kept nowhere."""
        authority = trustme.CA(organization_name="Life Graph staging")
        leaf = authority.issue_cert(*NAMES)
        authority.cert_pem.write_to_path(str(self.authority))
        self.chain.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
        key = load_pem_private_key(leaf.private_key_pem.bytes(), password=None)
        write_closed(self.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
