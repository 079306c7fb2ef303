from django.db import migrations, models

from memories.sql.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside the writers

    dependencies = [("memories", "0004_lanes")]

    operations = [
        migrations.AlterField(
            model_name="memory",
            name="intake",
            field=models.CharField(
                choices=[("live", "Live"), ("backfill", "Backfill")], default="live", max_length=8
            ),
        ),
        BuildIndexConcurrently(
            model_name="memory",
            index=models.Index(
                condition=models.Q(("admitted_at__isnull", False)),
                fields=["user", "admitted_at"],
                name="memory_admitted_of",
            ),
        ),
    ]
