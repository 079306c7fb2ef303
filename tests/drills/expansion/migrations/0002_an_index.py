"""An index built beside readers and writers, outside a transaction."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar[list[tuple[str, str]]] = [("drill_expansion", "0001_a_column")]
    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY drill_noted ON memories_memory (user_id, drill_note) WHERE drill_note IS NOT NULL",
            "DROP INDEX CONCURRENTLY drill_noted",
        )
    ]
