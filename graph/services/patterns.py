"""Enriched: patterns stand by their entities' ids and are named as those are called today."""

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any

from graph.enrichment import Finding
from graph.enrichment.pattern import entities_of, render_name
from graph.models import Entity, RelationshipPattern
from graph.services.findings import make_row, replace_rows


def write_patterns(*, user_id: int, findings: Sequence[Finding]) -> None:
    """Layer 4: the person's patterns become these."""
    rows = {}
    for finding in findings:
        columns = make_row(finding, model=RelationshipPattern)
        kind = columns.pop("kind")
        digest = hashlib.sha256(json.dumps(columns["definition"]).encode()).hexdigest()
        rows[kind, digest] = columns | {"pattern_name": ""}
    names = _read_entities(user_id, {entity for row in rows.values() for entity in entities_of(row["definition"])})
    for (kind, _), columns in rows.items():
        columns["pattern_name"] = _name(kind, columns["definition"], columns["evidence"], entities=names)
    kept = RelationshipPattern.objects.filter(user_id=user_id)
    replace_rows(kept, key=("kind", "definition_hash"), rows=rows, user_id=user_id, exact=True)


def rename_patterns(*, user_id: int, entity_ids: Collection[int]) -> None:
    """After entities were renamed, hidden or lost their last memory: patterns say today's names, or go with what they name."""
    if not entity_ids:
        return
    rows = [
        row
        for row in RelationshipPattern.objects.filter(user_id=user_id)
        if not set(entity_ids).isdisjoint(entities_of(row.definition))
    ]
    known = _read_entities(user_id, {entity for row in rows for entity in entities_of(row.definition)})
    for row in rows:
        if any(entity not in known for entity in entities_of(row.definition)):
            row.delete()
            continue
        name = _name(row.kind, row.definition, row.evidence, entities=known)
        if name != row.pattern_name:
            RelationshipPattern.objects.filter(pk=row.pk).update(pattern_name=name)


def _read_entities(user_id: int, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Entity.objects.filter(user_id=user_id, pk__in=ids, hidden=False)
    return {pk: (name, kind) for pk, name, kind in rows.values_list("pk", "name", "kind")}


def _name(kind: str, definition: Sequence[str], evidence: Any, *, entities: dict[int, tuple[str, str]]) -> str:
    names = {pk: name for pk, (name, _) in entities.items()}
    kinds = {pk: kind for pk, (_, kind) in entities.items()}
    name = render_name(definition, names, kinds=kinds, days=evidence.get("days"), ordered=kind == "sequence")
    return name[:255]
