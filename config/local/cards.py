"""A card: how somebody made by a command comes in. A file for the owner's eyes alone with address, name, password and token."""

import json
import secrets
from pathlib import Path

from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from config.local.processes import write_closed
from memories.models import User


def write_card(user: User, *, url: str, path: Path) -> None:
    """Write a card that is valid now. What still works of the last one is kept."""
    card = json.loads(path.read_text()) if path.is_file() else {}
    if not user.check_password(card.get("password")):
        card["password"] = secrets.token_urlsafe(12)
        user.set_password(card["password"])
        user.save(update_fields=["password"])
    if not is_valid(card.get("token", "")):
        _, card["token"] = AuthToken.objects.create(user)
    fresh = {"url": url, "username": user.get_username(), "password": card["password"], "token": card["token"]}
    write_closed(path, json.dumps(fresh, indent=1) + "\n")


def is_valid(token: str) -> bool:
    try:
        TokenAuthentication().authenticate_credentials(token.encode())
    except AuthenticationFailed:
        return False
    return True
