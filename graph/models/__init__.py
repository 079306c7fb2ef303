"""Rows of the graph: what memories name, what ties them together, and what the nine layers found.

Every table carries `user_id` first in its indexes. Foreign keys between our own tables are (user_id, x_id) to (user_id, id) in
SQL (graph/sql/keys_v1.sql), so no row can join two people; the database cascades, Django does not.
"""

from graph.models.entities import KINDS, Entity, EntityEvent, Leaf, Mention, Series, Sighting, Tie
from graph.models.layers import (
    CausalRelationship,
    CrossPlatformRelationship,
    DuplicateTransaction,
    EventDelta,
    PredictedRelationship,
    PredictionScore,
    RelationshipPattern,
    RootCauseAnalysis,
    SeasonalPattern,
    Signature,
    Statistics,
    Suspicion,
    TemporalPattern,
)
from graph.models.relationships import EnrichedRelationship, Relationship
from graph.models.upkeep import Body, DirtyRow, Layout, MemoryPlace, Refresh, Work

__all__ = [
    "KINDS",
    "Body",
    "CausalRelationship",
    "CrossPlatformRelationship",
    "DirtyRow",
    "DuplicateTransaction",
    "EnrichedRelationship",
    "Entity",
    "EntityEvent",
    "EventDelta",
    "Layout",
    "Leaf",
    "MemoryPlace",
    "Mention",
    "PredictedRelationship",
    "PredictionScore",
    "Refresh",
    "Relationship",
    "RelationshipPattern",
    "RootCauseAnalysis",
    "SeasonalPattern",
    "Series",
    "Sighting",
    "Signature",
    "Statistics",
    "Suspicion",
    "TemporalPattern",
    "Tie",
    "Work",
]
