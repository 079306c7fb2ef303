"""Related: what the graph knows of a person's names goes down to extraction, so that the next text is read better."""

from django.db import connection

from memories.extraction.familiar import SeenName
from memories.services.names import learn_familiar_names

SEEN = """
SELECT l.key, mode() WITHIN GROUP (ORDER BY m.text), l.kind, count(DISTINCT m.memory_id)
FROM normalized_entities l JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
WHERE l.user_id = %s AND l.kind <> 'topic'
GROUP BY l.id ORDER BY l.id
"""


def hand_down_names(*, user_id: int) -> None:
    """Count how often each leaf is named and let extraction keep what is familiar."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [user_id])
        seen = [SeenName(key=key, name=name, kind=kind, memories=count) for key, name, kind, count in cursor.fetchall()]
    learn_familiar_names(user_id=user_id, seen=seen)
