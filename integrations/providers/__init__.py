"""Arrive: the providers a person can connect."""

from typing import Final

from integrations.providers.base import Provider
from integrations.providers.dropbox import Dropbox
from integrations.providers.gdrive import GoogleDrive
from integrations.providers.gmail import Gmail
from integrations.providers.zoho_mail import ZohoMail

__all__ = ["PROVIDERS"]

PROVIDERS: Final[dict[str, Provider]] = {
    provider.slug: provider for provider in (Gmail(), Dropbox(), GoogleDrive(), ZohoMail())
}
