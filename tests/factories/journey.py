"""The way of memories through all stages, in this process."""

from django.db import connection

from memories.pipeline import advance, list_steps


def run_pipeline() -> None:
    """Carry on whatever is due until nothing is."""
    while sum(advance(step) for step in list_steps()):
        continue


def find_text(text: str) -> list[str]:
    """Names of all tables and materialized views of which any row holds this text in any column, in any case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' UNION SELECT matviewname FROM pg_matviews ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        return [
            name
            for name in tables
            if cursor.execute(f'SELECT 1 FROM "{name}" t WHERE t::text ILIKE %s LIMIT 1', [f"%{text}%"]).fetchone()
        ]
