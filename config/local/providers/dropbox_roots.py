"""Stand-in: what Dropbox's paths are relative to (https://www.dropbox.com/developers/reference/path-root-header-modes).

An account whose domain begins with "team." belongs to a team with a team space: all its paths are those of the space, and the member's own
folder lies in it under the member's name. Unlike with the real one they are told so even where the own folder is the root.
"""

import json
from typing import Any, Final

from config.local.providers.drive_fields import make_name
from config.local.providers.world import Account

HOME: Final = "3235641"
SPACE: Final = "7001"


class RootError(Exception):
    """The root is not the person's (422)."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error[".tag"])
        self.told = {"error_summary": f"{error['.tag']}/...", "error": error}


def tell_root(account: Account) -> dict[str, str]:
    """`root_info` of an account."""
    if not _is_member(account):
        return {".tag": "user", "root_namespace_id": HOME, "home_namespace_id": HOME}
    return {".tag": "team", "root_namespace_id": SPACE, "home_namespace_id": HOME, "home_path": _name_home(account)}


def find_top(account: Account, header: str) -> str:
    """The folder that `Dropbox-API-Path-Root` makes the root, '' for all there is.

    Raises:
        RootError: it is not this person's.
        ValueError: it is none of the three modes.
    """
    told = json.loads(header) if header else {".tag": "home"}
    mode = told.get(".tag") if isinstance(told, dict) else None
    if mode not in ("home", "root", "namespace_id"):
        raise ValueError("no mode")
    info = tell_root(account)
    root, home = info["root_namespace_id"], info["home_namespace_id"]
    if mode == "root" and told.get("root") != root:
        raise RootError({".tag": "invalid_root", "invalid_root": info})
    if mode == "namespace_id" and told.get("namespace_id") not in (root, home):
        raise RootError({".tag": "no_permission"})
    return "" if told.get(mode) == root or not _is_member(account) else _name_home(account)


def _is_member(account: Account) -> bool:
    return account.address.partition("@")[2].startswith("team.")


def _name_home(account: Account) -> str:
    return f"/{make_name(account.address)}"
