from django.db import migrations

from memories.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [("memories", "0001_initial")]
    operations = [
        migrations.RunSQL(
            read_sql("search_v1.sql"),
            "DROP INDEX memory_words; DROP FUNCTION memory_words(text, text); DROP FUNCTION life_unaccent(text);",
        )
    ]
