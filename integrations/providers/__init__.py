"""Arrive: the providers a person can connect."""

from typing import Final

from integrations.providers.base import Provider

__all__ = ["PROVIDERS"]

PROVIDERS: Final[dict[str, Provider]] = {}
