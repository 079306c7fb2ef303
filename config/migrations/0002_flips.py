"""Who flipped what: triggers on switches, flags, and the people and groups for whom a flag is on."""

from django.db import migrations

from config.sql import read_sql

DROP = """
DROP TRIGGER config_note_switch ON waffle_switch;
DROP TRIGGER config_note_flag ON memories_flag;
DROP TRIGGER config_note_users ON memories_flag_users;
DROP TRIGGER config_note_groups ON memories_flag_groups;
DROP FUNCTION config_note_switch(), config_note_flag(), config_note_chosen(), config_name_flag(bigint), config_switch_words(waffle_switch),
    config_flag_words(memories_flag), config_note_flip(text, text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_installation"),
        ("memories", "0001_initial"),
        ("waffle", "0004_update_everyone_nullbooleanfield"),
    ]

    operations = [migrations.RunSQL(read_sql("flips_v1.sql"), DROP)]
