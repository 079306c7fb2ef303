"""Drafts for tests, as an importer or a request would make them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from memories.drafts import MemoryDraft, parse_draft

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_draft(content: str = "Walked along the river.", **said: object) -> MemoryDraft:
    """What `parse_draft` makes of these fields, in Lisbon on 1 March 2026."""
    return parse_draft({"content": content} | said, time_zone=ZoneInfo("Europe/Lisbon"), now=NOW)
