"""A column that may be NULL: a short lock of the table and no rewriting of it."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = [("memories", "0001_initial")]
    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(
            "ALTER TABLE memories_memory ADD COLUMN drill_note text NULL",
            "ALTER TABLE memories_memory DROP COLUMN drill_note",
        )
    ]
