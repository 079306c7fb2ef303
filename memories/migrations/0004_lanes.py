"""Lanes in the line of memories: three changes of the catalogue that neither write nor read a row, so their lock is held for an instant.

A PositiveSmallIntegerField would bring a CHECK, for which PostgreSQL reads the whole table under that lock.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('memories', '0003_session'),
    ]

    operations = [
        migrations.AddField(
            model_name='memory',
            name='admitted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='memory',
            name='lane',
            field=models.SmallIntegerField(choices=[(0, 'Live'), (1, 'Bulk'), (2, 'Backfill')], db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='memory',
            name='due_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
        ),
    ]
