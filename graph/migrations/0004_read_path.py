"""The read path: one log for overlay, versions and changes; kept bodies in compressed shapes; layouts of both views."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

import graph.models.base
from graph.sql import read_sql

DROP = """
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT tgname, tgrelid::regclass AS on_table FROM pg_trigger WHERE tgname LIKE 'dirty\\_%' LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', old.tgname, old.on_table);
    END LOOP;
END
$$;
DROP FUNCTION log_dirty_relationships(), log_dirty_findings(), log_dirty_choosers(), log_dirty_people(), log_dirty_everybody(),
    log_dirty_memory(), graph_version(bigint, text), read_graph_of_entities, read_graph_of_memories;
"""
owner = models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)
implied = models.ForeignKey(
    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
)
# Rows whose key of two columns says already whose they are: the second look was a fifth of writing them.
TWICE_KEYED = ("entity", "mention", "sighting", "tie", "series", "relationship", "signature")


class Migration(migrations.Migration):

    dependencies = [
        ("graph", "0003_nine_layers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(DROP),
        migrations.DeleteModel("Epoch"),
        migrations.DeleteModel("Body"),
        migrations.RemoveIndex("dirtyrow", "dirty_of_user"),
        # What the view had not taken in is live for everybody until its next refresh, and no version of before holds: nobody needs the rows.
        migrations.RunSQL("TRUNCATE graph_dirty_log"),
        migrations.AddField("dirtyrow", "view", models.CharField(max_length=8)),
        migrations.AddField("dirtyrow", "source_id", models.BigIntegerField(null=True)),
        migrations.AddField("dirtyrow", "target_id", models.BigIntegerField(null=True)),
        migrations.AddField("dirtyrow", "xid", graph.models.base.TransactionId(db_default=models.Func(function="pg_current_xact_id"))),
        migrations.AddField("dirtyrow", "at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        migrations.AddIndex("dirtyrow", models.Index(fields=["user_id", "view", "xid"], name="dirty_since")),
        migrations.AddIndex("dirtyrow", BrinIndex(autosummarize=True, fields=["at"], name="dirty_at")),
        migrations.AddField("refresh", "snapshot", models.TextField(default="")),
        migrations.AddField("refresh", "home", models.CharField(default="", max_length=16)),
        migrations.AddField(
            "entity",
            "shown",
            models.GeneratedField(
                db_persist=True,
                expression=models.Q(
                    ("hidden", False), models.Q(("memories__gte", 3), models.Q(("memories__gte", 1), models.Q(("kind", "topic"), _negated=True)), _connector="OR")
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.CreateModel(
            name="Body",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shape", models.CharField(max_length=80)),
                ("version", models.TextField()),
                ("packed", models.BinaryField()),
                ("user", owner.clone()),
            ],
            options={
                "db_table": "graph_bodies",
                "verbose_name_plural": "bodies",
                "constraints": [models.UniqueConstraint(fields=("user", "shape"), name="body_of_shape")],
            },
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("view", models.CharField(max_length=8)),
                ("components", models.PositiveIntegerField()),
                ("largest", models.PositiveIntegerField()),
                ("communities", models.PositiveIntegerField()),
                ("computed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("user", owner.clone()),
            ],
            options={
                "db_table": "graph_layouts",
                "constraints": [models.UniqueConstraint(fields=("user", "view"), name="layout_of_view")],
            },
        ),
        migrations.CreateModel(
            name="MemoryPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("importance", models.FloatField()),
                ("community", models.IntegerField()),
                ("x", models.FloatField()),
                ("y", models.FloatField()),
                ("user", implied.clone()),
                (
                    "memory",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="memories.memory"
                    ),
                ),
            ],
            options={
                "db_table": "graph_memory_places",
                "constraints": [models.UniqueConstraint(fields=("user", "memory"), name="place_of_memory")],
            },
        ),
        *(migrations.AlterField(name, "user", implied.clone()) for name in TWICE_KEYED),
        *(migrations.RunSQL(read_sql(name)) for name in ("version_v1.sql", "dirty_log_v2.sql", "read_v2.sql", "changes_v1.sql")),
        # Whoever has a graph already gets the places and counts that came with this by their next layout.
        migrations.RunSQL(
            "INSERT INTO graph_work (user_id, kind, slot, attempts, asked_at, due_at)"
            " SELECT DISTINCT user_id, 'layout', '', 0, now(), now() FROM graph_entities ON CONFLICT DO NOTHING"
        ),
    ]
