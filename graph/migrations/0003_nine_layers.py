import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from graph.sql import read_sql


class Migration(migrations.Migration):

    dependencies = [
        ('graph', '0002_keys_view_and_dirty_log'),
        ('memories', '0003_session'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PredictionScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('horizon', models.SmallIntegerField()),
                ('made_on', models.DateField()),
                ('due_on', models.DateField()),
                ('confidence', models.FloatField()),
                ('outcome', models.CharField(max_length=6, null=True)),
            ],
            options={
                'db_table': 'graph_prediction_scores',
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occurred_on', models.DateField()),
            ],
            options={
                'db_table': 'graph_sightings',
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.BigIntegerField()),
            ],
            options={
                'db_table': 'graph_signatures',
            },
        ),
        migrations.CreateModel(
            name='Statistics',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('as_of', models.DateField()),
                ('memories', models.PositiveIntegerField()),
                ('sketch', models.BinaryField(default=b'')),
                ('hazard', models.JSONField(null=True)),
                ('rules', models.JSONField(default=list)),
                ('outdated', models.BooleanField(default=False)),
                ('passed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'statistics',
                'db_table': 'graph_statistics',
            },
        ),
        migrations.CreateModel(
            name='Suspicion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('memory_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('evidence', models.JSONField(default=dict)),
                ('found_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'graph_suspicions',
            },
        ),
        migrations.AddField(
            model_name='eventdelta',
            name='row_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='series',
            name='occurrences',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        migrations.AlterField(
            model_name='eventdelta',
            name='relationship_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='eventdelta',
            name='user',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='eventdelta',
            index=models.Index(fields=['user', 'layer', 'row_id', 'id'], name='delta_of_row'),
        ),
        migrations.AddField(
            model_name='predictionscore',
            name='series',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='graph.series'),
        ),
        migrations.AddField(
            model_name='predictionscore',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sighting',
            name='entity',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='graph.leaf'),
        ),
        migrations.AddField(
            model_name='sighting',
            name='memory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='memories.memory'),
        ),
        migrations.AddField(
            model_name='sighting',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signature',
            name='memory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='memories.memory'),
        ),
        migrations.AddField(
            model_name='signature',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspicion',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='predictionscore',
            index=models.Index(condition=models.Q(('outcome__isnull', True)), fields=['user', 'due_on'], name='score_due'),
        ),
        migrations.AddConstraint(
            model_name='predictionscore',
            constraint=models.UniqueConstraint(fields=('user', 'series', 'kind', 'horizon', 'made_on'), name='score_key'),
        ),
        migrations.AddConstraint(
            model_name='predictionscore',
            constraint=models.UniqueConstraint(fields=('user', 'id'), name='score_of_user'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(fields=['user', 'memory'], name='sighting_memory'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(fields=['user', 'entity', 'occurred_on'], name='sighting_entity'),
        ),
        migrations.AddIndex(
            model_name='signature',
            index=models.Index(fields=['user', 'hash'], name='signature_hash'),
        ),
        migrations.AddIndex(
            model_name='signature',
            index=models.Index(fields=['user', 'memory'], name='signature_memory'),
        ),
        migrations.AddConstraint(
            model_name='suspicion',
            constraint=models.UniqueConstraint(fields=('user', 'kind', 'memory_ids'), name='suspicion_key'),
        ),
        migrations.AddConstraint(
            model_name='suspicion',
            constraint=models.UniqueConstraint(fields=('user', 'id'), name='suspicion_of_user'),
        ),
        migrations.RunSQL(
            "UPDATE event_delta_logs SET before = CASE WHEN before IS NOT NULL THEN jsonb_build_object('confidence_score', before) END,"
            " after = CASE WHEN after IS NOT NULL THEN jsonb_build_object('confidence_score', after) END"
        ),
        migrations.RunSQL(read_sql("keys_v2.sql")),
        migrations.RunSQL(read_sql("deltas_v1.sql")),
    ]
