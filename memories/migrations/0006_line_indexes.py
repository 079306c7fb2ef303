"""The line's indexes know lanes; built beside the writers, the old one dropped only when the new one is there."""

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
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS memory_due", migrations.RunSQL.noop)],
            state_operations=[migrations.RemoveIndex(model_name="memory", name="memory_due")],
        ),
    ]
