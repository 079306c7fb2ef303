"""Indexes of large tables are built beside those who write them: migrations of `atomic = False` alone."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class BuildIndexConcurrently(AddIndexConcurrently):
    """Django's, begun anew where an earlier build was cut short: that leaves an index of this name which no query uses."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
