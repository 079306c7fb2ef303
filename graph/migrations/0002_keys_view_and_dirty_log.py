from django.db import migrations

from graph.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [("graph", "0001_initial"), ("memories", "0002_search")]
    operations = [migrations.RunSQL(read_sql(name)) for name in ("keys_v1.sql", "view_v1.sql", "dirty_log_v1.sql", "read_v1.sql", "reasons_v1.sql")]
