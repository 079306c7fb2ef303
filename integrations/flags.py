"""Switches of this app: one for all syncs and one a provider."""

from integrations.providers import PROVIDERS
from memories.flags import is_switch_on


def list_running_providers() -> list[str]:
    """The providers that operators let us sync now."""
    if not is_switch_on("sync_providers"):
        return []
    return [slug for slug in PROVIDERS if is_switch_on(f"sync_{slug}")]
