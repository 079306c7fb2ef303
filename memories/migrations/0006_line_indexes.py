"""The line's indexes know lanes; built beside the writers.

The old one, `memory_due`, stays for the workers of the release before, which run on this schema until they are replaced; the next
release drops it.
"""

from django.db import migrations, models

from memories.sql.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("memories", "0005_backfill"),
    ]

    operations = [
        BuildIndexConcurrently(
            model_name="memory",
            index=models.Index(condition=models.Q(("stage__in", ("enriched", "failed")), _negated=True), fields=["stage", "lane", "due_at"], name="memory_in_line"),
        ),
        BuildIndexConcurrently(
            model_name="memory",
            index=models.Index(condition=models.Q(("due_at__isnull", True)), fields=["user", "-occurred_at", "-id"], name="memory_not_admitted"),
        ),
        BuildIndexConcurrently(
            model_name="memory",
            index=models.Index(condition=models.Q(("admitted_at__isnull", False)), fields=["admitted_at"], name="memory_admitted"),
        ),
    ]
